// Two environments side by side.
#include "harness/check/check_diff.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

using nlohmann::json;

// What an upgrade of the driver changes by itself, as facts of the identity.
constexpr std::array<const char*, 2> of_the_driver = {"driver", "cuda_driver_api"};

std::string uuid_of(const json& print) {
  const json& identity = print.contains("identity") ? print.at("identity") : print;
  return identity.is_object() && identity.contains("gpu_uuid") && identity["gpu_uuid"].is_string()
             ? identity["gpu_uuid"].get<std::string>()
             : "";
}

/// The one of `all` with the UUID of `wanted`, else the one at the same place; null: neither.
const json* partner(const json& wanted, std::size_t place, const std::vector<json>& all) {
  const std::string uuid = uuid_of(wanted);
  const auto same =
      std::ranges::find_if(all, [&](const json& print) { return !uuid.empty() && uuid_of(print) == uuid; });
  if (same != all.end()) return &*same;
  return place < all.size() ? &all[place] : nullptr;
}

bool is_of_driver(const std::string& difference) {
  return std::ranges::any_of(of_the_driver,
                             [&](const char* key) { return difference.starts_with(std::string(key) + ":"); });
}

std::vector<std::string> covariate_differences(const json& before, const json& after) {
  const auto renamed = [](const json& print) {
    return json{{"identity", print.contains("covariates") ? print.at("covariates") : json::object()}};
  };
  if (!before.contains("covariates") && !after.contains("covariates")) return {};
  return identity_differences(renamed(before), renamed(after));
}

}  // namespace

std::string EnvironmentDiff::verdict() const {
  switch (sameness) {
    case Sameness::same:
      return "THE SAME: results of the two can be compared";
    case Sameness::driver_only:
      return "THE SAME BUT FOR THE DRIVER: compare with --vary driver";
    case Sameness::different:
      break;
  }
  return "NOT COMPARABLE: more than the driver differs";
}

std::vector<json> fingerprints_of(const json& document, const std::string& name) {
  std::vector<json> found;
  if (document.is_object() && document.value("kind", json()) == "kernelgate.check" &&
      document.contains("fingerprints") && document["fingerprints"].is_array()) {
    found = document["fingerprints"].get<std::vector<json>>();
  } else if (document.is_object() && document.contains("kernelgate") && document["kernelgate"].is_object() &&
             document["kernelgate"].contains("fingerprint")) {
    found = {document["kernelgate"]["fingerprint"]};
  }
  const bool whole = !found.empty() && std::ranges::all_of(found, [](const json& print) {
    return print.is_object() && print.contains("identity") && print["identity"].is_object();
  });
  if (!whole) {
    throw HarnessError(ExitCode::usage, name +
                                            ": no fingerprint in it; write one with: kernelgate check --json, or use "
                                            "a result of kernelgate run");
  }
  return found;
}

EnvironmentDiff diff_environments(const std::vector<json>& before, const std::vector<json>& after) {
  EnvironmentDiff diff;
  const bool several = std::max(before.size(), after.size()) > 1;
  const std::size_t compared = std::min(before.size(), after.size());
  // A result holds the one GPU that it measured: it may be any of a machine's.
  if (before.size() != after.size() && compared != 1) {
    diff.identity.push_back(fmt::format("GPUs: {} -> {}", before.size(), after.size()));
  }
  const std::vector<json>& fewer = before.size() <= after.size() ? before : after;
  const std::vector<json>& more = before.size() <= after.size() ? after : before;
  for (std::size_t i = 0; i < fewer.size(); ++i) {
    const json* other = partner(fewer[i], i, more);
    if (!other) continue;
    const json& a = &fewer == &before ? fewer[i] : *other;
    const json& b = &fewer == &before ? *other : fewer[i];
    const std::string prefix = several ? fmt::format("GPU {}: ", i) : "";
    for (const std::string& line : identity_differences(a, b)) {
      diff.identity.push_back(prefix + line);
      if (!is_of_driver(line)) diff.sameness = Sameness::different;
    }
    for (const std::string& line : covariate_differences(a, b)) diff.covariates.push_back(prefix + line);
  }
  if (before.size() != after.size() && compared != 1) diff.sameness = Sameness::different;
  if (diff.sameness == Sameness::same && !diff.identity.empty()) diff.sameness = Sameness::driver_only;
  return diff;
}

json to_json(const EnvironmentDiff& diff) {
  static const char* names[] = {"same", "driver_only", "different"};
  return {{"schema_version", 1},
          {"kind", "kernelgate.check_diff"},
          {"verdict", names[static_cast<int>(diff.sameness)]},
          {"identity", diff.identity},
          {"covariates", diff.covariates}};
}

}  // namespace kernelgate
