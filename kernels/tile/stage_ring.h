#pragma once
// A place in the ring of stages between global memory and the Tensor Cores.

#include <cstdint>

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Which stage is next, and how often the ring has been gone round: its parity is what a wait for the stage's mbarrier
/// takes. A ring of cp.async groups has no use for the phase, and the compiler leaves it out.
template <int NUM_STAGES>
struct StageRing {
  int stage = 0;
  std::uint32_t phase = 0;

  /// The stage in front of this one: the last of the ring to be filled again.
  SIMT_HOST_DEVICE constexpr int before() const { return (stage == 0 ? NUM_STAGES : stage) - 1; }

  SIMT_HOST_DEVICE constexpr void advance() {
    if (++stage < NUM_STAGES) return;
    stage = 0;
    phase ^= 1;
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
