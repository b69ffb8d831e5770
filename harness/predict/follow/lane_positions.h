#pragma once
// At which instruction each lane of a warp is.

#include <array>
#include <bit>
#include <cstdint>

#include "harness/predict/follow/lanes.h"

namespace kernelgate::predict {

class LanePositions {
 public:
  void move(std::uint32_t lanes, std::uint32_t to) {
    if (lanes != together_) {
      for (std::uint32_t left = together_; left != 0; left &= left - 1) at_[first_of(left)] = together_at_;
      together_ = lanes;
    }
    together_at_ = to;
  }

  /// Those of `lanes` that are furthest behind, and where; ~0u of no lanes.
  std::uint32_t furthest_behind(std::uint32_t lanes, std::uint32_t& at) const {
    if (lanes != 0 && (lanes & ~together_) == 0) {
      at = together_at_;
      return lanes;
    }
    std::uint32_t group = 0;
    at = ~0u;
    for (std::uint32_t left = lanes; left != 0; left &= left - 1) {
      const unsigned lane = first_of(left);
      const std::uint32_t here = (together_ >> lane & 1) != 0 ? together_at_ : at_[lane];
      if (here > at) continue;
      if (here < at) group = 0;
      at = here;
      group |= 1u << lane;
    }
    return group;
  }

 private:
  static unsigned first_of(std::uint32_t lanes) { return static_cast<unsigned>(std::countr_zero(lanes)); }

  // Lanes that moved last, and so nearly always all: a kernel is followed for millions of instructions.
  std::uint32_t together_ = all_lanes, together_at_ = 0;
  std::array<std::uint32_t, warp_lanes> at_{};  ///< of the others
};

}  // namespace kernelgate::predict
