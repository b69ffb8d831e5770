// stmatrix against the layout in the PTX manual: "Warp-level matrix store instruction: stmatrix".

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Stmatrix : public SimtTest {};

constexpr int ROW_BYTES = 48;  // rows apart by more than their 16 bytes, and out of order
constexpr int ROWS = 32;
constexpr std::uint16_t UNTOUCHED = 0xffff;

constexpr int code(int m, int row, int column) { return m * 64 + row * 8 + column; }
constexpr int place(int m, int row) { return (m * 8 + row) * 5 % ROWS; }

template <int MATRICES, bool TRANS>
SIMT_DEVICE void store(void* row, const std::uint32_t (&r)[MATRICES]) {
  if constexpr (MATRICES == 4) TRANS ? stmatrix_x4_trans(row, r) : stmatrix_x4(row, r);
  if constexpr (MATRICES == 2) TRANS ? stmatrix_x2_trans(row, r) : stmatrix_x2(row, r);
  if constexpr (MATRICES == 1) TRANS ? stmatrix_x1_trans(row, r) : stmatrix_x1(row, r);
}

// Each lane holds the elements that the manual says; addresses that are not used are bad ones.
template <int MATRICES, bool TRANS>
SIMT_KERNEL(32)
void store_matrices(std::uint16_t* out) {
  auto* smem = dynamic_shared<std::uint16_t>();
  const int lane = static_cast<int>(lane_idx()), group = lane / 4, in_group = lane % 4;
  std::uint32_t r[MATRICES];
  for (int m = 0; m < MATRICES; ++m) {
    const int low = TRANS ? code(m, 2 * in_group, group) : code(m, group, 2 * in_group);
    const int high = TRANS ? code(m, 2 * in_group + 1, group) : code(m, group, 2 * in_group + 1);
    r[m] = static_cast<std::uint32_t>(low | high << 16);
  }
  store<MATRICES, TRANS>(lane < 8 * MATRICES ? smem + place(lane / 8, lane % 8) * ROW_BYTES / 2 : nullptr, r);
  sync_warp();
  for (int i = lane; i < ROWS * ROW_BYTES / 2; i += 32) out[i] = smem[i];
}

template <int MATRICES, bool TRANS>
void check() {
  std::vector<std::uint16_t> out(ROWS * ROW_BYTES / 2), expected(out.size(), UNTOUCHED);
  launch(store_matrices<MATRICES, TRANS>, {{1}, {32}, ROWS * ROW_BYTES}, nullptr, out.data());
  for (int m = 0; m < MATRICES; ++m)
    for (int row = 0; row < 8; ++row)
      for (int column = 0; column < 8; ++column)
        expected[static_cast<std::size_t>(place(m, row) * ROW_BYTES / 2 + column)] =
            static_cast<std::uint16_t>(code(m, row, column));
  EXPECT_EQ(out, expected) << MATRICES << " matrices, trans " << TRANS;
}

TEST_F(Stmatrix, EachElementGoesWhereTheManualSaysAndNoOther) {
  check<4, false>();
  check<4, true>();
  check<2, false>();
  check<2, true>();
  check<1, false>();
  check<1, true>();
}

// What ldmatrix reads is what stmatrix wrote: the two agree on the lanes.
SIMT_KERNEL(32) void there_and_back(std::uint32_t* out) {
  auto* row = dynamic_shared<char>() + lane_idx() * 16;
  std::uint32_t r[4], back[4];
  for (unsigned m = 0; m < 4; ++m) r[m] = m << 16 | lane_idx();
  stmatrix_x4(row, r);
  sync_warp();
  ldmatrix_x4(back, row);
  for (unsigned m = 0; m < 4; ++m) out[lane_idx() * 4 + m] = back[m] ^ r[m];
}

TEST_F(Stmatrix, IsTheConverseOfLdmatrix) {
  std::vector<std::uint32_t> out(128, 1);
  launch(there_and_back, {{1}, {32}, 512}, nullptr, out.data());
  EXPECT_THAT(out, testing::Each(0u));
}

SIMT_KERNEL(32) void store_rows(int odd_lane, int odd_offset) {
  const int lane = static_cast<int>(lane_idx());
  stmatrix_x4(dynamic_shared<char>() + (lane == odd_lane ? odd_offset : lane * 16), {0, 0, 0, 0});
}
SIMT_KERNEL(32) void half_a_warp_stores() {
  if (lane_idx() < 16) stmatrix_x2(dynamic_shared<char>() + lane_idx() * 16, {0, 0});
  sync_warp();
}

TEST_F(Stmatrix, ChecksEveryRow) {
  const auto text = [](auto kernel, auto... arguments) {
    return fault_of([&] { launch(kernel, {{1}, {32}, 512, "stores"}, nullptr, arguments...); });
  };
  EXPECT_EQ(text(store_rows, -1, 0), "");
  EXPECT_THAT(text(store_rows, 13, 24),
              AllOf(HasSubstr("kernel stores"), HasSubstr("thread (13,0,0) (warp 0, lane 13): stmatrix_x4 at "),
                    HasSubstr("misaligned: its row is at offset 24 of its 512 bytes"), HasSubstr("multiple of 16")));
  EXPECT_THAT(text(store_rows, 31, 512), HasSubstr("lane 31): stmatrix_x4 at kernels/simt/stmatrix_test.cpp:"));
  EXPECT_THAT(text(store_rows, 31, 512), HasSubstr("out of bounds: its row of 16 bytes is at offset 512 of its 512"));
  EXPECT_THAT(text(half_a_warp_stores), HasSubstr("the warp has diverged"));
}

}  // namespace
}  // namespace kernelgate::simt
