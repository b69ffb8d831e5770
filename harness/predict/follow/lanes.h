#pragma once
// A register of a warp: a value for each lane, and which of them are not known.

#include <array>
#include <cstdint>

namespace kernelgate::predict {

inline constexpr unsigned warp_lanes = 32;
inline constexpr std::uint32_t all_lanes = ~0u;

/// What came from memory, or from arithmetic that is not followed, is unknown, and so is all that is computed of it.
struct Lanes {
  std::array<std::uint32_t, warp_lanes> value{};
  std::uint32_t unknown = 0;

  static Lanes of(std::uint32_t one) {
    Lanes lanes;
    lanes.value.fill(one);
    return lanes;
  }
  static Lanes nothing_known() {
    Lanes lanes;
    lanes.unknown = all_lanes;
    return lanes;
  }
};

/// A bit for each lane.
struct PredicateLanes {
  std::uint32_t value = 0, unknown = 0;
};

}  // namespace kernelgate::predict
