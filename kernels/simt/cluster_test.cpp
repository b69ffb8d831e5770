// Blocks of a cluster run at the same time, know their place, and meet at a barrier.

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ClusterTest : public SimtTest {
 protected:
  static LaunchShape shape(Dim3 grid, Dim3 cluster, unsigned threads = 64, const char* name = "clustered") {
    LaunchShape result{grid, {threads}, 1024, name};
    result.cluster = cluster;
    return result;
  }
};

struct Place {
  Dim3 block, cluster, dim;
  unsigned rank, runs;
};

SIMT_KERNEL(32) void write_place(Place* all) {
  if (!elect_one()) return;
  const Dim3 b = block_idx(), g = grid_dim();
  Place& mine = all[b.x + g.x * (b.y + g.y * b.z)];
  mine = {b, cluster_idx(), cluster_dim(), cluster_rank(), mine.runs + 1};
}

TEST_F(ClusterTest, EveryBlockKnowsItsPlace) {
  std::vector<Place> all(6 * 4 * 2, Place{{}, {}, {}, 99, 0});
  launch(write_place, shape({6, 4, 2}, {3, 2, 1}, 32), nullptr, all.data());
  for (unsigned z = 0; z < 2; ++z)
    for (unsigned y = 0; y < 4; ++y)
      for (unsigned x = 0; x < 6; ++x) {
        const Place& place = all[x + 6 * (y + 4 * z)];
        ASSERT_EQ(place.runs, 1u);
        ASSERT_EQ(place.block, (Dim3{x, y, z}));
        ASSERT_EQ(place.cluster, (Dim3{x / 3, y / 2, z}));
        ASSERT_EQ(place.dim, (Dim3{3, 2, 1}));
        ASSERT_EQ(place.rank, x % 3 + 3 * (y % 2));
      }
}

TEST_F(ClusterTest, ALaunchWithoutIsClustersOfOne) {
  std::vector<Place> all(3, Place{{}, {}, {}, 99, 0});
  launch(write_place, {{3}, {32}}, nullptr, all.data());
  for (unsigned x = 0; x < 3; ++x) {
    EXPECT_EQ(all[x].cluster, (Dim3{x, 0, 0}));
    EXPECT_EQ(all[x].dim, (Dim3{}));
    EXPECT_EQ(all[x].rank, 0u);
  }
}

SIMT_KERNEL(32) void arrives_twice() {
  cluster_arrive();
  cluster_arrive_relaxed();
}
SIMT_KERNEL(32) void only_waits() { cluster_wait(); }
SIMT_KERNEL(64) void some_exit() {
  if (warp_idx() == cluster_rank()) return;
  for (int i = 0; i < 3; ++i) cluster_sync();
}
SIMT_KERNEL(64) void one_is_missing() {
  if (block_idx().x == 3 && warp_idx() == 1) named_barrier_sync(1, 64);
  cluster_sync();
}

TEST_F(ClusterTest, TheBarriersOwnRules) {
  EXPECT_THAT(fault_of([] { launch(arrives_twice, shape({2}, {2}, 32), nullptr); }),
              AllOf(HasSubstr("cluster_arrive_relaxed at"), HasSubstr("has arrived at the cluster's barrier already")));
  EXPECT_THAT(fault_of([] { launch(only_waits, shape({2}, {2}, 32), nullptr); }),
              AllOf(HasSubstr("cluster_wait at"), HasSubstr("cluster_arrive must come first")));
  for (int seed = 0; seed < 30; ++seed) {
    set_seed(seed);
    ASSERT_EQ(fault_of([] { launch(some_exit, shape({4}, {2}), nullptr); }), "")
        << "threads that exit are not waited for";
    ASSERT_THAT(fault_of([] { launch(one_is_missing, shape({4}, {2}), nullptr); }),
                AllOf(HasSubstr("block (2,0,0) and the other 1 of its cluster: deadlock: block (2,0,0): warps 0-1 at "
                                "cluster_sync at kernels/simt/cluster_test.cpp:"),
                      HasSubstr("the cluster's barrier: 96 of 128 threads have arrived; block (3,0,0): warp 0 at "
                                "cluster_sync"),
                      HasSubstr("; warp 1 at named_barrier_sync at"), HasSubstr("barrier 1: 32 of 64 threads")));
  }
}

// A race on purpose, through all blocks of a cluster.
SIMT_KERNEL(64) void arrival_order(unsigned* order) {
  cluster_sync();
  unsigned* count = map_shared_rank(dynamic_shared<unsigned>(), 0);
  if (cluster_rank() == 0 && linear_thread_idx() == 0) *count = 0;
  cluster_sync();
  for (int i = 0; i < 4; ++i) {
    order[(block_idx().x * 64 + linear_thread_idx()) * 4 + static_cast<unsigned>(i)] = *count;
    *count = *count + 1;
    sync_warp();
  }
  cluster_sync();
}

TEST_F(ClusterTest, SameSeedSameRunOnAnyNumberOfHostThreads) {
  const auto run = [](int seed, int threads) {
    set_seed(static_cast<std::uint64_t>(seed));
    set_host_threads(threads);
    std::vector<unsigned> order(16 * 64 * 4);
    launch(arrival_order, shape({16}, {4}), nullptr, order.data());
    return order;
  };
  std::set<std::vector<unsigned>> all;
  for (int seed = 0; seed < 10; ++seed) {
    const auto alone = run(seed, 1);
    for (const int threads : {1, 3}) ASSERT_EQ(run(seed, threads), alone);
    for (int cluster = 0; cluster < 4; ++cluster)
      all.emplace(alone.begin() + cluster * 1024, alone.begin() + (cluster + 1) * 1024);
  }
  EXPECT_EQ(all.size(), 40u);
}

TEST_F(ClusterTest, TheLowestClusterThatFailsIsReported) {
  for (int repeat = 0; repeat < 10; ++repeat) {
    set_host_threads(1 + repeat % 3);
    EXPECT_THAT(fault_of([] { launch(one_is_missing, shape({40}, {2}), nullptr); }), HasSubstr("block (2,0,0) and"));
  }
}

TEST_F(ClusterTest, RefusesWhatAGpuRefuses) {
  const auto refusal = [](Dim3 grid, Dim3 cluster) {
    return fault_of([&] { launch(only_waits, shape(grid, cluster, 32), nullptr); });
  };
  EXPECT_THAT(refusal({18}, {9}), AllOf(HasSubstr("kernel clustered (launched at kernels/simt/cluster_test.cpp:"),
                                        HasSubstr("a cluster of 9x1x1 blocks: 1 to 8")));
  EXPECT_THAT(refusal({4}, {0}), HasSubstr("a cluster of 0x1x1 blocks"));
  EXPECT_THAT(refusal({6, 4}, {4, 2}), HasSubstr("a grid of 6x4x1 blocks is no multiple of the cluster of 4x2x1"));
}

}  // namespace
}  // namespace kernelgate::simt
