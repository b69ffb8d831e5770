#pragma once
// Which file a device's baseline of an op is in, where several devices of one model share a folder.

#include <filesystem>
#include <string>
#include <vector>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// What identifies one device among its model's, of a fingerprint: the GPU's UUID; empty where there is none.
std::string device_identity(const nlohmann::json& fingerprint);

/// <op>.json, of the first device of its model; <op>.<UUID>.json of each other one.
std::filesystem::path baseline_path(const std::filesystem::path& folder, const std::string& device,
                                    const nlohmann::json& fingerprint, const std::string& op);

/// The baselines of the device that `fingerprint` is of, sorted by op. Of an op that it has none of, another device's
/// of its model, so that what differs can be named; a note says so. Errors  as read_baseline.
std::vector<Baseline> read_own_baselines(const std::filesystem::path& folder, const std::string& device,
                                         const nlohmann::json& fingerprint);

}  // namespace kernelgate
