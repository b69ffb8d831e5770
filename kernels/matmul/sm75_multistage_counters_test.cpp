// What sm75_multistage does on the host executor, against numbers worked out by hand: it moves and multiplies
// what its tiles need and nothing more, and its swizzles keep shared memory free of bank conflicts.

#include <gtest/gtest.h>

#include "bench/run/devices.h"
#include "kernels/matmul/matmul.h"
#include "kernels/op/verify.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {
namespace {

constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};

simt::Counters count(const Matmul::Problem& problem, bool large_tiles) {
  Device device = simt_device();
  device.multiprocessors = large_tiles ? 1 : 1 << 20;
  Proof proof(std::make_shared<TypedProblem<Matmul>>(Workload<Matmul>{problem, "", {}}), device,
              {.seed = 1, .misalign_elements = 0, .flop_budget = 1e6});
  const Launch launch = proof.prepare({"sm75_multistage", Origin::ours, DeviceKind::simt});
  const simt::CountersScope scope;
  EXPECT_TRUE(proof.verify(launch).right);
  return scope.counters();
}

// Two by two tiles of 128 x 128, and four of 32 along K.
TEST(MultistageCounters, LargeTilesDoWhatTheirSizeSays) {
  for (const Layout layout : layouts) {
    const simt::Counters got = count({256, 256, 128, 1, layout}, true);
    EXPECT_EQ(got.global_read_bytes, 4u * (128 + 128) * 128 * 2);  // a tile of each, for every block
    EXPECT_EQ(got.cp_async_bytes, got.global_read_bytes);
    EXPECT_EQ(got.global_reads, got.global_read_bytes / (32 * 16));
    EXPECT_EQ(got.global_read_sectors, got.global_read_bytes / 32);
    EXPECT_EQ(got.global_written_bytes, 256u * 256 * 2);
    EXPECT_EQ(got.global_written_sectors, got.global_written_bytes / 32);
    EXPECT_EQ(got.mma_m16n8k16, 256u * 256 * 128 / (16 * 8 * 16));
    EXPECT_EQ(got.tensor_flop, 2u * 256 * 256 * 128);
    // 8 warps of 64 x 32: four fragments of A and two pairs of B for each 16 along K.
    EXPECT_EQ(got.ldmatrix, 4u * 8 * (4 + 2) * (128 / 16));
    EXPECT_EQ(got.block_barriers, 4u * (1 + 4 + 1));  // the first tile, each tile, the epilogue
  }
}

TEST(MultistageCounters, SmallTilesReadMore) {
  const simt::Counters got = count({256, 256, 128}, false);
  EXPECT_EQ(got.global_read_bytes, 16u * (64 + 64) * 128 * 2);
  EXPECT_EQ(got.mma_m16n8k16, 256u * 256 * 128 / (16 * 8 * 16));
  // 4 warps of 32 x 32.
  EXPECT_EQ(got.ldmatrix, 16u * 4 * (2 + 2) * (128 / 16));
  EXPECT_EQ(got.block_barriers, 16u * (1 + 4 + 1));
}

TEST(MultistageCounters, TheMainLoopHasNoBankConflicts) {
  for (const Layout layout : layouts)
    for (const bool large : {true, false}) {
      const simt::Counters got = count({256, 256, 128, 1, layout}, large);
      EXPECT_GT(got.ldmatrix, 0u);
      EXPECT_EQ(got.ldmatrix_conflicts, 0u) << to_string(layout) << (large ? ", large tiles" : ", small tiles");
      EXPECT_EQ(got.cp_async_conflicts, 0u) << to_string(layout) << (large ? ", large tiles" : ", small tiles");
    }
}

}  // namespace
}  // namespace kernelgate
