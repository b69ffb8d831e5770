#pragma once
// A block's tile of A or B: from global memory to shared memory, and from there into mma fragments.

#include <cstdint>

#include "kernels/simt/simt.h"

namespace kernelgate {
inline namespace SIMT_SIDE {

/// MN x K elements, MN being M for A and N for B. They lie in shared memory in the order of global memory:
/// rows of MN when K is contiguous, rows of K when MN is. A row is chunks of 16 bytes, XORed with the row's
/// number, so that the 8 rows which ldmatrix reads at one time, and the chunks which neighbouring threads
/// write, are in different banks.
template <int MN, int K, bool K_CONTIGUOUS, int THREADS>
struct OperandTile {
  static constexpr int rows = K_CONTIGUOUS ? MN : K;
  static constexpr int row_chunks = (K_CONTIGUOUS ? K : MN) / 8;
  static constexpr int bytes = rows * row_chunks * 16;
  static constexpr int chunks_per_thread = rows * row_chunks / THREADS;
  static constexpr int row_step = THREADS / row_chunks;  ///< rows between two chunks of one thread
  static_assert(row_chunks == 4 || row_chunks % 8 == 0, "the swizzle is made for rows of 64 bytes or whole 128s");
  static_assert(rows * row_chunks % THREADS == 0 && THREADS % row_chunks == 0 && row_step % 8 == 0,
                "all chunks of a thread must be in one column, and swizzled alike");

  /// Offset in bytes of a chunk. A row of 64 bytes shares its 128 bytes of banks with a neighbour.
  SIMT_DEVICE static int offset(int row, int chunk) {
    const int swizzle = row_chunks == 4 ? row / 2 % 4 : row % 8;
    return (row * row_chunks + (chunk ^ swizzle)) * 16;
  }

  /// The fragment of 16 rows of A from `m` on, `k` 16 on: both multiples of 16 within the tile.
  SIMT_DEVICE static void load_a(std::uint32_t (&a)[4], const unsigned char* smem, int m, int k, int lane_idx) {
    const int matrix = lane_idx / 8, row = lane_idx % 8;  // (m 0-7, k 0-7), (m 8-15, k 0-7), (m 0-7, k 8-15), ...
    if constexpr (K_CONTIGUOUS) {
      simt::ldmatrix_x4(a, smem + offset(m + matrix % 2 * 8 + row, k / 8 + matrix / 2));
    } else {
      simt::ldmatrix_x4_trans(a, smem + offset(k + matrix / 2 * 8 + row, m / 8 + matrix % 2));
    }
  }

  /// The fragments of 8 columns of B from `n` on, in b[0] and b[1], and of the next 8, in b[2] and b[3].
  SIMT_DEVICE static void load_b(std::uint32_t (&b)[4], const unsigned char* smem, int n, int k, int lane_idx) {
    const int matrix = lane_idx / 8, row = lane_idx % 8;  // (n 0-7, k 0-7), (n 0-7, k 8-15), (n 8-15, k 0-7), ...
    if constexpr (K_CONTIGUOUS) {
      simt::ldmatrix_x4(b, smem + offset(n + matrix / 2 * 8 + row, k / 8 + matrix % 2));
    } else {
      simt::ldmatrix_x4_trans(b, smem + offset(k + matrix % 2 * 8 + row, n / 8 + matrix / 2));
    }
  }
};

/// One thread's share in bringing consecutive tiles along K to shared memory. What is outside the matrix
/// becomes zeros, and is not read.
///
/// ALIGN: what the address of each row of the matrix is a multiple of. 16 and 8 bytes are copied
/// asynchronously; 2 bytes can't be, and go through registers: `start` loads them, `finish` stores them.
template <class Tile, bool K_CONTIGUOUS, int ALIGN>
class TileLoader {
 public:
  static_assert(ALIGN == 16 || ALIGN == 8 || ALIGN == 2);

  /// `mn_left`, `k_left`: elements of the matrix from the first tile's origin on.
  SIMT_DEVICE TileLoader(const f16* matrix, std::int64_t ld, std::int64_t mn_begin, int mn_left, int k_left,
                         int thread_idx)
      : matrix_(matrix),
        ld_(ld),
        mn_left_(mn_left),
        k_left_(k_left),
        row_(thread_idx / Tile::row_chunks),
        column_(thread_idx % Tile::row_chunks * 8),
        to_(Tile::offset(row_, column_ / 8)),
        at_(K_CONTIGUOUS ? (mn_begin + row_) * ld + column_ : row_ * ld + mn_begin + column_) {}

  SIMT_DEVICE void start(unsigned char* smem) {
    SIMT_UNROLL
    for (int i = 0; i < Tile::chunks_per_thread; ++i) {
      const int count = valid(i);
      const f16* from = matrix_ + at_ + i * Tile::row_step * ld_;
      unsigned char* to = smem + to_ + i * chunk_stride;
      if constexpr (ALIGN == 2) {
        held_[i] = load_elements(from, count);
      } else {
        constexpr int elements = ALIGN / 2;
        SIMT_UNROLL
        for (int part = 0; part < 8 / elements; ++part) {
          const int here = simt_clamp(count - part * elements, elements);
          // An address that nothing is read from must be aligned all the same, and better be the matrix's.
          const f16* address = here > 0 ? from + part * elements : matrix_;
          simt::cp_async<ALIGN>(to + part * ALIGN, address, here * 2);
        }
      }
    }
    at_ += K_CONTIGUOUS ? tile_k : tile_k * ld_;
    k_left_ -= tile_k;
  }

  /// `smem` as given to the `start` before.
  SIMT_DEVICE void finish([[maybe_unused]] unsigned char* smem) {
    if constexpr (ALIGN == 2) {
      SIMT_UNROLL
      for (int i = 0; i < Tile::chunks_per_thread; ++i)
        simt::store_shared(reinterpret_cast<simt::Vec4*>(smem + to_ + i * chunk_stride), held_[i]);
    }
  }

 private:
  static constexpr int chunk_stride = Tile::row_step * Tile::row_chunks * 16;
  static constexpr int tile_k = K_CONTIGUOUS ? Tile::row_chunks * 8 : Tile::rows;

  SIMT_DEVICE static int simt_clamp(int value, int most) { return value < 0 ? 0 : value > most ? most : value; }

  /// How many elements of this thread's chunk `i` are inside the matrix.
  SIMT_DEVICE int valid(int i) const {
    const int row = row_ + i * Tile::row_step;
    const int rows_left = K_CONTIGUOUS ? mn_left_ : k_left_, columns_left = K_CONTIGUOUS ? k_left_ : mn_left_;
    return row < rows_left ? simt_clamp(columns_left - column_, 8) : 0;
  }

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
  int mn_left_;
  int k_left_;
  int row_;
  int column_;
  int to_;
  std::int64_t at_;  // an offset and not a pointer: rows beyond the matrix have one too
  simt::Vec4 held_[ALIGN == 2 ? Tile::chunks_per_thread : 1];
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate
