#pragma once
// The dense convolutions that a convolution is for TMA: itself, or the phases of a transposed one.

#include <algorithm>
#include <array>

#include "kernels/conv2d/conv_params.h"
#include "kernels/conv2d/im2col_maps.h"
#include "kernels/tile/divisor.h"

namespace kernelgate::conv2d {

inline constexpr int most_phases = 4;

inline namespace SIMT_SIDE {

/// Units   pixels: of all images; k_tiles: of 64 channels of a tap.
struct Phase {
  Walks walks;
  Im2colAxis rows, columns;
  int pixels, k_tiles, tiles_m;
  tile::Divisor by_columns, by_rows;  ///< of outputs
  tile::Divisor by_taps_w, by_tiles_m;

  void cut(int block_m) {
    tiles_m = static_cast<int>(ceil_div(pixels, block_m));
    by_tiles_m = tile::Divisor(std::max(1, tiles_m));
  }
};

/// The longest reduction first; not yet cut into tiles. A phase may have no outputs, or no taps: then nobody divides.
inline std::array<Phase, most_phases> phases_of(const Conv2d::Problem& problem, int& count) {
  const ConvParams conv = params_of(problem, {});
  std::array<Phase, most_phases> phases{};
  count = static_cast<int>(conv2d::phases(problem));
  for (int i = 0; i < count; ++i) {
    Phase& phase = phases[static_cast<std::size_t>(i)];
    phase.walks = problem.transposed ? walks_of<true>(conv, i) : walks_of<false>(conv, i);
    phase.rows = im2col_axis(phase.walks.rows, conv.h);
    phase.columns = im2col_axis(phase.walks.columns, conv.w_in);
    phase.pixels = conv.n * phase.walks.pixels_per_image();
    phase.k_tiles = phase.walks.rows.taps * phase.walks.columns.taps * static_cast<int>(ceil_div(problem.c, 64));
    const auto divisor = [](int by) { return tile::Divisor(std::max(1, by)); };
    phase.by_rows = divisor(phase.walks.rows.outputs), phase.by_columns = divisor(phase.walks.columns.outputs);
    phase.by_taps_w = divisor(phase.walks.columns.taps);
  }
  std::stable_sort(phases.begin(), phases.begin() + count,
                   [](const Phase& a, const Phase& b) { return a.k_tiles > b.k_tiles; });
  return phases;
}

/// A pixel of a phase: its row, its column and its image.
struct Pixel {
  int i, j, n;

  SIMT_DEVICE Pixel(const Phase& phase, int pixel) {
    const int line = phase.by_columns.quotient(pixel);
    n = phase.by_rows.quotient(line);
    i = line - n * phase.walks.rows.outputs;
    j = pixel - line * phase.walks.columns.outputs;
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
