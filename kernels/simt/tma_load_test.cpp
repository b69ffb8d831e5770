// TMA loads on the host executor: what arrives, when it may be read, and what is refused.

#include "kernels/simt/tma_load.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/simt/simt_for_test.h"
#include "kernels/simt/tma_for_test.h"
#include "kernels/simt/tma_load_im2col.h"

namespace kernelgate::simt {
namespace {

using executor::BoxStart;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
class TmaLoad : public SimtTest {};

constexpr unsigned shared_bytes = 8192;
constexpr std::uint8_t old_byte = 0xdd;
constexpr int box_at = 1152;  // a multiple of 128 and of no more: the swizzle goes by the address

struct LoadParams {
  TensorMap map;
  BoxStart start;
  std::uint32_t bytes;  // that the mbarrier expects
  std::uint8_t* to;
  std::uint32_t image_bytes;
};

template <int RANK, bool IM2COL>
SIMT_DEVICE void load(void* shared, const TensorMap& map, Mbarrier* mbarrier, const BoxStart& start) {
  const auto& c = start.coordinates;
  const Im2colOffsets offsets{static_cast<std::uint16_t>(start.offsets[0]),
                              static_cast<std::uint16_t>(start.offsets[1]),
                              static_cast<std::uint16_t>(start.offsets[2])};
  if constexpr (IM2COL && RANK == 3) tma_load_im2col_3d(shared, map, mbarrier, c[0], c[1], c[2], offsets);
  if constexpr (IM2COL && RANK == 4) tma_load_im2col_4d(shared, map, mbarrier, c[0], c[1], c[2], c[3], offsets);
  if constexpr (IM2COL && RANK == 5) tma_load_im2col_5d(shared, map, mbarrier, c[0], c[1], c[2], c[3], c[4], offsets);
  if constexpr (!IM2COL && RANK == 1) tma_load_1d(shared, map, mbarrier, c[0]);
  if constexpr (!IM2COL && RANK == 2) tma_load_2d(shared, map, mbarrier, c[0], c[1]);
  if constexpr (!IM2COL && RANK == 3) tma_load_3d(shared, map, mbarrier, c[0], c[1], c[2]);
  if constexpr (!IM2COL && RANK == 4) tma_load_4d(shared, map, mbarrier, c[0], c[1], c[2], c[3]);
  if constexpr (!IM2COL && RANK == 5) tma_load_5d(shared, map, mbarrier, c[0], c[1], c[2], c[3], c[4]);
}

template <int RANK, bool IM2COL, bool WAIT = true>
SIMT_KERNEL(64)
void load_and_copy_out(const SIMT_GRID_CONSTANT LoadParams params) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem);
  const unsigned i = linear_thread_idx();
  if (i == 0) {
    mbarrier_init(full, 1);
    fence_mbarrier_init();
    prefetch_tensor_map(params.map);
  }
  if (!WAIT) {
    for (unsigned at = i; at < params.image_bytes; at += 64) store_shared(smem + box_at + at, old_byte);
    fence_proxy_async();
  }
  sync_threads();
  if (i == 0) {
    mbarrier_arrive_expect_tx(full, params.bytes);
    load<RANK, IM2COL>(smem + box_at, params.map, full, params.start);
  }
  if (WAIT)
    mbarrier_wait(full, 0);
  else
    sync_threads();  // it has been issued
  for (unsigned at = i; at < params.image_bytes; at += 64) params.to[at] = smem[box_at + at];
  if (!WAIT) mbarrier_wait(full, 0);
}

template <int RANK, bool IM2COL>
void check_load(const TensorMap& map, const BoxStart& start) {
  const std::vector<std::uint8_t> expected = image_of(map, start, box_at);
  for (int seed = 0; seed < 12; ++seed) {
    set_seed(seed);
    std::vector<std::uint8_t> to(expected.size());
    launch(load_and_copy_out<RANK, IM2COL>, {{1}, {64}, shared_bytes, "loads"}, nullptr,
           LoadParams{map, start, static_cast<std::uint32_t>(layout_of(map).box_bytes()), to.data(),
                      static_cast<std::uint32_t>(to.size())});
    ASSERT_EQ(to, expected) << "rank " << RANK << ", seed " << seed;
  }
}

TEST_F(TmaLoad, BringsBoxesOfAllRanksClippedOrNot) {
  check_load<1, false>(encode_tiled(NumberedTensor({50}).tiled({32})), {{}, {}});
  const NumberedTensor line({50}), matrix({20, 9}), box({20, 5, 4}), four({20, 5, 4, 3}), five({20, 5, 4, 3, 3});
  for (const int first : {-9, 0, 3}) {
    check_load<1, false>(encode_tiled(line.tiled({32})), {{first + 24}, {}});
    check_load<2, false>(encode_tiled(matrix.tiled({16, 7}, Swizzle::bytes_64)), {{first, first}, {}});
    check_load<2, false>(encode_tiled(matrix.tiled({32, 9}, Swizzle::bytes_128)), {{first, first}, {}});
    check_load<3, false>(encode_tiled(box.tiled({8, 4, 3}, Swizzle::bytes_32)), {{first, 2, -1}, {}});
    check_load<4, false>(encode_tiled(four.tiled({4, 4, 3, 2})), {{first, 2, -1, 1}, {}});
    check_load<5, false>(encode_tiled(five.tiled({4, 4, 3, 2, 2})), {{first, 2, -1, 1, 2}, {}});
  }
}

Im2colTensor columns(const NumberedTensor& images) {
  Im2colTensor im2col{images.tensor(), {-1, -1, -1}, {-1, -1, -1}, 8, 24};
  im2col.tensor.swizzle = Swizzle::bytes_32;
  return im2col;
}

TEST_F(TmaLoad, BringsColumnsOfPixels) {
  const NumberedTensor nwc({12, 9, 3}), nhwc({12, 5, 4, 3}), ndhwc({12, 4, 3, 3, 3});
  check_load<3, true>(encode_im2col(columns(nwc)), {{4, -1, 0}, {2}});
  check_load<4, true>(encode_im2col(columns(nhwc)), {{4, 2, 1, 1}, {1, 2}});
  check_load<5, true>(encode_im2col(columns(ndhwc)), {{0, 2, -1, 0, 1}, {0, 1, 2}});
}

// What the destination held before must not be mistaken for what the load brings.
TEST_F(TmaLoad, TheDestinationIsPoisonUntilItLands) {
  const NumberedTensor matrix({16, 4});
  const TensorMap map = encode_tiled(matrix.tiled({16, 4}));
  const std::vector<std::uint8_t> landed = image_of(map, {}, box_at);
  ASSERT_EQ(std::count(landed.begin(), landed.end(), old_byte), 0);
  int poison = 0, there = 0;
  for (int seed = 0; seed < 60; ++seed) {
    set_seed(seed);
    std::vector<std::uint8_t> to(landed.size());
    launch(load_and_copy_out<2, false, false>, {{1}, {64}, shared_bytes}, nullptr,
           LoadParams{map, {}, 256, to.data(), 256});
    for (std::size_t i = 0; i < to.size(); ++i) ASSERT_TRUE(to[i] == 0xff || to[i] == landed[i]) << seed;
    poison += std::count(to.begin(), to.end(), 0xff) == 256;
    there += to == landed;
  }
  EXPECT_GT(poison, 20);
  EXPECT_GT(there, 3);
}

// A load reads its source when it lands.
SIMT_KERNEL(1) void source_changes(const SIMT_GRID_CONSTANT TensorMap map, std::uint32_t* from, std::uint32_t* to) {
  auto* smem = dynamic_shared<std::uint32_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem + 64);
  mbarrier_init(full, 1);
  fence_mbarrier_init();
  mbarrier_arrive_expect_tx(full, 16);
  tma_load_1d(smem, map, full, 0);
  *from = 99;
  mbarrier_wait(full, 0);
  *to = *smem;
}

TEST_F(TmaLoad, TheSourceMustNotChangeMeanwhile) {
  int changed = 0;
  for (int seed = 0; seed < 40; ++seed) {
    set_seed(seed);
    NumberedTensor line({4});
    std::uint32_t to = 0;
    launch(source_changes, {{1}, {1}, 1024}, nullptr, encode_tiled(line.tiled({4})), line.data(), &to);
    ASSERT_TRUE(to == 99 || to == line.memory()[1] - 1) << to;
    changed += to == 99;
  }
  EXPECT_GT(changed, 10);
  EXPECT_LT(changed, 40);
}

// One load with everything about it to choose.
struct OneLoad {
  TensorMap map;
  int shared = 1024;
  int mbarrier = 0;
  int x = 0, y = 0;
  std::uint32_t expect = 256;
  bool init = true, fence = true, wait = true, dirty = false, plain = false;
};

SIMT_KERNEL(1) void one_load(const SIMT_GRID_CONSTANT OneLoad one) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem + one.mbarrier);
  if (one.init) mbarrier_init(reinterpret_cast<Mbarrier*>(smem), 1);
  if (one.fence) fence_mbarrier_init();
  if (one.dirty) store_shared(reinterpret_cast<std::uint32_t*>(smem + 1040), 5);
  if (one.plain) smem[1041] = 5;
  if (one.init) mbarrier_arrive_expect_tx(reinterpret_cast<Mbarrier*>(smem), one.expect);
  tma_load_2d(smem + one.shared, one.map, full, one.x, one.y);
  if (one.wait) mbarrier_wait(full, 0);
}

std::string fault_of_load(const OneLoad& one) {
  return fault_of([&] { launch(one_load, {{1}, {1}, 2048, "loads"}, nullptr, one); });
}

TEST_F(TmaLoad, ChecksWhereItGoesAndWhatCountsIt) {
  const NumberedTensor matrix({16, 4});
  const TensorMap map = encode_tiled(matrix.tiled({16, 4}));
  EXPECT_EQ(fault_of_load({.map = map}), "");
  EXPECT_THAT(fault_of_load({.map = map, .shared = 1040}),
              AllOf(HasSubstr("kernel loads"), HasSubstr("tma_load_2d at kernels/simt/tma_load_test.cpp:"),
                    HasSubstr("misaligned: writes at offset 1040 of its 2048 bytes of shared memory, must be at a "
                              "multiple of 128")));
  EXPECT_THAT(fault_of_load({.map = map, .shared = 1920}), HasSubstr("out of bounds: writes 256 bytes at offset 1920"));
  EXPECT_THAT(fault_of_load({.map = map, .shared = 1 << 21}),
              HasSubstr("out of bounds: the destination is far from its shared memory"));
  EXPECT_THAT(fault_of_load({.map = map, .mbarrier = 1 << 21}),
              HasSubstr("out of bounds: the mbarrier is far from its shared memory"));
  EXPECT_THAT(fault_of_load({.map = map, .mbarrier = 64}), HasSubstr("no mbarrier lives at offset 64"));
  EXPECT_THAT(fault_of_load({.map = map, .init = false}), HasSubstr("no mbarrier lives at offset 0"));
  EXPECT_THAT(fault_of_load({.map = map, .fence = false}), HasSubstr("fence_mbarrier_init"));
}

TEST_F(TmaLoad, ChecksTheMap) {
  const NumberedTensor matrix({16, 4}), box({16, 4, 2});
  EXPECT_THAT(fault_of_load({.map = {}}), HasSubstr("the tensor map was not made by encode_tiled or encode_im2col"));
  EXPECT_THAT(fault_of_load({.map = encode_tiled(box.tiled({16, 4, 1}))}),
              HasSubstr("the tensor map is one of 3 dimensions, must be of 2"));
  EXPECT_THAT(fault_of_load({.map = encode_im2col(columns(box))}),
              HasSubstr("the tensor map was made by encode_im2col, must be made by encode_tiled"));
}

TEST_F(TmaLoad, CountsTheWholeBoxClippedOrNot) {
  const NumberedTensor matrix({16, 4});
  const TensorMap map = encode_tiled(matrix.tiled({16, 4}));
  for (int seed = 0; seed < 12; ++seed) {
    set_seed(seed);
    EXPECT_EQ(fault_of_load({.map = map, .x = 12, .y = -3}), "");
    EXPECT_EQ(fault_of_load({.map = map, .x = 999}), "") << "all of it outside";
    EXPECT_THAT(fault_of_load({.map = map, .x = 12, .expect = 64}),
                AllOf(HasSubstr("tma_load_2d at"), HasSubstr("192 bytes more than")));
    EXPECT_THAT(fault_of_load({.map = map, .x = 12, .expect = 272}),
                AllOf(HasSubstr("deadlock"), HasSubstr("mbarrier_wait at"), HasSubstr("16 bytes missing")));
  }
}

TEST_F(TmaLoad, ABlockMayNotEndBeforeItsLoads) {
  const NumberedTensor matrix({16, 4});
  for (int seed = 0; seed < 20; ++seed) {
    set_seed(seed);
    EXPECT_THAT(fault_of_load({.map = encode_tiled(matrix.tiled({16, 4})), .wait = false}),
                AllOf(HasSubstr("tma_load_2d at kernels/simt/tma_load_test.cpp"),
                      AnyOf(HasSubstr("still under way"), HasSubstr("no thread has waited"))));
  }
}

TEST_F(TmaLoad, WhatThreadsWroteThereNeedsAFence) {
  const NumberedTensor matrix({16, 4});
  const TensorMap map = encode_tiled(matrix.tiled({16, 4}));
  EXPECT_THAT(fault_of_load({.map = map, .dirty = true}),
              AllOf(HasSubstr("tma_load_2d at"), HasSubstr("store_shared at kernels/simt/tma_load_test.cpp"),
                    HasSubstr("has not executed fence_proxy_async since")));
  EXPECT_THAT(fault_of_load({.map = map, .plain = true}), HasSubstr("written through a plain pointer"));
}

// Im2col: coordinates and offsets.
struct OneColumn {
  TensorMap map;
  int w = 0, h = 0;
  Im2colOffsets offsets{};
};
SIMT_KERNEL(1) void one_column(const SIMT_GRID_CONSTANT OneColumn one) {
  auto* smem = dynamic_shared<std::uint8_t>();
  auto* full = reinterpret_cast<Mbarrier*>(smem);
  mbarrier_init(full, 1);
  fence_mbarrier_init();
  mbarrier_arrive_expect_tx(full, 768);
  tma_load_im2col_4d(smem + 1024, one.map, full, 0, one.w, one.h, 0, one.offsets);
  mbarrier_wait(full, 0);
}
std::string fault_of_column(const OneColumn& one) {
  return fault_of([&] { launch(one_column, {{1}, {1}, 2048}, nullptr, one); });
}

TEST_F(TmaLoad, ChecksColumns) {
  const NumberedTensor nhwc({12, 5, 4, 3}), nwc({12, 5, 4});
  const TensorMap map = encode_im2col(columns(nhwc));
  EXPECT_EQ(fault_of_column({map, -1, 2, {255, 255}}), "");
  EXPECT_THAT(fault_of_column({map, 4, 0}), HasSubstr("coordinate w is 4, must be within the map's box, -1 to 3"));
  EXPECT_THAT(fault_of_column({map, 0, -2}), HasSubstr("coordinate h is -2, must be within the map's box, -1 to 2"));
  EXPECT_THAT(fault_of_column({map, 0, 0, {256, 0}}), HasSubstr("offset w is 256, must be 0 to 255 at rank 4"));
  EXPECT_THAT(fault_of_column({encode_im2col(columns(nwc))}), HasSubstr("of 3 dimensions, must be of 4"));
  EXPECT_THAT(fault_of_column({encode_tiled(nhwc.tiled({4, 1, 1, 1}))}), HasSubstr("must be made by encode_im2col"));
}

}  // namespace
}  // namespace kernelgate::simt
