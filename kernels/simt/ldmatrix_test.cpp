// ldmatrix against the layout in the PTX manual: "Warp-level matrix load instruction: ldmatrix".

#include <gmock/gmock.h>

#include <vector>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
class Ldmatrix : public SimtTest {};

constexpr int ROW_BYTES = 48;  // rows apart by more than their 16 bytes, and out of order
constexpr int ROWS = 32;

// Element (row, column) of matrix m as a number that tells it from all others.
constexpr int code(int m, int row, int column) { return m * 64 + row * 8 + column; }
constexpr int place(int m, int row) { return (m * 8 + row) * 5 % ROWS; }

SIMT_DEVICE void write_matrices(std::uint16_t* smem) {
  const int m = static_cast<int>(lane_idx()) / 8, row = static_cast<int>(lane_idx()) % 8;
  for (int column = 0; column < 8; ++column)
    smem[place(m, row) * ROW_BYTES / 2 + column] = static_cast<std::uint16_t>(code(m, row, column));
  sync_warp();
}

struct Loaded {
  std::uint32_t x4[4], x4_trans[4], x2[2], x2_trans[2], x1[1], x1_trans[1];
};

SIMT_KERNEL(32) void load_matrices(Loaded* out) {
  auto* smem = dynamic_shared<std::uint16_t>();
  write_matrices(smem);
  const int lane = static_cast<int>(lane_idx());
  const std::uint16_t* row = smem + place(lane / 8, lane % 8) * ROW_BYTES / 2;
  Loaded& mine = out[lane];
  ldmatrix_x4(mine.x4, row);
  ldmatrix_x4_trans(mine.x4_trans, row);
  ldmatrix_x2(mine.x2, row);
  ldmatrix_x2_trans(mine.x2_trans, row);
  ldmatrix_x1(mine.x1, row);
  ldmatrix_x1_trans(mine.x1_trans, row);
}

TEST_F(Ldmatrix, EachLaneReceivesTheElementsThatTheManualSays) {
  std::vector<Loaded> out(32);
  launch(load_matrices, {{1}, {32}, ROWS * ROW_BYTES}, nullptr, out.data());
  const auto pair = [](int low, int high) { return static_cast<std::uint32_t>(low | high << 16); };
  for (int lane = 0; lane < 32; ++lane)
    for (int m = 0; m < 4; ++m) {
      const int group = lane / 4, in_group = lane % 4;
      const auto plain = pair(code(m, group, 2 * in_group), code(m, group, 2 * in_group + 1));
      const auto trans = pair(code(m, 2 * in_group, group), code(m, 2 * in_group + 1, group));
      ASSERT_EQ(out[lane].x4[m], plain);
      ASSERT_EQ(out[lane].x4_trans[m], trans);
      if (m < 2) {
        ASSERT_EQ(out[lane].x2[m], plain);
        ASSERT_EQ(out[lane].x2_trans[m], trans);
      }
      if (m < 1) {
        ASSERT_EQ(out[lane].x1[m], plain);
        ASSERT_EQ(out[lane].x1_trans[m], trans);
      }
    }
}

SIMT_KERNEL(32) void load_rows(int lane_0, int step, int odd_lane, int odd_offset) {
  auto* smem = dynamic_shared<char>();
  std::uint32_t r[4];
  const int lane = static_cast<int>(lane_idx());
  ldmatrix_x4(r, smem + (lane == odd_lane ? odd_offset : lane_0 + lane * step));
}
SIMT_KERNEL(32) void load_two(int upper_offset) {
  auto* smem = dynamic_shared<char>();
  std::uint32_t r[2];
  ldmatrix_x2(r, smem + (lane_idx() < 16 ? static_cast<int>(lane_idx()) * 16 : upper_offset));
}
SIMT_KERNEL(32) void load_half_a_warp() {
  std::uint32_t r[4];
  if (lane_idx() < 16) ldmatrix_x4(r, dynamic_shared<char>());
}
SIMT_KERNEL(32) void load_from_global(const void* global) {
  std::uint32_t r[4];
  ldmatrix_x4(r, global);
}

TEST_F(Ldmatrix, ChecksEveryRow) {
  const LaunchShape shape{{1}, {32}, 512, "loads"};
  const auto text = [&](auto kernel, auto... arguments) {
    return fault_of([&] { launch(kernel, shape, nullptr, arguments...); });
  };
  EXPECT_EQ(text(load_rows, 0, 16, -1, 0), "");
  EXPECT_THAT(text(load_rows, 0, 16, 13, 24),
              AllOf(HasSubstr("kernel loads"), HasSubstr("thread (13,0,0) (warp 0, lane 13): ldmatrix_x4 at "),
                    HasSubstr("misaligned: its row is at offset 24 of its 512 bytes"), HasSubstr("multiple of 16")));
  EXPECT_THAT(text(load_rows, 0, 16, 31, 512),
              AllOf(HasSubstr("lane 31"), HasSubstr("out of bounds: its row of 16 bytes is at offset 512 of its 512")));
  EXPECT_THAT(text(load_rows, 0, 16, 0, -16), AllOf(HasSubstr("lane 0"), HasSubstr("at offset -16")));
  EXPECT_EQ(text(load_two, 0), "");
  EXPECT_THAT(text(load_two, 8), AllOf(HasSubstr("misaligned"), HasSubstr("undefined on sm_75")));
  EXPECT_THAT(text(load_half_a_warp),
              testing::AnyOf(HasSubstr("returns from the kernel while"), HasSubstr("have returned from the kernel")));
  const std::vector<char> global(64);
  EXPECT_THAT(text(load_from_global, global.data()), HasSubstr("out of bounds"));
}

}  // namespace
}  // namespace kernelgate::simt
