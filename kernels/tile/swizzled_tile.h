#pragma once
// Where the elements of a tile lie in shared memory: rows of 16-byte chunks, the chunks of a row in an order of its
// own.

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// ROWS x COLUMNS elements of 16 bits.
///
/// A chunk is XORed with its row's number, so that the 8 rows which ldmatrix reads at one time, and the chunks which
/// neighbouring threads write, are in different banks. Where a row is as long as one of TMA's swizzles, this is it: 32
/// bytes (COLUMNS 16) simt::Swizzle::bytes_32, 64 bytes (COLUMNS 32) bytes_64, 128 bytes (COLUMNS 64) bytes_128, for a
/// tile at a multiple of 1024.
template <int ROWS, int COLUMNS>
struct SwizzledTile {
  static constexpr int rows = ROWS;
  static constexpr int row_chunks = COLUMNS / 8;
  static constexpr int smem_bytes = ROWS * COLUMNS * 2;
  static_assert(row_chunks == 2 || row_chunks == 4 || row_chunks % 8 == 0,
                "the swizzle is made for rows of 32 bytes, 64 or whole 128s");

  /// Of a chunk, from the tile's begin, which must be a multiple of 16.
  ///
  /// Units   chunk: 8 elements. The offset: bytes.
  SIMT_HOST_DEVICE static constexpr int offset(int row, int chunk) {
    // Two rows of 64 bytes share 128 bytes of banks, and four of 32.
    const int swizzle = row_chunks == 2 ? row >> 2 & 1 : row_chunks == 4 ? row >> 1 & 3 : row & 7;
    return (row * row_chunks + (chunk ^ swizzle)) * 16;
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
