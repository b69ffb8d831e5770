// mbarriers order memory and go through their phases, however threads and copies come.

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/fake_bulk_copy_for_test.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

class MbarrierTest : public SimtTest {};

// All threads meet at it, `rounds` times.
SIMT_KERNEL(128) void all_meet(int rounds, int* out) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  int* smem = dynamic_shared<int>() + 4;
  const int i = static_cast<int>(linear_thread_idx());
  if (i == 0) mbarrier_init(mbarrier, 128);
  sync_threads();
  for (int round = 0; round < rounds; ++round) {
    smem[i] = round * 1000 + i;
    mbarrier_arrive(mbarrier);
    mbarrier_wait(mbarrier, static_cast<unsigned>(round) % 2);
    out[round * 128 + i] = smem[(i + 32) % 128];
    sync_threads();
  }
}

TEST_F(MbarrierTest, OrdersMemoryUnderEverySeed) {
  for (int seed = 0; seed < 100; ++seed) {
    set_seed(seed);
    std::vector<int> out(5 * 128);
    launch(all_meet, {{1}, {128}, 1024}, nullptr, 5, out.data());
    for (int round = 0; round < 5; ++round)
      for (int i = 0; i < 128; ++i) ASSERT_EQ(out[round * 128 + i], round * 1000 + (i + 32) % 128) << seed;
  }
}

SIMT_KERNEL(32) void parities(int* over) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (elect_one()) {
    mbarrier_init(mbarrier, 2);
    const auto look = [&](int at) {
      over[at] = mbarrier_test_wait(mbarrier, 0);
      over[at + 1] = mbarrier_try_wait(mbarrier, 1);
    };
    look(0);  // phase 0 goes on: the one before it, of parity 1, is over
    mbarrier_arrive(mbarrier);
    look(2);
    mbarrier_arrive(mbarrier);
    look(4);  // phase 1
    mbarrier_arrive(mbarrier);
    mbarrier_arrive(mbarrier);
    look(6);  // phase 2
    mbarrier_invalidate(mbarrier);
    mbarrier_init(mbarrier, 1);
    look(8);  // phase 0 again
  }
}

TEST_F(MbarrierTest, TestAndTryGoByParity) {
  std::vector<int> over(10, -1);
  launch(parities, {{1}, {32}, 16}, nullptr, over.data());
  EXPECT_THAT(over, testing::ElementsAre(0, 1, 0, 1, 1, 0, 0, 1, 0, 1));
}

// A ring of stages as warp-specialised kernels have them: one thread loads, a warp sums up.
enum class Bug {
  none,
  no_empty_wait,       // stages are filled again while they are read
  no_full_wait,        // read before they are filled
  full_parity_fixed,   // the wait of the second round looks at the first
  expects_too_little,  // the phase ends before all has arrived
  expects_too_much,    // the phase never ends
  no_expect,           // the phase ends with nothing there
  no_release,          // a stage is never given back
  no_init_fence,       // the copies do not know the barrier
  exits_early,         // the last loads go into a block that is gone
  one_lane_releases,   // before the others of its warp have read
};

constexpr int stages = 3, tiles = 17, tile_floats = 32;
constexpr unsigned tile_bytes = tile_floats * sizeof(float);

struct Ring {
  Mbarrier full[stages];
  Mbarrier empty[stages];
  alignas(16) float tile[stages][tile_floats];
};

template <Bug BUG>
SIMT_DEVICE void produce(Ring& ring, const float* from) {
  for (int t = 0; t < tiles + (BUG == Bug::exits_early ? 2 : 0); ++t) {
    const int stage = t % stages;
    const unsigned round = static_cast<unsigned>(t / stages);
    if (BUG != Bug::no_empty_wait) mbarrier_wait(&ring.empty[stage], (round & 1) ^ 1);
    const unsigned expected = BUG == Bug::expects_too_little && t == 5 ? tile_bytes / 2
                              : BUG == Bug::expects_too_much && t == 5 ? tile_bytes + 16
                                                                       : tile_bytes;
    if (BUG == Bug::no_expect && t == 5)
      mbarrier_arrive(&ring.full[stage]);
    else
      mbarrier_arrive_expect_tx(&ring.full[stage], expected);
    const float* tile = from + t % tiles * tile_floats;
    fake_bulk_load(ring.tile[stage], tile, tile_bytes / 2, &ring.full[stage]);
    fake_bulk_load(ring.tile[stage] + tile_floats / 2, tile + tile_floats / 2, tile_bytes / 2, &ring.full[stage]);
  }
}

template <Bug BUG>
SIMT_DEVICE void consume(Ring& ring, float* out) {
  for (int t = 0; t < tiles; ++t) {
    const int stage = t % stages;
    const unsigned round = static_cast<unsigned>(t / stages);
    if (BUG != Bug::no_full_wait) mbarrier_wait(&ring.full[stage], BUG == Bug::full_parity_fixed ? 0 : round & 1);
    out[t * tile_floats + static_cast<int>(lane_idx())] = ring.tile[stage][lane_idx()];
    if (BUG != Bug::one_lane_releases) sync_warp();
    if (BUG != Bug::no_release && lane_idx() == 0) mbarrier_arrive(&ring.empty[stage]);
  }
}

template <Bug BUG>
SIMT_KERNEL(64)
void ring_copy(const float* from, float* out) {
  Ring& ring = *dynamic_shared<Ring>();
  if (linear_thread_idx() == 0) {
    for (int s = 0; s < stages; ++s) {
      mbarrier_init(&ring.full[s], 1);
      mbarrier_init(&ring.empty[s], 1);
    }
    if (BUG != Bug::no_init_fence) fence_mbarrier_init();
  }
  sync_threads();
  if (warp_idx() == 1) {
    if (lane_idx() == 7) produce<BUG>(ring, from);
  } else {
    consume<BUG>(ring, out);
  }
}

template <Bug BUG>
int failures(int seeds) {
  std::vector<float> from(tiles * tile_floats);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<float>(i);
  int count = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    set_seed(static_cast<std::uint64_t>(seed));
    std::vector<float> out(from.size(), -1);
    const std::string text = fault_of([&] {
      launch(ring_copy<BUG>, {{1}, {64}, sizeof(Ring), "ring"}, nullptr, from.data(), out.data());
    });
    count += !text.empty() || out != from;
  }
  return count;
}

TEST_F(MbarrierTest, ARingOfStagesIsRightUnderEverySeed) { EXPECT_EQ(failures<Bug::none>(300), 0); }

TEST_F(MbarrierTest, WrongUnderEverySeed) {
  EXPECT_EQ(failures<Bug::expects_too_much>(40), 40);
  EXPECT_EQ(failures<Bug::expects_too_little>(40), 40);
  EXPECT_EQ(failures<Bug::no_expect>(40), 40);
  EXPECT_EQ(failures<Bug::no_release>(40), 40);
  EXPECT_EQ(failures<Bug::no_init_fence>(40), 40);
  EXPECT_EQ(failures<Bug::full_parity_fixed>(40), 40);
  EXPECT_EQ(failures<Bug::exits_early>(40), 40);
}

TEST_F(MbarrierTest, WrongUnderMostSeeds) {
  EXPECT_GT(failures<Bug::no_full_wait>(40), 35);
  EXPECT_GT(failures<Bug::no_empty_wait>(40), 30);
  EXPECT_GT(failures<Bug::one_lane_releases>(40), 20);
}

// Thread 0 of each block writes to, and arrives at, all blocks of its cluster.
SIMT_KERNEL(64) void arrive_at_all(unsigned rounds, unsigned* seen) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  auto* count = dynamic_shared<unsigned>() + 4;
  if (linear_thread_idx() == 0) {
    mbarrier_init(mbarrier, cluster_dim().x);
    fence_mbarrier_init();
    store_shared(count, 0);
  }
  cluster_sync();
  for (unsigned round = 0; round < rounds; ++round) {
    if (linear_thread_idx() == 0)
      for (unsigned rank = 0; rank < cluster_dim().x; ++rank) {
        unsigned* slot = map_shared_rank(count + 1 + cluster_rank(), rank);
        store_cluster(slot, round + 1);
        mbarrier_arrive_cluster(map_shared_rank(mbarrier, rank));
      }
    mbarrier_wait(mbarrier, round & 1);
    fence_acq_rel_cluster();
    if (linear_thread_idx() == 33)
      for (unsigned rank = 0; rank < cluster_dim().x; ++rank)
        seen[(block_idx().x * rounds + round) * cluster_dim().x + rank] = load_shared(count + 1 + rank);
    cluster_sync();
  }
}

TEST_F(MbarrierTest, ArrivalsFromOtherBlocks) {
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    std::vector<unsigned> seen(8 * 5 * 4);
    LaunchShape shape{{8}, {64}, 1024, "arrive_at_all"};
    shape.cluster = {4};
    launch(arrive_at_all, shape, nullptr, 5u, seen.data());
    for (unsigned block = 0; block < 8; ++block)
      for (unsigned round = 0; round < 5; ++round)
        for (unsigned rank = 0; rank < 4; ++rank) ASSERT_EQ(seen[(block * 5 + round) * 4 + rank], round + 1);
  }
}

}  // namespace
}  // namespace kernelgate::simt
