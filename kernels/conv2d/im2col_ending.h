#pragma once
// The end of sm90a_im2col: sums in shared memory, of one block or of all of a cluster, become pixels of y.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "kernels/conv2d/im2col_block.h"
#include "kernels/conv2d/store_four.h"
#include "kernels/simt/simt.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// A thread's four channels of a tile, and every how many pixels it has them. What the end needs of memory is asked for
/// before the sums are there.
template <class C>
struct Im2colEnding {
  static constexpr int fours = C::BLOCK_N / 4, step = C::math_threads / fours;
  static constexpr int at_once = std::min(C::BLOCK_M == 128 ? 2 : 4, C::BLOCK_M / step);  ///< pixels; by registers
  static_assert(C::math_threads % fours == 0);

  const Im2colBlock<C>& block;
  int column, own_row;
  int first, last;  ///< pixels of the tile: all, or this block's share
  FourChannels four;
  float bias[4];
  std::uint64_t residual[at_once];  ///< of the first ones

  /// By all multiplying threads, when the tile's output pixels are in shared memory.
  SIMT_DEVICE Im2colEnding(const Im2colBlock<C>& of, const Im2colTile& tile)
      : block(of),
        column(static_cast<int>(simt::linear_thread_idx()) % fours * 4),
        own_row(static_cast<int>(simt::linear_thread_idx()) / fours),
        first(static_cast<int>(C::BLOCK_M * of.rank / of.p.splits)),
        last(std::min(static_cast<int>(C::BLOCK_M * (of.rank + 1) / of.p.splits),
                      of.p.phases[tile.phase].pixels - tile.first_pixel)),
        four{of.p.conv, of.p.in_fours, tile.first_channel + column, of.p.conv.k - tile.first_channel - column} {
    four.load_bias(bias);
    simt::grid_dependency_wait();  // for the residual, and for y, which the kernel before may still read
    load_residuals(residual, first);
  }

  SIMT_DEVICE int row(int begin, int i) const { return begin + own_row + i * step; }
  SIMT_DEVICE bool has(int row) const { return row < last && four.left > 0; }
  SIMT_DEVICE simt::Vec4* sums(int row) const {
    return reinterpret_cast<simt::Vec4*>(block.sums() + row * C::sums_ld + column);
  }
  SIMT_DEVICE int pixel(int row) const { return simt::load_shared(block.output_pixels() + row); }
  SIMT_DEVICE void load_residuals(std::uint64_t (&to)[at_once], int begin) const {
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i)
      to[i] = block.p.conv.residual != nullptr && has(row(begin, i)) ? four.load_residual(pixel(row(begin, i))) : 0;
  }
};

SIMT_DEVICE void add(float (&sums)[4], const simt::Vec4& part) {
  const auto floats = std::bit_cast<std::array<float, 4>>(part);
  SIMT_UNROLL
  for (int j = 0; j < 4; ++j) sums[j] += floats[j];
}

/// By all multiplying threads, when the sums are in shared memory.
template <class C>
SIMT_DEVICE void store_alone(Im2colEnding<C>& ending) {
  using E = Im2colEnding<C>;
  for (int begin = ending.first; begin < ending.last; begin += E::at_once * E::step) {
    std::uint64_t next[E::at_once] = {};
    ending.load_residuals(next, begin + E::at_once * E::step);
    SIMT_UNROLL
    for (int i = 0; i < E::at_once; ++i) {
      const int row = ending.row(begin, i);
      if (!ending.has(row)) continue;
      float sums[4] = {};
      add(sums, simt::load_shared(ending.sums(row)));
      ending.four.store(ending.pixel(row), sums, ending.bias, ending.residual[i]);
    }
    SIMT_UNROLL
    for (int i = 0; i < E::at_once; ++i) ending.residual[i] = next[i];
  }
}

/// By all multiplying threads, when the sums of all blocks of the cluster are in shared memory: adds up this block's
/// part of the pixels, and stores it. Then arrives at the cluster's barrier: it reads no more of the others.
template <class C>
SIMT_DEVICE void store_part(Im2colEnding<C>& ending) {
  using E = Im2colEnding<C>;
  constexpr int pairs = std::max(1, E::at_once / 2), rows = E::at_once / pairs;  // rows: whose parts are on their way
  const unsigned splits = ending.block.p.splits;
  for (int begin = ending.first;; begin += E::at_once * E::step) {
    const bool last = begin + E::at_once * E::step >= ending.last;
    std::uint64_t next[E::at_once] = {};
    if (!last) ending.load_residuals(next, begin + E::at_once * E::step);
    float sums[E::at_once][4] = {};
    SIMT_UNROLL
    for (int pair = 0; pair < pairs; ++pair) {
      simt::Vec4 parts[rows][most_im2col_splits];
      SIMT_UNROLL
      for (unsigned split = 0; split < most_im2col_splits; ++split) {
        if (split >= splits) break;
        SIMT_UNROLL
        for (int i = 0; i < rows; ++i)
          if (const int row = ending.row(begin, pair * rows + i); ending.has(row))
            parts[i][split] = simt::load_cluster(simt::map_shared_rank(ending.sums(row), split));
      }
      SIMT_UNROLL
      for (unsigned split = 0; split < most_im2col_splits; ++split) {
        if (split >= splits) break;
        SIMT_UNROLL
        for (int i = 0; i < rows; ++i)
          if (ending.has(ending.row(begin, pair * rows + i))) add(sums[pair * rows + i], parts[i][split]);
      }
    }
    SIMT_UNROLL
    for (int i = 0; i < E::at_once; ++i)
      if (const int row = ending.row(begin, i); ending.has(row))
        ending.four.store(ending.pixel(row), sums[i], ending.bias, ending.residual[i]);
    if (last) break;
    SIMT_UNROLL
    for (int i = 0; i < E::at_once; ++i) ending.residual[i] = next[i];
  }
  simt::cluster_arrive_relaxed();  // what was read of the others is stored
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
