#include "harness/judge/compare/comparability.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/error.h"
#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

using nlohmann::json;

json identity_of(const Side& side) {
  const json identity = side.fingerprint.is_object() ? side.fingerprint.value("identity", json()) : json();
  return identity.is_object() ? identity : json::object();
}

/// Clocks of the moment differ by less from one minute to the next.
constexpr double clock_jitter = 0.02;

json fact_of(const Side& side, const char* part, const char* name) {
  const json facts = side.fingerprint.is_object() ? side.fingerprint.value(part, json()) : json();
  const json fact = facts.is_object() ? facts.value(name, json()) : json();
  return fact.is_object() ? json() : fact;  // not recorded
}

}  // namespace

std::vector<std::string> other_differences(const Side& base, const Side& fresh) {
  if (base.source == "kernelgate" || base.source != fresh.source) return {};
  std::vector<std::string> found;
  const json host = fact_of(base, "informational", "host_name"),
             new_host = fact_of(fresh, "informational", "host_name");
  if (host.is_string() && new_host.is_string() && host != new_host)
    found.push_back(fmt::format("host: {} -> {}; two machines of one kind are not one machine", host.get<std::string>(),
                                new_host.get<std::string>()));
  const json clock = fact_of(base, "covariates", "mhz_per_cpu"),
             new_clock = fact_of(fresh, "covariates", "mhz_per_cpu");
  if (clock.is_number() && new_clock.is_number() && clock.get<double>() > 0 &&
      std::fabs(new_clock.get<double>() / clock.get<double>() - 1) > clock_jitter)
    found.push_back(
        fmt::format("clock: {} -> {} MHz, as the system gave it when each began", clock.dump(), new_clock.dump()));
  return found;
}

bool covers_field(const std::string& name, const std::string& field) {
  // The driver brings its own CUDA version: whoever varies the one varies the other.
  if (name == "driver" && field == "cuda_driver_api") return true;
  return field == name || field.starts_with(name + "_");
}

Comparability comparability(const Side& base, const Side& fresh, const std::vector<std::string>& vary) {
  if (base.source != fresh.source)
    throw HarnessError(ExitCode::refused,
                       fmt::format("not comparable: the base is {}'s and the new side {}'s, which do not time the same "
                                   "thing; compare two files of one tool",
                                   base.source, fresh.source));
  Comparability result;
  // A CPU's result never meets a GPU's, whatever is declared.
  if (base.device_kind != fresh.device_kind)
    result.undeclared.push_back(fmt::format("device_kind: {} -> {}", base.device_kind, fresh.device_kind));

  std::set<std::string> fields;
  for (const Side* side : {&base, &fresh}) {
    const json identity = identity_of(*side);
    for (const auto& [field, value] : identity.items()) fields.insert(field);
  }
  for (const std::string& name : vary)
    if (std::ranges::none_of(fields, [&](const std::string& field) { return covers_field(name, field); }))
      throw HarnessError(ExitCode::usage,
                         fmt::format("--vary {}: no such field; there are {}", name, fmt::join(fields, ", ")));

  for (std::string& text : identity_differences(base.fingerprint, fresh.fingerprint)) {
    const std::string field = text.substr(0, text.find(':'));
    const bool allowed = std::ranges::any_of(vary, [&](const std::string& name) { return covers_field(name, field); });
    (allowed ? result.declared : result.undeclared).push_back(std::move(text));
  }
  return result;
}

}  // namespace kernelgate
