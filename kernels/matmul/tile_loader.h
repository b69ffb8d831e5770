#pragma once
// A block's tiles of A or B, from global memory to shared memory.

#include <cstdint>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/thread_map.h"

namespace kernelgate {
inline namespace SIMT_SIDE {

/// One thread's share in bringing consecutive tiles along K to shared memory. What is outside the matrix
/// becomes zeros, and is not read.
///
/// ALIGN: what the address of each row of the matrix is a multiple of. 16, 8 and 4 bytes are copied
/// asynchronously; 2 bytes can't be, and go through registers: `start` loads them, `finish` stores them.
///
/// AT_ONCE: how many tiles may be started before the first is finished; each has a number below that.
///
/// Types   Tile: a tile::OperandTile, of the same MAJOR.
template <class Tile, simt::Major MAJOR, int ALIGN, int THREADS, int AT_ONCE = 1>
class TileLoader {
 public:
  static_assert(ALIGN == 16 || ALIGN == 8 || ALIGN == 4 || ALIGN == 2);

  /// `mn_left`, `k_left`: elements of the matrix from the first tile's origin on.
  SIMT_DEVICE TileLoader(const f16* matrix, std::int64_t ld, std::int64_t mn_begin, int mn_left, int k_left,
                         unsigned thread_idx)
      : matrix_(matrix), ld_(ld) {
    const int row = Map::row(thread_idx), column = Map::chunk(thread_idx) * 8;
    rows_left_ = (k_major ? mn_left : k_left) - row;
    columns_left_ = (k_major ? k_left : mn_left) - column;
    to_ = Tile::offset(row, column / 8);
    at_ = k_major ? (mn_begin + row) * ld + column : row * ld + mn_begin + column;
  }

  SIMT_DEVICE void start(unsigned char* smem, [[maybe_unused]] int number = 0) {
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const int count = valid(i);
      const f16* from = matrix_ + at_ + i * Map::row_step * ld_;
      unsigned char* to = smem + to_ + i * Map::step_bytes;
      if constexpr (ALIGN == 2) {
        held_[number][i] = load_elements(from, count);
      } else {
        constexpr int elements = ALIGN / 2;
        SIMT_UNROLL
        for (int part = 0; part < 8 / elements; ++part) {
          const int here = clamp(count - part * elements, elements);
          // An address that nothing is read from must be aligned all the same, and better be the matrix's.
          const f16* address = here > 0 ? from + part * elements : matrix_;
          simt::cp_async<ALIGN>(to + part * ALIGN, address, here * 2);
        }
      }
    }
    at_ += k_major ? tile_k : tile_k * ld_;
    (k_major ? columns_left_ : rows_left_) -= tile_k;
  }

  /// As given to the `start` before.
  SIMT_DEVICE void finish([[maybe_unused]] unsigned char* smem, [[maybe_unused]] int number = 0) {
    if constexpr (ALIGN == 2) {
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i)
        simt::store_shared(reinterpret_cast<simt::Vec4*>(smem + to_ + i * Map::step_bytes), held_[number][i]);
    }
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;
  static constexpr bool k_major = MAJOR == simt::Major::k;
  static constexpr int tile_k = k_major ? Tile::row_chunks * 8 : Tile::rows;

  SIMT_DEVICE static int clamp(int value, int most) { return value < 0 ? 0 : value > most ? most : value; }

  /// How many elements of this thread's chunk `i` are inside the matrix.
  SIMT_DEVICE int valid(int i) const { return i * Map::row_step < rows_left_ ? clamp(columns_left_, 8) : 0; }

  SIMT_DEVICE static simt::Vec4 load_elements(const f16* from, int count) {
    std::uint32_t words[4];
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t low = 2 * i < count ? simt::load_global(from + 2 * i).bits : 0;
      const std::uint32_t high = 2 * i + 1 < count ? simt::load_global(from + 2 * i + 1).bits : 0;
      words[i] = low | high << 16;
    }
    return {words[0], words[1], words[2], words[3]};
  }

  const f16* matrix_;
  std::int64_t ld_;
  int rows_left_, columns_left_;  // of the matrix, from this thread's first chunk on; in the order of memory
  int to_;
  std::int64_t at_;  // an offset and not a pointer: rows beyond the matrix have one too
  simt::Vec4 held_[ALIGN == 2 ? AT_ONCE : 1][ALIGN == 2 ? Map::passes : 1];
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate
