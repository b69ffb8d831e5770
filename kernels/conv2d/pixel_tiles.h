#pragma once
// Tiles of 128 output pixels that are rectangles of an image, so that what they read of it is one, too.

#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/config.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// A tile is 128 >> w_log2 rows of 1 << w_log2 pixels, 16 at least.
struct PixelTiles {
  int w_log2;
  int tiles_h, tiles_w;  ///< of an image
  int count;             ///< of all

  /// Tiles that are not square read more of the image; but none should be higher than it.
  static PixelTiles of(const Conv2d::Problem& problem) {
    PixelTiles tiles{};
    tiles.w_log2 = 4;
    while (tiles.w_log2 < 7 && tiles.rows() > problem.p()) ++tiles.w_log2;
    tiles.tiles_h = static_cast<int>(ceil_div(problem.p(), tiles.rows()));
    tiles.tiles_w = static_cast<int>(ceil_div(problem.q(), tiles.columns()));
    tiles.count = static_cast<int>(problem.n) * tiles.tiles_h * tiles.tiles_w;
    return tiles;
  }

  SIMT_HOST_DEVICE int rows() const { return 128 >> w_log2; }
  SIMT_HOST_DEVICE int columns() const { return 1 << w_log2; }
  /// Within a tile.
  SIMT_HOST_DEVICE int row(int pixel) const { return pixel >> w_log2; }
  SIMT_HOST_DEVICE int column(int pixel) const { return pixel & (columns() - 1); }

  /// The first pixel of a tile.
  struct Place {
    int n, p, q;
  };
  SIMT_HOST_DEVICE Place place(int tile) const {
    const int line = tile / tiles_w, image = line / tiles_h;
    return {image, (line - image * tiles_h) * rows(), (tile - line * tiles_w) * columns()};
  }

  /// In the output; -1 outside.
  SIMT_HOST_DEVICE int output_pixel(const ConvParams& conv, const Place& first, int pixel) const {
    const int p = first.p + row(pixel), q = first.q + column(pixel);
    return p < conv.p && q < conv.q ? (first.n * conv.p + p) * conv.q + q : -1;
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
