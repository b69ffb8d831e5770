// The stage and the parity of its phase, round after round, also where the number of stages is odd.

#include "kernels/tile/stage_ring.h"

#include <gtest/gtest.h>

namespace kernelgate::tile {
namespace {

template <int NUM_STAGES>
void check_ring() {
  StageRing<NUM_STAGES> ring;
  for (int step = 0; step < 5 * NUM_STAGES; ++step, ring.advance()) {
    EXPECT_EQ(ring.stage, step % NUM_STAGES);
    EXPECT_EQ(ring.phase, static_cast<std::uint32_t>(step / NUM_STAGES % 2));
    EXPECT_EQ(ring.before(), (step + NUM_STAGES - 1) % NUM_STAGES);
  }
}

TEST(StageRing, GoesRound) {
  check_ring<2>();
  check_ring<3>();
  check_ring<4>();
  check_ring<7>();
}

}  // namespace
}  // namespace kernelgate::tile
