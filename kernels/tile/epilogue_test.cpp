// The epilogue rounds every sum, stores it where it belongs, and nothing outside C: with whole and with odd rows.

#include "kernels/tile/epilogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/simt/host/counters.h"
#include "kernels/simt/simt_for_test.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate::tile {
namespace {

using Grid = WarpGrid<64, 64, 2, 2>;
class EpilogueTest : public simt::SimtTest {};

// More than the 11 bits of f16, so that rounding shows.
SIMT_HOST_DEVICE float value(int row, int column) { return static_cast<float>(row * 64 + column) + 0.4f; }

template <Type TYPE>
SIMT_KERNEL(Grid::threads)
void store_numbers(OutputTile output) {
  const unsigned thread_idx = simt::linear_thread_idx(), warp_idx = thread_idx / 32, lane_idx = thread_idx % 32;
  Accumulators<Grid> sums;
  for (int i = 0; i < Grid::WARP_M / 16; ++i)
    for (int j = 0; j < Grid::WARP_N / 8; ++j)
      for (int e = 0; e < 4; ++e)
        sums.d[i][j][e] = value(Grid::warp_m(warp_idx) + sums.row(i, e / 2, lane_idx),
                                Grid::warp_n(warp_idx) + sums.column(j, lane_idx) + e % 2);
  store_rounded<TYPE>(sums, output, simt::dynamic_shared<unsigned char>(), thread_idx);
}

/// Stores into the tile at (row, column) of a `rows` x `columns` matrix, `shift` elements off a multiple of 16 bytes.
template <Type TYPE = Type::f16>
void check(int rows, int columns, int first_row, int first_column, unsigned alignment, int shift = 0) {
  const f16 untouched{0x7e57};
  alignas(16) static f16 memory[160 * 160];
  std::fill(std::begin(memory), std::end(memory), untouched);
  f16* const begin = memory + shift;
  const OutputTile output{begin + first_row * columns + first_column, columns, rows - first_row, columns - first_column,
                          alignment};
  const simt::CountersScope scope;
  simt::launch(store_numbers<TYPE>, {{1}, {Grid::threads}, 64 * 64 * 2, "store"}, nullptr, output);
  EXPECT_EQ(scope.counters().shared_store_conflicts, 0u);
  EXPECT_EQ(scope.counters().shared_load_conflicts, 0u);
  for (int at = 0; at < 160 * 160; ++at) {
    const int i = at - shift, row = i / columns - first_row, column = i % columns - first_column;
    const bool inside = i >= 0 && i < rows * columns && row >= 0 && row < 64 && column >= 0 && column < 64;
    const std::uint16_t stored =
        TYPE == Type::bf16 ? to_bf16(value(row, column)).bits : to_f16(value(row, column)).bits;
    ASSERT_EQ(memory[at].bits, inside ? stored : untouched.bits) << row << ", " << column;
  }
}

TEST_F(EpilogueTest, StoresWholeTiles) {
  check(64, 64, 0, 0, 16);
  check(128, 128, 64, 64, 16);
  check(64, 64, 0, 0, 8, 4);
  check(64, 64, 0, 0, 4, 2);
  check(64, 64, 0, 0, 2, 1);
  check<Type::bf16>(128, 128, 64, 64, 16);
}

TEST_F(EpilogueTest, LeavesOutWhatIsOutsideC) {
  check(100, 72, 64, 0, 16);
  check(100, 72, 64, 64, 16);
  check(100, 76, 64, 64, 8);
  check(90, 70, 64, 64, 4);
  check(77, 131, 64, 128, 2);
  check(1, 1, 0, 0, 2);
  check<Type::bf16>(77, 131, 64, 128, 2);
}

}  // namespace
}  // namespace kernelgate::tile
