// Tiles through a pipeline as it is written for sm_90: a warp that loads, a warp that computes and stores. Right under
// every seed; with one mistake planted, each is seen.

#include <gmock/gmock.h>

#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class TmaPipeline : public SimtTest {};

enum class Bug {
  none,
  no_wait_for_full,
  no_wait_for_empty,
  parity_never_flips,
  expects_too_little,
  expects_too_much,
  no_proxy_fence,
  fence_by_one_thread,
  no_barrier_before_store,
  no_wait_for_read,
  no_commit,
  wrong_swizzle,
};

constexpr int num_stages = 3;
constexpr int rows = 8, columns = 32;  // of a tile: 128 bytes a row
constexpr std::uint32_t tile_bytes = rows * columns * 4;

struct Params {
  TensorMap in, out;
  int tiles;
};

struct alignas(1024) Shared {
  std::uint32_t in[num_stages][rows * columns];  // 1024 bytes each: the swizzle's period
  std::uint32_t out[rows * columns];
  Mbarrier full[num_stages], empty[num_stages];
};

template <Bug BUG>
SIMT_DEVICE void produce(Shared& smem, const Params& params) {
  for (int tile = 0; tile < params.tiles; ++tile) {
    const int stage = tile % num_stages;
    const auto parity = static_cast<unsigned>(BUG == Bug::parity_never_flips ? 0 : tile / num_stages % 2);
    if (BUG != Bug::no_wait_for_empty) mbarrier_wait(&smem.empty[stage], parity ^ 1);
    const std::uint32_t off = BUG == Bug::expects_too_little ? -16u : BUG == Bug::expects_too_much ? 16u : 0u;
    mbarrier_arrive_expect_tx(&smem.full[stage], tile_bytes + off);
    tma_load_2d(smem.in[stage], params.in, &smem.full[stage], 0, rows * tile);
  }
}

template <Bug BUG>
SIMT_DEVICE void consume(Shared& smem, const Params& params) {
  constexpr Swizzle read_as = BUG == Bug::wrong_swizzle ? Swizzle::bytes_64 : Swizzle::bytes_128;
  const unsigned lane = lane_idx();
  for (int tile = 0; tile < params.tiles; ++tile) {
    const int stage = tile % num_stages;
    const auto parity = static_cast<unsigned>(BUG == Bug::parity_never_flips ? 0 : tile / num_stages % 2);
    if (BUG != Bug::no_wait_for_full) mbarrier_wait(&smem.full[stage], parity);
    std::uint32_t values[rows];
    for (unsigned row = 0; row < rows; ++row)
      values[row] = load_shared(&smem.in[stage][swizzled(read_as, row * 128 + lane * 4) / 4]);
    mbarrier_arrive(&smem.empty[stage]);

    if (lane == 0 && BUG != Bug::no_wait_for_read) bulk_wait_read<0>();
    sync_warp();
    for (unsigned row = 0; row < rows; ++row)
      store_shared(&smem.out[swizzled(Swizzle::bytes_128, row * 128 + lane * 4) / 4], 3 * values[row] + row);
    if (BUG != Bug::no_proxy_fence && (BUG != Bug::fence_by_one_thread || lane == 0)) fence_proxy_async();
    if (BUG != Bug::no_barrier_before_store) sync_warp();
    if (lane == 0) {
      tma_store_2d(params.out, smem.out, 0, rows * tile);
      if (BUG != Bug::no_commit) bulk_commit();
    }
  }
  if (lane == 0) bulk_wait_read<0>();
}

template <Bug BUG>
SIMT_KERNEL(64)
void pipeline(const SIMT_GRID_CONSTANT Params params) {
  Shared& smem = *dynamic_shared<Shared>();
  if (linear_thread_idx() == 0) {
    for (int stage = 0; stage < num_stages; ++stage) {
      mbarrier_init(&smem.full[stage], 1);
      mbarrier_init(&smem.empty[stage], 32);
    }
    fence_mbarrier_init();
  }
  sync_threads();
  if (warp_idx() == 1) {
    consume<BUG>(smem, params);
  } else if (lane_idx() == 0) {
    produce<BUG>(smem, params);
  }
}

struct Outcome {
  int wrong = 0;   // ran through, and the result is wrong
  int faults = 0;  // and the first one's text
  std::string text;
};

template <Bug BUG>
Outcome run(int seeds) {
  constexpr std::uint32_t tiles = 8, all_rows = rows * tiles - 1;  // the last tile is clipped
  Outcome outcome;
  for (int seed = 0; seed < seeds; ++seed) {
    set_seed(seed);
    NumberedTensor in({columns, all_rows}), out({columns, all_rows});
    const auto map = [](NumberedTensor& tensor) {
      TiledTensor tiled = tensor.tiled({columns, rows}, Swizzle::bytes_128);
      tiled.tensor.address = tensor.data();
      return encode_tiled(tiled);
    };
    const std::string text = fault_of([&] {
      launch(pipeline<BUG>, {{1}, {64}, sizeof(Shared), "pipeline"}, nullptr, Params{map(in), map(out), tiles});
    });
    if (!text.empty() && outcome.faults++ == 0) outcome.text = text;
    if (!text.empty()) continue;
    bool right = true;
    const std::uint64_t pitch = in.tensor().strides_bytes[0] / 4;
    for (std::uint32_t row = 0; row < all_rows; ++row)
      for (std::uint32_t x = 0; x < columns; ++x)
        right &= out.data()[row * pitch + x] == 3 * in.data()[row * pitch + x] + row % rows;
    outcome.wrong += !right;
  }
  return outcome;
}

TEST_F(TmaPipeline, IsRightUnderAllSeeds) {
  const Outcome outcome = run<Bug::none>(200);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(outcome.text, "");
}

// Nearly every seed shows it, one way or the other.
template <Bug BUG>
Outcome seen() {
  constexpr int seeds = 40;
  const Outcome outcome = run<BUG>(seeds);
  EXPECT_GT(outcome.wrong + outcome.faults, seeds / 2) << outcome.wrong << " wrong, " << outcome.faults << " faults";
  return outcome;
}

TEST_F(TmaPipeline, MistakesThatAreErrors) {
  EXPECT_THAT(seen<Bug::expects_too_little>().text,
              AllOf(HasSubstr("tma_load_2d at"), HasSubstr("16 bytes more than")));
  EXPECT_THAT(seen<Bug::expects_too_much>().text, AllOf(HasSubstr("deadlock"), HasSubstr("16 bytes missing")));
  const auto unfenced = AllOf(HasSubstr("tma_store_2d at kernels/simt/tma_pipeline_test.cpp"),
                              HasSubstr("store_shared at kernels/simt/tma_pipeline_test.cpp"),
                              HasSubstr("has not executed fence_proxy_async since"));
  EXPECT_THAT(seen<Bug::no_proxy_fence>().text, unfenced);
  EXPECT_THAT(seen<Bug::fence_by_one_thread>().text, unfenced);
  EXPECT_THAT(seen<Bug::no_commit>().text, AllOf(HasSubstr("tma_store_2d at"), HasSubstr("bulk_commit")));
  EXPECT_NE(seen<Bug::no_wait_for_empty>().text, "");
  EXPECT_NE(seen<Bug::parity_never_flips>().text, "");
}

TEST_F(TmaPipeline, MistakesThatShowInTheData) {
  seen<Bug::no_wait_for_full>();
  seen<Bug::no_barrier_before_store>();
  EXPECT_GT(seen<Bug::no_wait_for_read>().wrong, 0);
  EXPECT_EQ(seen<Bug::wrong_swizzle>().wrong, 40);
}

}  // namespace
}  // namespace kernelgate::simt
