// The loader beyond 2^31 elements: the matrix is mapped and never filled, so that only the pages that are looked at
// cost memory.

#include "kernels/matmul/tile_loader.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <vector>

#include "kernels/simt/simt_for_test.h"
#include "kernels/tile/operand_tile.h"

namespace kernelgate {
namespace {

using simt::Major;

constexpr std::int64_t ld = std::int64_t{1} << 24, rows = 256;  // 2^32 elements
constexpr int threads = 128, tile_mn = 64, tile_k = 32;

class SparseMatrix {
 public:
  SparseMatrix()
      : memory_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~SparseMatrix() {
    if (is_there()) munmap(memory_, bytes);
  }
  SparseMatrix(const SparseMatrix&) = delete;
  SparseMatrix& operator=(const SparseMatrix&) = delete;
  bool is_there() const { return memory_ != MAP_FAILED; }
  f16* elements() const { return static_cast<f16*>(memory_); }

 private:
  static constexpr std::size_t bytes = rows * ld * sizeof(f16);
  void* memory_;
};

/// The last of `tiles` tiles along K, as it lies in shared memory.
template <Major MAJOR, int ALIGN>
SIMT_KERNEL(threads)
void load_tile(const f16* matrix, std::int64_t mn_begin, int tiles, std::uint16_t* out) {
  using Tile = tile::OperandTile<tile_mn, tile_k, MAJOR>;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  TileLoader<Tile, MAJOR, ALIGN, threads> loader(matrix, ld, mn_begin, tile_mn, tiles * tile_k,
                                                 simt::linear_thread_idx());
  for (int i = 0; i < tiles; ++i) {
    loader.start(smem);
    loader.finish(smem);
    simt::cp_async_commit();
    simt::cp_async_wait<0>();
    simt::sync_threads();
  }
  constexpr int columns = Tile::row_chunks * 8;
  for (int i = static_cast<int>(simt::linear_thread_idx()); i < Tile::rows * columns; i += threads) {
    const int row = i / columns, column = i % columns;
    out[i] = simt::load_shared(
        reinterpret_cast<const std::uint16_t*>(smem + Tile::offset(row, column / 8) + column % 8 * 2));
  }
}

class TileLoaderTest : public simt::SimtTest {
 protected:
  /// Row `first_row + i` of the tile has i + 1 in its first column.
  template <Major MAJOR, int ALIGN>
  static void expect_rows_from(std::int64_t first_row, std::int64_t mn_begin, int tiles) {
    using Tile = tile::OperandTile<tile_mn, tile_k, MAJOR>;
    const SparseMatrix matrix;
    if (!matrix.is_there()) GTEST_SKIP() << "no 8 GiB of addresses";
    const std::int64_t column = MAJOR == Major::k ? std::int64_t{tiles - 1} * tile_k : mn_begin;
    for (int i = 0; i < Tile::rows; ++i)
      matrix.elements()[(first_row + i) * ld + column].bits = static_cast<std::uint16_t>(i + 1);
    std::vector<std::uint16_t> out(Tile::rows * Tile::row_chunks * 8);
    simt::launch(load_tile<MAJOR, ALIGN>, {{1}, {threads}, Tile::smem_bytes, "load_tile"}, nullptr, matrix.elements(),
                 mn_begin, tiles, out.data());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t row = i / (Tile::row_chunks * 8), in_row = i % (Tile::row_chunks * 8);
      ASSERT_EQ(out[i], in_row == 0 ? row + 1 : 0u) << "row " << row << ", column " << in_row << ", align " << ALIGN;
    }
  }
};

// Row 192 begins 3 * 2^30 elements behind the first.
TEST_F(TileLoaderTest, RowsOfKBeyond31Bits) {
  expect_rows_from<Major::k, 16>(192, 192, 2);
  expect_rows_from<Major::k, 8>(192, 192, 1);
  expect_rows_from<Major::k, 2>(192, 192, 2);
}

// The eighth k-tile begins at row 224.
TEST_F(TileLoaderTest, RowsOfMnBeyond31Bits) {
  expect_rows_from<Major::mn, 16>(224, 64, 8);
  expect_rows_from<Major::mn, 8>(224, 64, 8);
  expect_rows_from<Major::mn, 2>(224, 64, 8);
}

}  // namespace
}  // namespace kernelgate
