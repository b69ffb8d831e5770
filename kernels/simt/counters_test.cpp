// What small kernels count, against numbers worked out by hand; the same under every seed.

#include "kernels/simt/host/counters.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

/// Global memory that begins with a sector, as a GPU's does.
struct Buffer {
  alignas(256) float data[8192] = {};
};

class CountersTest : public SimtTest {
 protected:
  template <class... Params, class... Args>
  Counters count(void (*kernel)(Params...), const LaunchShape& shape, Args... args) {
    const CountersScope scope;
    launch(kernel, shape, nullptr, args...);
    return scope.counters();
  }

  Buffer from_, to_;
};

SIMT_KERNEL(64) void copy(const float* from, float* to, int step) {
  const auto i = static_cast<int>(block_idx().x * 64 + thread_idx().x);
  store_global(to + i, load_global(from + i * step));
}

TEST_F(CountersTest, ACoalescedCopyTouchesWhatItMoves) {
  // 3 blocks of 2 warps: 6 requests of 128 bytes, 4 sectors each.
  Counters expected;
  expected.global_reads = expected.global_writes = 6;
  expected.global_read_bytes = expected.global_written_bytes = 6 * 128;
  expected.global_read_sectors = expected.global_written_sectors = 6 * 4;
  EXPECT_EQ(count(copy, {{3}, {64}}, from_.data, to_.data, 1), expected);
}

TEST_F(CountersTest, AStridedCopyTouchesASectorForEachLane) {
  const Counters got = count(copy, {{3}, {64}}, from_.data, to_.data, 8);
  EXPECT_EQ(got.global_read_bytes, 6u * 128);
  EXPECT_EQ(got.global_read_sectors, 6u * 32);
  EXPECT_EQ(got.global_written_sectors, 6u * 4);
}

TEST_F(CountersTest, AMisalignedCopyTouchesOneSectorMore) {
  const Counters got = count(copy, {{3}, {64}}, from_.data + 1, to_.data, 1);
  EXPECT_EQ(got.global_read_bytes, 6u * 128);
  EXPECT_EQ(got.global_read_sectors, 6u * 5);
  EXPECT_EQ(got.global_written_sectors, 6u * 4);
}

SIMT_KERNEL(48) void copy_vectors(const Vec4* from, Vec4* to) {
  store_global_16(to + thread_idx().x, load_global_16(from + thread_idx().x));
}

TEST_F(CountersTest, AWarpMayBeShort) {
  const Counters got =
      count(copy_vectors, {{1}, {48}}, reinterpret_cast<const Vec4*>(from_.data), reinterpret_cast<Vec4*>(to_.data));
  EXPECT_EQ(got.global_reads, 2u);
  EXPECT_EQ(got.global_read_bytes, 48u * 16);
  EXPECT_EQ(got.global_read_sectors, 16u + 8);
  EXPECT_EQ(got.global_written_sectors, 16u + 8);
}

// Lane i runs through i % 2 + 2 rows: three requests, the last by the odd lanes alone.
SIMT_KERNEL(32) void loop(const float* from, bool meet) {
  const unsigned lane = lane_idx();
  for (unsigned row = 0; row < 2 + lane % 2; ++row) load_global(from + row * 32 + lane);
  if (meet) sync_warp();
  for (unsigned row = 0; row < 2; ++row) {
    load_global(from + row * 32 + lane);
    if (meet) sync_warp();
  }
}

TEST_F(CountersTest, TheSameExecutionsOfACallAreOneRequest) {
  for (const bool meet : {false, true}) {
    const Counters got = count(loop, {{1}, {32}}, from_.data, meet);
    EXPECT_EQ(got.global_reads, 5u);
    EXPECT_EQ(got.global_read_bytes, 5u * 128 - 64);
    EXPECT_EQ(got.global_read_sectors, 5u * 4);  // 16 lanes of every second word touch all 4 sectors
    EXPECT_EQ(got.warp_barriers, meet ? 3u : 0u);
  }
}

// Without the meeting both halves' executions would be the first ones, and one request.
SIMT_KERNEL(32) void halves_in_turn(const float* from) {
  for (unsigned half = 0; half < 2; ++half) {
    if (lane_idx() / 16 == half) load_global(from + lane_idx());
    sync_warp();
  }
}

TEST_F(CountersTest, AMeetingOfTheWarpEndsARequest) {
  const Counters got = count(halves_in_turn, {{1}, {32}}, from_.data);
  EXPECT_EQ(got.global_reads, 2u);
  EXPECT_EQ(got.global_read_sectors, 4u);
}

// 16 lanes copy 16 bytes each, the first 8 of them 8 and 8 zeros; the others write zeros and read nothing.
SIMT_KERNEL(32) void copy_async(const float* from, int step, int most) {
  const int lane = static_cast<int>(lane_idx());
  cp_async<16>(dynamic_shared<char>() + lane * step, from + 4 * lane,
               std::min(most, lane < 8    ? 8
                              : lane < 16 ? 16
                                          : 0));
  cp_async_commit();
  cp_async_wait<0>();
}

TEST_F(CountersTest, AsynchronousCopiesReadWhatIsNotFilledWithZeros) {
  Counters expected;
  expected.global_reads = 1;
  expected.global_read_bytes = expected.cp_async_bytes = 8 * 8 + 8 * 16;
  expected.global_read_sectors = 8;  // 16 lanes on 16 bytes each
  expected.shared_written_bytes = 32 * 16;
  expected.shared_wavefronts = 4;
  EXPECT_EQ(count(copy_async, {{1}, {32}, 512}, from_.data, 16, 16), expected);
  expected.shared_wavefronts = 4 * 8;
  expected.cp_async_conflicts = 4 * 7;  // rows of 128 bytes: eight lanes on four banks
  EXPECT_EQ(count(copy_async, {{1}, {32}, 4096}, from_.data, 128, 16), expected);
  expected.global_reads = expected.global_read_bytes = expected.global_read_sectors = expected.cp_async_bytes = 0;
  EXPECT_EQ(count(copy_async, {{1}, {32}, 4096}, from_.data, 128, 0), expected);
}

// A tile of 32 rows of 128 bytes, of which lane i reads a chunk of 16 of row i.
SIMT_KERNEL(32) void read_tile(bool swizzled) {
  const unsigned row = lane_idx();
  std::uint32_t r[4];
  for (unsigned chunk = 0; chunk < 8; ++chunk)
    ldmatrix_x4(r, dynamic_shared<char>() + row * 128 + (swizzled ? chunk ^ row % 8 : chunk) * 16);
}

TEST_F(CountersTest, ASwizzledTileIsReadWithoutConflicts) {
  Counters expected;
  expected.ldmatrix = 8;
  expected.shared_read_bytes = 32 * 128;
  expected.shared_wavefronts = 8 * 4;  // one for each matrix of 8 rows of 16 bytes
  EXPECT_EQ(count(read_tile, {{1}, {32}, 4096}, true), expected);
  expected.shared_wavefronts = 8 * 4 * 8;
  expected.ldmatrix_conflicts = 8 * 4 * 7;
  EXPECT_EQ(count(read_tile, {{1}, {32}, 4096}, false), expected);
}

// Only the rows of lanes 0 to 15 are read: 64 bytes apart, every second one on the same banks.
SIMT_KERNEL(32) void read_two() {
  std::uint32_t r[2];
  ldmatrix_x2(r, dynamic_shared<char>() + lane_idx() % 16 * 64);
}

TEST_F(CountersTest, TwoMatricesAreTwo) {
  Counters expected;
  expected.ldmatrix = 1;
  expected.shared_read_bytes = 256;
  expected.shared_wavefronts = 2 * 4;
  expected.ldmatrix_conflicts = 2 * 3;
  EXPECT_EQ(count(read_two, {{1}, {32}, 1024}), expected);
}

// A column of rows of 32 words, and of 33; then a word for all, and vectors in a row and in a column.
SIMT_KERNEL(32) void use_shared(int step) {
  auto* smem = dynamic_shared<float>();
  const int lane = static_cast<int>(lane_idx());
  store_shared(smem + lane * step, 1.0f);
  sync_warp();
  load_shared(smem + lane * step);
  load_shared(smem);
  auto* vectors = dynamic_shared<Vec4>();
  store_shared(vectors + lane, Vec4{});
  store_shared(vectors + lane % 4 * 8, Vec4{});
}

TEST_F(CountersTest, SharedMemoryHasBanks) {
  Counters expected;
  expected.shared_stores = 3;
  expected.shared_loads = 2;
  expected.shared_written_bytes = 128 + 2 * 512;
  expected.shared_read_bytes = 2 * 128;
  expected.warp_barriers = 1;
  expected.shared_wavefronts = 1 + 1 + 1 + 4 + 4 * 4;
  expected.shared_store_conflicts = 4 * 3;  // four columns of the same four banks, by each quarter
  EXPECT_EQ(count(use_shared, {{1}, {32}, 33 * 32 * 4}, 33), expected);
  expected.shared_wavefronts += 2 * 31;
  expected.shared_load_conflicts += 31;
  expected.shared_store_conflicts += 31;
  EXPECT_EQ(count(use_shared, {{1}, {32}, 33 * 32 * 4}, 32), expected);
}

SIMT_KERNEL(128) void everything_else(int* sum) {
  float d[4] = {};
  mma_m16n8k16(d, {0, 0, 0, 0}, {0, 0});
  mma_m16n8k8(d, {0, 0}, {0});
  mma_m16n8k8(d, {0, 0}, {0});
  sync_threads();
  named_barrier_sync(1 + warp_idx() / 2, 64);
  sync_threads();
  sync_warp();
  if (lane_idx() < 3) atomic_add(sum, 1);
  atomic_max(sum, 1);
  load_acquire(sum);  // it might poll: no count
}

TEST_F(CountersTest, ProductsBarriersAndAtomics) {
  // 2 blocks of 4 warps.
  Counters expected;
  expected.mma_m16n8k16 = 8;
  expected.mma_m16n8k8 = 16;
  expected.tensor_flop = 8 * (2 * 16 * 8 * 16 + 2 * 2 * 16 * 8 * 8);
  expected.block_barriers = 4;
  expected.named_barriers = 4;
  expected.warp_barriers = 8;
  expected.atomics = 8 * (3 + 32);
  int sum = 0;
  EXPECT_EQ(count(everything_else, {{2}, {128}}, &sum), expected);
}

// Lane 0 waits for two phases, which the others end.
SIMT_KERNEL(32) void wait_in_clusters() {
  auto* mbarrier = dynamic_shared<Mbarrier>();
  if (lane_idx() == 0) mbarrier_init(mbarrier, 31);
  cluster_sync();
  if (lane_idx() > 0) mbarrier_arrive(mbarrier);
  if (lane_idx() == 0) mbarrier_wait(mbarrier, 0);
  cluster_arrive();
  cluster_wait();
  if (lane_idx() > 0) mbarrier_arrive(mbarrier);
  if (lane_idx() == 0) mbarrier_wait(mbarrier, 1);
}

TEST_F(CountersTest, WaitsOfClustersAndAtMbarriers) {
  // 2 clusters of 3 blocks. What a cluster's barrier needs of a warp is no sync_warp.
  Counters expected;
  expected.cluster_barriers = 2 * 2;
  expected.mbarrier_waits = 6 * 2;
  LaunchShape shape{{6}, {32}, 8};
  shape.cluster = {3};
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    set_seed(seed);
    ASSERT_EQ(count(wait_in_clusters, shape), expected);
  }
}

// Warps and lanes that take their own ways between barriers.
SIMT_KERNEL(96) void mixture(const float* from, float* to, int* sum) {
  const unsigned thread = thread_idx().x, lane = lane_idx();
  for (unsigned round = 0; round < 4; ++round) {
    for (unsigned i = 0; i < 1 + (thread * 7 + round) % 5; ++i) load_global(from + (thread * 13 + i * 32) % 4096);
    if (lane % 3 == round % 3)
      store_global(to + thread * 3, 1.0f);
    else
      store_global(to + 1024 + thread, 2.0f);
    cp_async<4>(dynamic_shared<float>() + thread * 5 % 96, from + thread, static_cast<int>(thread % 5));
    cp_async_commit();
    cp_async_wait<0>();
    if (round % 2 == 0) sync_warp();
    atomic_add(sum, 1);
    sync_threads();
  }
}

TEST_F(CountersTest, AreTheSameForEverySeedAndAnyNumberOfHostThreads) {
  const LaunchShape shape{{7}, {96}, 96 * 4};
  int sum = 0;
  const Counters first = count(mixture, shape, from_.data, to_.data, &sum);
  EXPECT_GT(first.global_reads, 7u * 3 * 4);
  for (std::uint64_t seed = 2; seed < 12; ++seed)
    for (const int threads : {1, 2, 5}) {
      set_seed(seed);
      set_host_threads(threads);
      ASSERT_EQ(count(mixture, shape, from_.data, to_.data, &sum), first) << "seed " << seed;
    }
}

}  // namespace
}  // namespace kernelgate::simt
