#pragma once
// Which chunks of a tile each thread of a block brings to shared memory.

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Neighbouring threads take neighbouring chunks of a row, and every thread the same chunk of `passes` rows, which are
/// `row_step` apart: it has one address to work out, and all its places in shared memory are `step_bytes` apart.
///
/// Types   Tile: a SwizzledTile.
template <class Tile, int THREADS>
struct ThreadMap {
  static constexpr int row_step = THREADS / Tile::row_chunks;
  static constexpr int passes = Tile::rows / row_step;
  static constexpr int step_bytes = row_step * Tile::row_chunks * 16;
  static_assert(THREADS % Tile::row_chunks == 0 && Tile::rows % row_step == 0, "every thread must have as many chunks");
  static_assert(row_step % 8 == 0, "all chunks of a thread must be swizzled alike");

  SIMT_HOST_DEVICE static constexpr int row(unsigned thread_idx) {
    return static_cast<int>(thread_idx / Tile::row_chunks);
  }
  SIMT_HOST_DEVICE static constexpr int chunk(unsigned thread_idx) {
    return static_cast<int>(thread_idx % Tile::row_chunks);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
