#pragma once
// Why a GPU's clocks are held down, and what each cause means for what is timed meanwhile.

#include <array>
#include <cstdint>

#include "harness/base/fact.h"

namespace kernelgate {

/// In the order of the table.
enum class Throttle {
  power_cap,
  sync_boost,
  board_limit,
  reliability,
  software_thermal,
  hardware_thermal,
  power_brake
};

struct ThrottleCause {
  const char* key;   ///< in documents
  const char* text;  ///< for a person
  unsigned field;    ///< NVML's counter of nanoseconds
  bool invalidates;  ///< what was timed meanwhile can't be used
};

/// Source  nvml.h, fields 74, 76, 77, 79, 269, 270, 271.
inline constexpr std::array<ThrottleCause, 7> throttle_causes{{
    {"power_cap", "power cap", 74, false},
    {"sync_boost", "sync boost", 76, true},
    {"board_limit", "board limit", 77, false},
    {"reliability", "reliability limit", 79, false},
    {"software_thermal", "thermal slowdown", 269, true},
    {"hardware_thermal", "hardware thermal slowdown", 270, true},
    {"power_brake", "external power brake", 271, true},
}};

/// How long each cause has held the clocks down. Units  seconds.
using ThrottleSeconds = std::array<Fact<double>, throttle_causes.size()>;

/// What was added between two readings; missing where either is.
ThrottleSeconds throttled_between(const ThrottleSeconds& before, const ThrottleSeconds& after);

}  // namespace kernelgate
