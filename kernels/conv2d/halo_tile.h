#pragma once
// The part of an image that a tile of output pixels reads, in shared memory, for images of few channels.
//
// A line is a dense run of columns and channels, as in memory: the S * C inputs of a filter row are neighbours, and
// none is loaded for more than one tap. Pairs of them are read as words, so where the first of a pair may lie at an odd
// element (an odd number of channels, an odd stride) each line is kept twice, the second time one element further left.

#include <cstdint>

#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate::conv2d {

/// Units   elements; lines and columns of the image for `lines` and `columns`.
struct HaloShape {
  int lines, columns;
  int pitch;   ///< from line to line: even
  bool twice;  ///< lines are kept twice
  bool words;  ///< lines begin and end at even elements of x, so that words can be copied

  SIMT_HOST_DEVICE int copy_elements() const { return lines * pitch; }
};

inline HaloShape halo_shape(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers, int tile_h, int tile_w) {
  const auto reach = [](std::int64_t outputs, std::int64_t stride, std::int64_t taps, std::int64_t dilation) {
    return static_cast<int>((outputs - 1) * stride + (taps - 1) * dilation + 1);
  };
  HaloShape halo{};
  halo.lines = reach(tile_h, problem.stride_h, problem.r, problem.dilation_h);
  halo.columns = reach(tile_w, problem.stride_w, problem.s, 1);
  halo.pitch = static_cast<int>(halo.columns * problem.c + 3) / 2 * 2;  // and one more, which the last pair may touch
  halo.twice = problem.stride_w * problem.c % 2 != 0;
  halo.words = problem.c % 2 == 0 && reinterpret_cast<std::uintptr_t>(buffers.x) % 4 == 0;
  return halo;
}

inline namespace SIMT_SIDE {

/// By all threads: the part of image n whose first line and column, which may be outside, are (h, w). Zeros outside.
/// Where there are words cp_async_commit and cp_async_wait must follow, and always a barrier.
template <int THREADS>
SIMT_DEVICE void load_halo(f16* smem, const HaloShape& halo, const ConvParams& p, int n, int h, int w) {
  const int line_elements = halo.columns * p.c, first = w * p.c, image_elements = p.w_in * p.c;
  const unsigned warp = simt::warp_idx(), lane = simt::lane_idx();
  for (int line = static_cast<int>(warp); line < halo.lines; line += THREADS / 32) {
    const bool line_inside = static_cast<unsigned>(h + line) < static_cast<unsigned>(p.h);
    const std::int64_t from = line_inside ? (static_cast<std::int64_t>(n) * p.h + h + line) * image_elements : 0;
    f16* const to = smem + line * halo.pitch;
    if (halo.words) {
      for (int e = 2 * static_cast<int>(lane); e < line_elements; e += 64) {
        const bool inside = line_inside && static_cast<unsigned>(first + e) < static_cast<unsigned>(image_elements);
        simt::cp_async<4>(to + e, p.x + (inside ? from + first + e : 0), inside ? 4 : 0);
      }
    } else {
      for (int e = static_cast<int>(lane); e < line_elements; e += 32) {
        const bool inside = line_inside && static_cast<unsigned>(first + e) < static_cast<unsigned>(image_elements);
        const f16 value = inside ? simt::load_global(p.x + (from + first + e)) : f16{};
        simt::store_shared(to + e, value);
        if (halo.twice && e > 0) simt::store_shared(to + halo.copy_elements() + e - 1, value);
      }
    }
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
