// Fragments of tiles of every order multiply to the right product, each element where Accumulators says it is.

#include "kernels/tile/operand_tile.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/simt/host/counters.h"
#include "kernels/simt/simt_for_test.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate::tile {
namespace {

using simt::Major;
class OperandTileTest : public simt::SimtTest {};

constexpr int K = 64;
using Grid = WarpGrid<64, 64, 2, 2>;

// So small that all sums are exact, and different for every element of a row and a column.
constexpr int a_value(int m, int k) { return (m * 5 + k * 3) % 17 - 8; }
constexpr int b_value(int n, int k) { return (n * 7 + k * 11) % 13 - 6; }

template <class Tile, Major MAJOR, class Value>
SIMT_DEVICE void fill(unsigned char* smem, Value value) {
  const auto thread_idx = static_cast<int>(simt::linear_thread_idx());
  for (int i = thread_idx; i < Tile::rows * Tile::row_chunks * 8; i += Grid::threads) {
    const int row = i / (Tile::row_chunks * 8), column = i % (Tile::row_chunks * 8);
    const int mn = MAJOR == Major::k ? row : column, k = MAJOR == Major::k ? column : row;
    auto* chunk = reinterpret_cast<f16*>(smem + Tile::offset(row, column / 8));
    simt::store_shared(chunk + column % 8, simt::to_f16_rn(static_cast<float>(value(mn, k))));
  }
}

template <Major A_MAJOR, Major B_MAJOR>
SIMT_KERNEL(Grid::threads)
void multiply(float* out) {
  using TileA = OperandTile<Grid::BLOCK_M, K, A_MAJOR>;
  using TileB = OperandTile<Grid::BLOCK_N, K, B_MAJOR>;
  unsigned char* const smem_a = simt::dynamic_shared<unsigned char>();
  unsigned char* const smem_b = smem_a + TileA::smem_bytes;
  fill<TileA, A_MAJOR>(smem_a, a_value);
  fill<TileB, B_MAJOR>(smem_b, b_value);
  simt::sync_threads();

  const unsigned lane_idx = simt::lane_idx();
  const int warp_m = Grid::warp_m(simt::warp_idx()), warp_n = Grid::warp_n(simt::warp_idx());
  Accumulators<Grid> sums;
  sums.clear();
  for (int k = 0; k < K; k += 16)
    for (int i = 0; i < Grid::WARP_M / 16; ++i)
      for (int j = 0; j < Grid::WARP_N / 16; ++j) {
        std::uint32_t a[4], b[4];
        TileA::load_a(a, smem_a, warp_m + i * 16, k, lane_idx);
        TileB::load_b(b, smem_b, warp_n + j * 16, k, lane_idx);
        sums.multiply(i, j, a, b);
      }
  for (int i = 0; i < Grid::WARP_M / 16; ++i)
    for (int j = 0; j < Grid::WARP_N / 8; ++j)
      for (int half = 0; half < 2; ++half)
        for (int e = 0; e < 2; ++e)
          out[(warp_m + sums.row(i, half, lane_idx)) * Grid::BLOCK_N + warp_n + sums.column(j, lane_idx) + e] =
              sums.d[i][j][2 * half + e];
}

template <Major A_MAJOR, Major B_MAJOR>
void check_product() {
  std::vector<float> out(Grid::BLOCK_M * Grid::BLOCK_N, -1e9f);
  const simt::CountersScope scope;
  simt::launch(multiply<A_MAJOR, B_MAJOR>, {{1}, {Grid::threads}, 2 * 64 * K * 2, "multiply"}, nullptr, out.data());
  EXPECT_GT(scope.counters().ldmatrix, 0u);
  EXPECT_EQ(scope.counters().ldmatrix_conflicts, 0u);
  for (int m = 0; m < Grid::BLOCK_M; ++m)
    for (int n = 0; n < Grid::BLOCK_N; ++n) {
      int sum = 0;
      for (int k = 0; k < K; ++k) sum += a_value(m, k) * b_value(n, k);
      ASSERT_EQ(out[static_cast<std::size_t>(m * Grid::BLOCK_N + n)], static_cast<float>(sum)) << m << ", " << n;
    }
}

TEST_F(OperandTileTest, MultipliesRightInEveryOrder) {
  check_product<Major::k, Major::k>();
  check_product<Major::k, Major::mn>();
  check_product<Major::mn, Major::k>();
  check_product<Major::mn, Major::mn>();
}

SIMT_KERNEL(32) void load_beyond() {
  using Tile = OperandTile<64, K, Major::k>;
  std::uint32_t a[4];
  Tile::load_a(a, simt::dynamic_shared<unsigned char>(), 64, 0, simt::lane_idx());
}

TEST_F(OperandTileTest, ErrorsNameTheKernelsOwnLine) {
  const std::string text = simt::fault_of([] {
    simt::launch(load_beyond, {{1}, {32}, 64 * K * 2, "beyond"}, nullptr);
  });
  EXPECT_NE(text.find("ldmatrix_x4 at kernels/tile/operand_tile_test.cpp:"), std::string::npos) << text;
}

}  // namespace
}  // namespace kernelgate::tile
