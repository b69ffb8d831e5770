// Loads for several blocks of a cluster.

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/simt/bulk_copy.h"
#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"
#include "kernels/simt/tma_load.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class TmaMulticast : public SimtTest {};

constexpr unsigned blocks = 4;

struct Params {
  TensorMap map;
  const std::uint32_t* line;
  std::uint32_t* to;
  std::uint16_t mask = 0b1111;
  bool all_expect = true;
  bool stay = true;
  bool first_leaves = false;
};

// Each block brings one row to all, by tensor map, and 64 bytes of a line, without.
SIMT_KERNEL(32) void share_rows(const SIMT_GRID_CONSTANT Params params) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem + 4096);
  const unsigned rank = cluster_rank();
  const bool first = linear_thread_idx() == 0;
  if (first) {
    mbarrier_init(full, 1);
    fence_mbarrier_init();
  }
  cluster_sync();
  if (params.first_leaves && rank == 0) return;
  if (params.first_leaves) {
    for (int i = 0; i < 50; ++i) sync_warp();  // until it has
  }
  if (first) {
    if (params.all_expect || rank != 2) mbarrier_arrive_expect_tx(full, blocks * (128 + 64));
    tma_load_multicast_2d(smem + 128 * rank, params.map, full, params.mask, 0, static_cast<int>(rank));
    bulk_load_multicast(smem + 1024 + 64 * rank, params.line + 16 * rank, 64, full, params.mask);
  }
  mbarrier_wait(full, 0);
  for (unsigned i = linear_thread_idx(); i < 32 * blocks; i += 32)
    params.to[rank * 512 + i] = reinterpret_cast<std::uint32_t*>(smem)[i];
  for (unsigned i = linear_thread_idx(); i < 16 * blocks; i += 32)
    params.to[rank * 512 + 256 + i] = reinterpret_cast<std::uint32_t*>(smem)[256 + i];
  if (params.stay) cluster_sync();
}

std::string run(const Params& params) {
  return fault_of([&] {
    launch(share_rows,
           LaunchShape{.grid = {blocks},
                       .block = {32},
                       .dynamic_shared_bytes = 8192,
                       .kernel_name = "shares",
                       .cluster = {blocks}},
           nullptr, params);
  });
}

TEST_F(TmaMulticast, EachBlockGetsWhatAllBring) {
  const NumberedTensor rows({32, blocks});
  NumberedTensor line({16 * blocks});
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    std::vector<std::uint32_t> to(512 * blocks);
    ASSERT_EQ(run({encode_tiled(rows.tiled({32, 1})), line.data(), to.data()}), "") << seed;
    for (unsigned block = 0; block < blocks; ++block) {
      for (unsigned i = 0; i < 32 * blocks; ++i)
        ASSERT_EQ(to[block * 512 + i],
                  static_cast<const std::uint32_t*>(
                      rows.tensor().address)[i / 32 * rows.tensor().strides_bytes[0] / 4 + i % 32]);
      for (unsigned i = 0; i < 16 * blocks; ++i) ASSERT_EQ(to[block * 512 + 256 + i], line.data()[i]);
    }
  }
}

TEST_F(TmaMulticast, EachBlockMustExpectItsBytes) {
  const NumberedTensor rows({32, blocks});
  NumberedTensor line({16 * blocks});
  std::vector<std::uint32_t> to(512 * blocks);
  for (int seed = 0; seed < 10; ++seed) {
    set_seed(seed);
    EXPECT_THAT(run({encode_tiled(rows.tiled({32, 1})), line.data(), to.data(), 0b1111, false}),
                AllOf(HasSubstr("deadlock"), HasSubstr("1 of 1 arrivals")));
  }
}

TEST_F(TmaMulticast, ChecksTheMask) {
  const NumberedTensor rows({32, blocks});
  NumberedTensor line({16 * blocks});
  std::vector<std::uint32_t> to(512 * blocks);
  const auto text = [&](std::uint16_t mask) {
    return run({encode_tiled(rows.tiled({32, 1})), line.data(), to.data(), mask});
  };
  EXPECT_THAT(text(0), AllOf(HasSubstr("tma_load_multicast_2d at"),
                             HasSubstr("a mask of 0x0, must name blocks of a cluster of 4")));
  EXPECT_THAT(text(0x1f), HasSubstr("a mask of 0x1f, must name blocks of a cluster of 4"));
  EXPECT_THAT(text(0x7), HasSubstr("missing")) << "rank 3 waits for ever";
}

TEST_F(TmaMulticast, NoBlockMayLeaveBefore) {
  const NumberedTensor rows({32, blocks});
  NumberedTensor line({16 * blocks});
  std::vector<std::uint32_t> to(512 * blocks);
  int gone = 0;
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    const Params params{
        .map = encode_tiled(rows.tiled({32, 1})), .line = line.data(), .to = to.data(), .first_leaves = true};
    const std::string text = run(params);
    ASSERT_NE(text, "");
    gone += text.find("block (0,0,0) (rank 0) has returned") != std::string::npos;
  }
  EXPECT_GT(gone, 3);
}

// A block's memory is its own once all that goes to it has come: it need not stay for what it brought to others.
TEST_F(TmaMulticast, ABlockThatWaitedForItsOwnMayEnd) {
  const NumberedTensor rows({32, blocks});
  NumberedTensor line({16 * blocks});
  std::vector<std::uint32_t> to(512 * blocks);
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    EXPECT_EQ(run({.map = encode_tiled(rows.tiled({32, 1})), .line = line.data(), .to = to.data(), .stay = false}), "")
        << seed;
  }
}

template <bool REMOTE_BARRIER>
SIMT_KERNEL(32)
void load_to_the_other(const SIMT_GRID_CONSTANT TensorMap map) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem + 4096);
  if (linear_thread_idx() == 0) {
    mbarrier_init(full, 1);
    fence_mbarrier_init();
  }
  cluster_sync();
  if (linear_thread_idx() == 0 && cluster_rank() == 0) {
    if (REMOTE_BARRIER)
      tma_load_2d(smem, map, map_shared_rank(full, 1), 0, 0);
    else
      tma_load_2d(map_shared_rank(smem, 1), map, full, 0, 0);
  }
  cluster_sync();
}

TEST_F(TmaMulticast, OnlyAMulticastReachesOtherBlocks) {
  const NumberedTensor rows({32, 2});
  const LaunchShape shape{.grid = {2}, .block = {32}, .dynamic_shared_bytes = 8192, .cluster = {2}};
  const TensorMap map = encode_tiled(rows.tiled({32, 1}));
  EXPECT_THAT(fault_of([&] { launch(load_to_the_other<false>, shape, nullptr, map); }),
              HasSubstr("the destination is in the shared memory of block (1,0,0), must be in its own"));
  EXPECT_THAT(fault_of([&] { launch(load_to_the_other<true>, shape, nullptr, map); }),
              HasSubstr("the mbarrier is in the shared memory of block (1,0,0), must be in its own"));
}

}  // namespace
}  // namespace kernelgate::simt
