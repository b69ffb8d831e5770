#pragma once
// What else than the driver differs between the boots of a driver upgrade. A reboot resets most of what `nvidia-smi`
// sets, and what that costs is no driver's doing: so it is found first, and said with its remedy.

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/result/result.h"

namespace kernelgate {

/// One result and what it is called: "after, boot 2".
struct NamedBoot {
  std::string name;
  const Result* result = nullptr;
};

struct SettingDifference {
  std::string field;  ///< "persistence", "power_limit_w", "build"
  std::string boot;   ///< where it differs
  std::string was, is;
  std::string remedy;  ///< a command, or what to do; one line
};

struct Settings {
  std::vector<SettingDifference> differences;
  std::vector<std::string> unknown;  ///< what can't be compared, and why; one line each
};

/// Every boot against the first. `vary`: fields that may differ, as --vary names them; the driver, and what comes with
/// it, always may.
Settings compare_settings(std::span<const NamedBoot> boots, const std::vector<std::string>& vary);

/// "580.65.06"; empty: the result does not say.
std::string driver_of(const Result& result);

/// "persistence is false in after, boot 1, and was true".
std::string to_text(const SettingDifference& difference);

}  // namespace kernelgate
