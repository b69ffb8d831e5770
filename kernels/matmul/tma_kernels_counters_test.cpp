// What the kernels for TMA and wgmma do on the host executor, against numbers worked out by hand: they move and
// multiply what their tiles need and nothing more, and meet no bank conflicts.

#include <gtest/gtest.h>

#include "bench/run/devices.h"
#include "kernels/matmul/matmul.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {
namespace {

constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};

simt::Counters count(const char* kernel, const Matmul::Problem& problem, int multiprocessors) {
  Device device = simt_device();
  device.multiprocessors = multiprocessors;
  Proof proof(std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{problem, "", {}}), device,
              {.seed = 1, .flop_budget = 1e6});
  const Launch launch = proof.prepare({kernel, Origin::ours, DeviceKind::simt});
  const simt::CountersScope scope;
  EXPECT_TRUE(proof.verify(launch).right);
  return scope.counters();
}

// One cluster of two blocks, two tiles each, of 128 x 256, two k-tiles.
TEST(CooperativeCounters, TheWideTileLoadsBOnceForACluster) {
  for (const Layout layout : layouts) {
    const simt::Counters got = count("sm90a_cooperative", {256, 512, 128, 1, layout}, 2);
    EXPECT_EQ(got.tma_read_bytes, 2u * 256 * 128 * 2 + 512 * 128 * 2);  // A for each column of tiles
    EXPECT_EQ(got.global_read_bytes, got.tma_read_bytes);
    EXPECT_EQ(got.global_read_sectors, got.tma_read_bytes / 32);
    EXPECT_EQ(got.tma_written_bytes, 256u * 512 * 2);
    EXPECT_EQ(got.global_written_sectors, got.tma_written_bytes / 32);
    EXPECT_EQ(got.wgmma, 2u * 2 * 2 * 2 * 4);  // blocks, tiles, groups, k-tiles, of 16 k
    EXPECT_EQ(got.tensor_flop, 2u * 256 * 512 * 128);
    EXPECT_EQ(got.stmatrix, 2u * 2 * 8 * 16);       // blocks, tiles, warps, of 16 columns
    EXPECT_EQ(got.named_barriers, 2u * 2 * 2 * 8);  // blocks, tiles, groups, twice for each 64 columns
    EXPECT_EQ(got.cluster_barriers, 1u);
    EXPECT_EQ(got.bank_conflicts(), 0u);
  }
}

// One cluster of four blocks with 64 columns each, two k-tiles: each loads a quarter of A for all.
TEST(CooperativeCounters, FourSideBySideLoadAOnce) {
  for (const Layout layout : layouts) {
    const simt::Counters got = count("sm90a_cooperative", {128, 256, 128, 1, layout}, 132);
    EXPECT_EQ(got.tma_read_bytes, (128u + 256) * 128 * 2);
    EXPECT_EQ(got.global_read_sectors, got.tma_read_bytes / 32);
    EXPECT_EQ(got.tma_written_bytes, 128u * 256 * 2);
    EXPECT_EQ(got.wgmma, 4u * 2 * 2 * 4);  // blocks, groups, k-tiles, of 16 k
    EXPECT_EQ(got.tensor_flop, 2u * 128 * 256 * 128);
    EXPECT_EQ(got.cluster_barriers, 1u);
    EXPECT_EQ(got.bank_conflicts(), 0u);
  }
}

// Two rounds of them are quicker than one of tiles twice as high as the problem; with 132 multiprocessors and 64 tiles
// of 128 x 128, the narrow ones are as many as there are multiprocessors.
TEST(CooperativeCounters, FourSideBySideWhereThereAreFewTiles) {
  EXPECT_EQ(count("sm90a_cooperative", {120, 504, 64}, 4).tensor_flop, 2u * 128 * 512 * 64);
  EXPECT_EQ(count("sm90a_cooperative", {120, 504, 64}, 2).tensor_flop, 2u * 256 * 512 * 64);
}

// What a multiprocessor has to do is what chooses the width: 192 columns are three quarters of 256, and 128 half, but
// for what L2 can bring.
TEST(CooperativeCounters, TilesAreAsWideAsTheProblem) {
  for (const unsigned columns : {128u, 192u, 256u})
    EXPECT_EQ(count("sm90a_cooperative", {256, columns, 64}, 2).tensor_flop, 2u * 256 * columns * 64) << columns;
}

// C's rows begin at any element: 16 rows of 64 columns, 32 at a time.
TEST(CooperativeCounters, ElementsAreStoredWithoutBankConflicts) {
  const simt::Counters got = count("sm90a_cooperative", {256, 255, 64}, 2);
  EXPECT_EQ(got.tma_written_bytes, 0u);
  EXPECT_EQ(got.global_written_bytes, 256u * 255 * 2);
  EXPECT_EQ(got.shared_load_conflicts, 0u);
}

// Two tiles of 16 x 64 whose K, eight k-tiles of 128, is divided by four.
TEST(SmallMCounters, ADividedKReadsEverythingOnce) {
  for (const Layout layout : layouts) {
    const simt::Counters got = count("sm90a_small_m", {16, 128, 1024, 1, layout}, 8);
    EXPECT_EQ(got.tma_read_bytes, 128u * 1024 * 2 + 2 * 16 * 1024 * 2);  // A for each tile
    EXPECT_EQ(got.global_read_sectors, got.tma_read_bytes / 32);
    EXPECT_EQ(got.global_written_bytes, 16u * 128 * 2);
    EXPECT_EQ(got.global_written_sectors, got.global_written_bytes / 32);
    EXPECT_EQ(got.wgmma, 2u * 8 * 8);
    EXPECT_EQ(got.tensor_flop, 2u * 16 * 128 * 1024);
    EXPECT_EQ(got.cluster_barriers, 2u * 2);
    EXPECT_EQ(got.bank_conflicts(), 0u);
  }
}

// With tiles enough nobody divides K, and a block takes one tile after the other.
TEST(SmallMCounters, ManyTilesAreNotDivided) {
  const simt::Counters got = count("sm90a_small_m", {16, 512, 256}, 2);
  EXPECT_EQ(got.cluster_barriers, 0u);
  EXPECT_EQ(got.named_barriers, 8u * 2);
  EXPECT_EQ(got.tensor_flop, 2u * 16 * 512 * 256);
}

// 128 rows are one tile, for which two warpgroups multiply; 33 are one of 64.
TEST(SmallMCounters, TilesAreAsHighAsTheProblem) {
  EXPECT_EQ(count("sm90a_small_m", {128, 128, 64}, 1).tensor_flop, 2u * 128 * 128 * 64);
  EXPECT_EQ(count("sm90a_small_m", {33, 64, 128}, 1).tensor_flop, 2u * 64 * 64 * 128);
  EXPECT_EQ(count("sm90a_small_m", {17, 64, 128}, 1).tensor_flop, 2u * 32 * 64 * 128);
}

}  // namespace
}  // namespace kernelgate
