#pragma once
// What identifies an environment, for results: which may be compared, and what differs.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/machine/facts.h"

namespace kernelgate {

/// Three objects. `identity` must match for two results to be comparable; `covariates` may explain a
/// difference; `informational` is for people. `kind` is "cuda" (the GPU that CUDA calls `ordinal`) or "cpu".
/// A missing fact is {"value": null, "reason": "..."}.
///
/// Units  bytes, hertz, watts, degrees Celsius.
nlohmann::json fingerprint(const Environment& environment, std::string_view kind, int ordinal = 0);

/// The device as a folder's name: "nvidia_h200", "cpu_amd_epyc_9654_96_core"; lower-case letters, digits, _.
std::string device_key(const Environment& environment, std::string_view kind, int ordinal = 0);

/// Each field of `identity` that differs, as "driver: 580.65.06 -> 595.71.05"; empty: comparable. Two facts
/// that are both missing do not differ.
std::vector<std::string> identity_differences(const nlohmann::json& base, const nlohmann::json& fresh);

}  // namespace kernelgate
