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
template <class C, bool TRANSPOSED>
struct Im2colEnding {
  static constexpr int fours = C::BLOCK_N / 4, step = C::math_threads / fours;
  static constexpr int at_once = std::min(C::BLOCK_M == 128 ? 2 : 4, C::BLOCK_M / step);  ///< pixels; by registers
  static_assert(C::math_threads % fours == 0);

  const Im2colBlock<C, TRANSPOSED>& block;
  int column, own_row;
  int first, last;  ///< pixels of the tile: all, or this block's share
  FourChannels four;
  std::uint64_t bias;
  std::uint64_t residual[at_once];  ///< of the first ones

  /// By all multiplying threads, when the tile's output pixels are in shared memory.
  SIMT_DEVICE Im2colEnding(const Im2colBlock<C, TRANSPOSED>& of, const Im2colTile& tile)
      : block(of),
        column(static_cast<int>(simt::linear_thread_idx()) % fours * 4),
        own_row(static_cast<int>(simt::linear_thread_idx()) / fours),
        four{of.p.conv, of.p.in_fours, tile.first_channel + column, of.p.conv.k - tile.first_channel - column},
        bias(four.load_bias()) {
    const int share = C::BLOCK_M >> of.p.log_splits;
    first = share * static_cast<int>(of.rank);
    last = std::min(first + share, of.p.phases[tile.phase].pixels - tile.first_pixel);
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
    for (std::uint64_t& one : to) one = 0;
    if (block.p.conv.residual == nullptr) return;
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i)
      if (has(row(begin, i))) to[i] = four.load_residual(pixel(row(begin, i)));
  }
};

SIMT_DEVICE void add(float (&sums)[4], const simt::Vec4& part) {
  const auto floats = std::bit_cast<std::array<float, 4>>(part);
  SIMT_UNROLL
  for (int j = 0; j < 4; ++j) sums[j] += floats[j];
}

/// By all multiplying threads, when the sums are in shared memory.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void store_alone(Im2colEnding<C, TRANSPOSED>& ending) {
  using E = Im2colEnding<C, TRANSPOSED>;
  with_activation(ending.four.conv.activation, [&](auto activation) {
    for (int begin = ending.first; begin < ending.last; begin += E::at_once * E::step) {
      std::uint64_t next[E::at_once];
      ending.load_residuals(next, begin + E::at_once * E::step);
      SIMT_UNROLL
      for (int i = 0; i < E::at_once; ++i) {
        const int row = ending.row(begin, i);
        if (!ending.has(row)) continue;
        float sums[4] = {};
        add(sums, simt::load_shared(ending.sums(row)));
        ending.four.store(activation, ending.pixel(row), sums, ending.bias, ending.residual[i]);
      }
      SIMT_UNROLL
      for (int i = 0; i < E::at_once; ++i) ending.residual[i] = next[i];
    }
  });
}

/// As store_part, for so many blocks: then each thread's number of pixels is known, and no instruction is for others.
template <unsigned SPLITS, class C, bool TRANSPOSED, class Activation>
SIMT_DEVICE void store_part_of(Im2colEnding<C, TRANSPOSED>& ending, Activation activation) {
  using E = Im2colEnding<C, TRANSPOSED>;
  constexpr int pixels = std::max(1, static_cast<int>(C::BLOCK_M / SPLITS) / E::step);  // a thread's, at most
  constexpr int at_once = std::min(E::at_once, pixels);
  constexpr int rows = std::clamp(8 / static_cast<int>(SPLITS), 1, at_once);  // whose parts are on their way
  SIMT_NO_UNROLL
  for (int round = 0; round < pixels / at_once; ++round) {
    const int begin = ending.first + round * at_once * E::step;
    if (!ending.has(ending.row(begin, 0))) return;
    std::uint64_t next[E::at_once] = {};
    if constexpr (at_once < pixels) ending.load_residuals(next, begin + at_once * E::step);
    SIMT_UNROLL
    for (int i = 0; i < at_once; i += rows) {
      simt::Vec4 parts[SPLITS][rows];
      SIMT_UNROLL
      for (unsigned split = 0; split < SPLITS; ++split) {
        const simt::Vec4* const theirs = simt::map_shared_rank(ending.sums(ending.row(begin, i)), split);
        SIMT_UNROLL
        for (int j = 0; j < rows; ++j)  // also where there is no pixel: sums are there
          parts[split][j] = simt::load_cluster(theirs + j * E::step * C::sums_ld / 4);
      }
      SIMT_UNROLL
      for (int j = 0; j < rows; ++j) {
        const int row = ending.row(begin, i + j);
        if (!ending.has(row)) continue;
        float sums[4] = {};
        SIMT_UNROLL
        for (unsigned split = 0; split < SPLITS; ++split) add(sums, parts[split][j]);
        ending.four.store(activation, ending.pixel(row), sums, ending.bias, ending.residual[i + j]);
      }
    }
    if constexpr (at_once < pixels) {
      SIMT_UNROLL
      for (int i = 0; i < at_once; ++i) ending.residual[i] = next[i];
    }
  }
}

/// By all multiplying threads, when the sums of all blocks of the cluster are in shared memory: adds up this block's
/// part of the pixels, and stores it. Then arrives at the cluster's barrier: it reads no more of the others.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void store_part(Im2colEnding<C, TRANSPOSED>& ending) {
  static_assert(most_im2col_splits == 8);
  with_activation(ending.four.conv.activation, [&](auto activation) {
    if (ending.block.p.splits == 2)
      store_part_of<2>(ending, activation);
    else if (ending.block.p.splits == 4)
      store_part_of<4>(ending, activation);
    else
      store_part_of<8>(ending, activation);
  });
  simt::sync_warp();
  simt::cluster_arrive_relaxed();  // what was read of the others is stored
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
