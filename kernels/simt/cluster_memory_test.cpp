// Blocks of a cluster reach each other's shared memory, and each way to do it wrong is an error.

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "kernels/simt/fake_bulk_copy_for_test.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ClusterMemory : public SimtTest {
 protected:
  static LaunchShape shape(Dim3 grid, Dim3 cluster, unsigned threads = 64, const char* name = "clustered") {
    LaunchShape result{grid, {threads}, 1024, name};
    result.cluster = cluster;
    return result;
  }
};

// Each block adds up what all of its cluster wrote, and gives the sum to its right neighbour.
enum class Missing { nothing, sync_before_read, sync_before_end };
template <Missing MISSING>
SIMT_KERNEL(64)
void exchange(int* sums) {
  int* smem = dynamic_shared<int>();
  const unsigned blocks = cluster_dim().x, i = linear_thread_idx();
  cluster_sync();
  store_shared(smem + i, static_cast<int>(block_idx().x * 64 + i));
  if (MISSING != Missing::sync_before_read) cluster_sync();
  int sum = 0;
  for (unsigned rank = 0; rank < blocks; ++rank) sum += load_cluster(map_shared_rank(smem + i, rank));
  store_cluster(map_shared_rank(smem + 64 + i, (cluster_rank() + 1) % blocks), sum);
  cluster_arrive();
  cluster_wait();
  sums[block_idx().x * 64 + i] = load_shared(smem + 64 + i);
  // A last look at a neighbour, who must still be there.
  const int again = load_cluster(map_shared_rank(smem + i, (cluster_rank() + 1) % blocks));
  if (again < 0) trap();
  if (MISSING != Missing::sync_before_end) cluster_sync();
}

template <Missing MISSING>
std::string exchange_is_wrong(int blocks) {
  std::vector<int> sums(static_cast<std::size_t>(blocks) * 2 * 64);
  LaunchShape shape{{static_cast<unsigned>(2 * blocks)}, {64}, 1024, "exchange"};
  shape.cluster = {static_cast<unsigned>(blocks)};
  const std::string text = fault_of([&] { launch(exchange<MISSING>, shape, nullptr, sums.data()); });
  if (!text.empty()) return text;
  for (int block = 0; block < 2 * blocks; ++block)
    for (int i = 0; i < 64; ++i) {
      int expected = 0;
      for (int rank = 0; rank < blocks; ++rank) expected += (block / blocks * blocks + rank) * 64 + i;
      if (sums[static_cast<std::size_t>(block * 64 + i)] != expected) return "wrong sums";
    }
  return {};
}

TEST_F(ClusterMemory, SharedMemoryOfOthersUnderEverySeed) {
  for (int seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    for (const int blocks : {1, 2, 3, 8}) ASSERT_EQ(exchange_is_wrong<Missing::nothing>(blocks), "");
  }
}

TEST_F(ClusterMemory, AMissingClusterSyncShows) {
  int early = 0, gone = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    early += !exchange_is_wrong<Missing::sync_before_read>(4).empty();
    const std::string text = exchange_is_wrong<Missing::sync_before_end>(4);
    if (!text.empty()) {
      ++gone;
      EXPECT_THAT(text, AllOf(HasSubstr("load_cluster at kernels/simt/cluster_memory_test.cpp:"),
                              HasSubstr("has exited, and its shared memory with it")));
    }
  }
  EXPECT_GT(early, 35);
  EXPECT_GT(gone, 20);
}

SIMT_KERNEL(64) void reaches_at_once(int* out) {
  out[0] = load_cluster(map_shared_rank(dynamic_shared<int>(), cluster_rank() ^ 1));
}

TEST_F(ClusterMemory, TheOtherBlockMayNotHaveStarted) {
  int out = 0;
  EXPECT_THAT(fault_of([&] { launch(reaches_at_once, shape({2}, {2}), nullptr, &out); }),
              AllOf(HasSubstr("kernel clustered"), HasSubstr("load_cluster at kernels/simt/cluster_memory_test.cpp:"),
                    HasSubstr("may not have started yet: cluster_sync must come first")));
}

// Bytes of st_async and of a load into a neighbour arrive at its mbarrier.
SIMT_KERNEL(64) void send(const float* from, float* out, bool looks_at_its_own) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  auto* tile = dynamic_shared<float>() + 4;
  const unsigned i = linear_thread_idx();
  if (i == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
    mbarrier_arrive_expect_tx(mbarrier, 64 * 4 + 256);
  }
  cluster_sync();
  Mbarrier* theirs = map_shared_rank(mbarrier, cluster_rank() ^ 1);
  float* there = map_shared_rank(tile, cluster_rank() ^ 1);
  st_async(there + i, static_cast<float>(block_idx().x * 64 + i), looks_at_its_own ? mbarrier : theirs);
  if (i == 0) fake_bulk_load(there + 64, from, 256, theirs);
  mbarrier_wait(mbarrier, 0);
  out[block_idx().x * 128 + i] = tile[i];
  out[block_idx().x * 128 + 64 + i] = tile[64 + i];
  cluster_sync();
}

TEST_F(ClusterMemory, AsynchronousStoresAndLoadsIntoOthers) {
  std::vector<float> from(64, 7);
  for (int seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    std::vector<float> out(4 * 128);
    launch(send, shape({4}, {2}), nullptr, from.data(), out.data(), false);
    for (unsigned block = 0; block < 4; ++block)
      for (unsigned i = 0; i < 64; ++i) {
        ASSERT_EQ(out[block * 128 + i], static_cast<float>((block ^ 1) * 64 + i));
        ASSERT_EQ(out[block * 128 + 64 + i], 7);
      }
  }
  std::vector<float> out(4 * 128);
  EXPECT_THAT(fault_of([&] { launch(send, shape({4}, {2}), nullptr, from.data(), out.data(), true); }),
              AllOf(HasSubstr("st_async at"), HasSubstr("the mbarrier must be in the same block (")));
}

// One thread of one of two blocks does what it is told, between two barriers of the cluster.
using Act = void (*)(int*);
SIMT_KERNEL(32) void act(Act what) {
  cluster_sync();
  if (cluster_rank() == 1 && lane_idx() == 4) what(dynamic_shared<int>());
  cluster_sync();
}

TEST_F(ClusterMemory, ChecksAddresses) {
  const auto text = [](Act what) { return fault_of([&] { launch(act, shape({2}, {2}, 32), nullptr, what); }); };
  EXPECT_EQ(text([](int* smem) { store_cluster(map_shared_rank(smem + 255, 0), 1); }), "");
  EXPECT_THAT(text([](int* smem) { map_shared_rank(smem, 2); }),
              AllOf(HasSubstr("block (1,0,0), thread (4,0,0) (warp 0, lane 4): map_shared_rank at"),
                    HasSubstr("rank 2, the cluster has 2 blocks")));
  EXPECT_THAT(text([](int* smem) { map_shared_rank(smem + 256, 0); }),
              HasSubstr("out of bounds: the address is at offset"));
  EXPECT_THAT(text([](int* smem) { store_cluster(reinterpret_cast<Vec4*>(map_shared_rank(smem + 2, 0)), {}); }),
              AllOf(HasSubstr("store_cluster at"), HasSubstr("misaligned: 16 bytes at offset 8 of its 1024 bytes")));
  EXPECT_THAT(text([](int* smem) { load_cluster(reinterpret_cast<std::uint64_t*>(map_shared_rank(smem + 255, 0))); }),
              HasSubstr("out of bounds: 8 bytes at offset 1020 of its 1024 bytes of shared memory in block (0,0,0)"));
  EXPECT_THAT(text([](int*) {
                static const int somewhere = 0;
                load_cluster(&somewhere);
              }),
              AllOf(HasSubstr("out of bounds: the address is "), HasSubstr("in no other's of the cluster")));
  EXPECT_THAT(text([](int* smem) { mbarrier_arrive(reinterpret_cast<Mbarrier*>(map_shared_rank(smem, 0))); }),
              HasSubstr("the mbarrier is in the shared memory of block (0,0,0), must be in its own"));
  EXPECT_THAT(text([](int* smem) { load_shared(map_shared_rank(smem, 0)); }),
              HasSubstr("the address is in the shared memory of block (0,0,0): use load_cluster"));
  EXPECT_THAT(text([](int* smem) { mbarrier_arrive_cluster(reinterpret_cast<Mbarrier*>(map_shared_rank(smem, 0))); }),
              HasSubstr("no mbarrier lives at offset 0"));
}

// Arrivals at a block that does not wait for them.
template <bool SYNCS>
SIMT_KERNEL(32)
void arrives_and_goes(int sleeps) {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (lane_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
  }
  cluster_sync();
  if (lane_idx() == 0) mbarrier_arrive_cluster(map_shared_rank(mbarrier, cluster_rank() ^ 1));
  for (int i = 0; i < sleeps; ++i) nanosleep(1);  // time for the other block to go
  if (SYNCS) cluster_sync();
}

TEST_F(ClusterMemory, AnArrivalThatNobodyWaitsFor) {
  std::set<std::string> kinds;
  for (int seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    ASSERT_EQ(fault_of([] { launch(arrives_and_goes<true>, shape({2}, {2}, 32), nullptr, 0); }), "");
    const std::string text =
        fault_of([&] { launch(arrives_and_goes<false>, shape({2}, {2}, 32), nullptr, seed % 2 * 20); });
    for (const char* kind : {"is still under way in its shared memory", "has exited, and its shared memory with it",
                             "no thread has waited for the end of phase 0, nor for the cluster, so the block might be "
                             "gone before mbarrier_arrive_cluster at"})
      if (text.find(kind) != std::string::npos) kinds.insert(kind);
    ASSERT_NE(text, "");
  }
  EXPECT_EQ(kinds.size(), 3u) << testing::PrintToString(kinds);
}

template <bool WAITS>
SIMT_KERNEL(32)
void arrives_relaxed() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (lane_idx() == 0) {
    mbarrier_init(mbarrier, 1);
    fence_mbarrier_init();
  }
  cluster_arrive_relaxed();
  cluster_wait();
  if (lane_idx() == 0) {
    mbarrier_arrive_cluster_relaxed(map_shared_rank(mbarrier, cluster_rank() ^ 1));
    if (WAITS) mbarrier_wait(mbarrier, 0);
  }
}

// Who has seen the other block's arrival may go, with no barrier of the cluster.
TEST_F(ClusterMemory, ARelaxedArrivalIsWaitedFor) {
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(static_cast<std::uint64_t>(seed));
    ASSERT_EQ(fault_of([] { launch(arrives_relaxed<true>, shape({2}, {2}, 32), nullptr); }), "");
    ASSERT_THAT(fault_of([] { launch(arrives_relaxed<false>, shape({2}, {2}, 32), nullptr); }),
                HasSubstr("mbarrier_arrive_cluster_relaxed at"));
  }
}

template <bool FENCE>
SIMT_KERNEL(32)
void arrives_unfenced() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (lane_idx() == 0) mbarrier_init(mbarrier, 1);
  if (FENCE) fence_proxy_async();  // not enough for another block
  cluster_sync();
  if (lane_idx() == 0) mbarrier_arrive_cluster(map_shared_rank(mbarrier, cluster_rank() ^ 1));
  cluster_sync();
}

TEST_F(ClusterMemory, OtherBlocksNeedTheInitFence) {
  for (const auto kernel : {arrives_unfenced<true>, arrives_unfenced<false>})
    EXPECT_THAT(
        fault_of([&] { launch(kernel, shape({2}, {2}, 32), nullptr); }),
        AllOf(HasSubstr("mbarrier_arrive_cluster at"), HasSubstr("has not executed fence_mbarrier_init since")));
}

}  // namespace
}  // namespace kernelgate::simt
