#include "harness/judge/compare/comparability.h"

#include <algorithm>
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

}  // namespace

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
