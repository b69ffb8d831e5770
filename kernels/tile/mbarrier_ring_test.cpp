// A producer and a consumer that go round a ring hand over every tile, however far one could run ahead.

#include "kernels/tile/mbarrier_ring.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/simt/simt_for_test.h"

namespace kernelgate::tile {
namespace {

constexpr int num_stages = 3, tiles = 17;

struct Shared {
  MbarrierRing<num_stages> ring;
  int values[num_stages][32];
};

// Warp 0 fills a stage, warp 1 empties it: 32 arrivals each.
SIMT_KERNEL(64) void hand_over(int* out) {
  Shared& smem = *simt::dynamic_shared<Shared>();
  if (simt::linear_thread_idx() == 0) smem.ring.init(32, 32);
  simt::sync_threads();
  StageRing<num_stages> at;
  for (int tile = 0; tile < tiles; ++tile, at.advance()) {
    int* const place = &smem.values[at.stage][simt::lane_idx()];
    if (simt::warp_idx() == 0) {
      smem.ring.wait_empty(at);
      simt::store_shared(place, tile * 100 + static_cast<int>(simt::lane_idx()));
      simt::mbarrier_arrive(&smem.ring.full[at.stage]);
    } else {
      smem.ring.wait_full(at);
      out[tile * 32 + static_cast<int>(simt::lane_idx())] = simt::load_shared(place);
      simt::mbarrier_arrive(&smem.ring.empty[at.stage]);
    }
  }
}

class MbarrierRingTest : public simt::SimtTest {};

TEST_F(MbarrierRingTest, HandsOverEveryTileUnderEverySeed) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    simt::set_seed(seed);
    std::vector<int> out(tiles * 32, -1);
    simt::launch(hand_over, {{1}, {64}, sizeof(Shared), "hand_over"}, nullptr, out.data());
    for (int i = 0; i < tiles * 32; ++i) ASSERT_EQ(out[static_cast<std::size_t>(i)], i / 32 * 100 + i % 32);
  }
}

SIMT_KERNEL(32) void waits_for_ever() {
  Shared& smem = *simt::dynamic_shared<Shared>();
  if (simt::linear_thread_idx() == 0) smem.ring.init(1, 1);
  simt::sync_threads();
  smem.ring.wait_full({});
}

TEST_F(MbarrierRingTest, ErrorsNameTheKernelsOwnLine) {
  const std::string text = simt::fault_of([] {
    simt::launch(waits_for_ever, {{1}, {32}, sizeof(Shared), "waits"}, nullptr);
  });
  EXPECT_NE(text.find("at mbarrier_wait at kernels/tile/mbarrier_ring_test.cpp:"), std::string::npos) << text;
}

}  // namespace
}  // namespace kernelgate::tile
