#pragma once
// A convolution as kernels take it, and what of its sizes they count on.

#include <cstdint>
#include <string>

#include "kernels/conv2d/axis_walk.h"
#include "kernels/conv2d/conv2d.h"
#include "kernels/simt/config.h"

namespace kernelgate::conv2d {

struct ConvParams {
  const f16* x;
  const f16* skip;
  const f16* w;
  const f16* bias;
  const f16* residual;
  f16* y;
  int n, h, w_in, c, k, p, q;  ///< w_in: the input's width; c: of both inputs
  int x_c, skip_c;             ///< of each
  int r, s, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
  int c_per_group, k_per_group;
  Conv2d::Activation activation;
  bool whole_chunks;  ///< eight output channels from a multiple of eight on are a chunk of 16 bytes, also of the
                      ///< residual
};

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

inline bool aligned_16(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; }

/// For problems whose sizes fit: see `fits`.
inline ConvParams params_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  ConvParams params{};
  params.x = buffers.x, params.skip = buffers.skip, params.w = buffers.w, params.bias = buffers.bias;
  params.residual = buffers.residual, params.y = buffers.y;
  params.n = narrow(problem.n), params.h = narrow(problem.h), params.w_in = narrow(problem.w);
  params.c = narrow(problem.c), params.k = narrow(problem.k);
  params.x_c = narrow(problem.x_c()), params.skip_c = narrow(problem.skip_c);
  params.p = narrow(problem.p()), params.q = narrow(problem.q());
  params.r = narrow(problem.r), params.s = narrow(problem.s);
  params.stride_h = narrow(problem.stride_h), params.stride_w = narrow(problem.stride_w);
  params.pad_h = narrow(problem.pad_h), params.pad_w = narrow(problem.pad_w);
  params.dilation_h = narrow(problem.dilation_h), params.dilation_w = narrow(problem.dilation_w);
  params.c_per_group = narrow(problem.c_per_group()), params.k_per_group = narrow(problem.k_per_group());
  params.activation = problem.activation;
  params.whole_chunks = problem.k_per_group() % 8 == 0 && aligned_16(buffers.y) && aligned_16(buffers.residual);
  return params;
}

/// Whether a chunk of eight channels is aligned, and within one tap and one input; and whether 31 bits count the
/// input's chunks (16 GiB).
inline bool can_vectorize(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  constexpr double most_chunks = 1 << 30;
  const double pixels =
      static_cast<double>(problem.n) * static_cast<double>(problem.h) * static_cast<double>(problem.w);
  return pixels * static_cast<double>(problem.c) / 8 < most_chunks && problem.c_per_group() % 8 == 0 &&
         problem.skip_c % 8 == 0 && (!problem.transposed || problem.k_per_group() % 8 == 0) && aligned_16(buffers.x) &&
         aligned_16(buffers.skip) && aligned_16(buffers.w);
}

/// A transposed convolution is as many dense ones as its stride has phases: axis_walk.h.
inline std::int64_t phases(const Conv2d::Problem& problem) {
  return problem.transposed ? problem.stride_h * problem.stride_w : 1;
}

/// Output pixels of the largest phase.
inline std::int64_t phase_pixels(const Conv2d::Problem& problem) {
  if (!problem.transposed) return problem.n * problem.p() * problem.q();
  return problem.n * ceil_div(problem.p(), problem.stride_h) * ceil_div(problem.q(), problem.stride_w);
}

/// Offsets of elements are 64 bits wide; pixels, and places within an image or a filter, 32.
inline Support fits(const Conv2d::Problem& problem) {
  constexpr double limit = 1 << 30;
  const auto product = [](auto... sizes) { return (static_cast<double>(sizes) * ...); };
  const bool all = product(problem.n, problem.p(), problem.q()) < limit &&
                   product(problem.n, problem.h, problem.w) < limit && problem.c < limit && problem.k < limit &&
                   static_cast<double>(problem.h + 2 * problem.pad_h) < limit &&
                   static_cast<double>(problem.w + 2 * problem.pad_w) < limit &&
                   product(problem.r, problem.dilation_h) + static_cast<double>(problem.p()) < limit &&
                   product(problem.s, problem.dilation_w) + static_cast<double>(problem.q()) < limit &&
                   product(problem.r, problem.s, problem.c_per_group()) < limit;
  return all ? Support{} : Support::no("needs fewer than 2^30 input pixels, output pixels and filter elements");
}

inline namespace SIMT_SIDE {

/// The rows and the columns of one phase; of a forward convolution there is one.
struct Walks {
  AxisWalk rows, columns;

  /// Phases differ in size by a row or a column.
  SIMT_HOST_DEVICE int pixels_per_image() const { return rows.outputs * columns.outputs; }
};

template <bool TRANSPOSED>
SIMT_HOST_DEVICE Walks walks_of(const ConvParams& p, [[maybe_unused]] int phase) {
  if constexpr (TRANSPOSED)
    return {transposed_walk(p.p, p.r, p.stride_h, p.pad_h, p.dilation_h, phase / p.stride_w),
            transposed_walk(p.q, p.s, p.stride_w, p.pad_w, p.dilation_w, phase % p.stride_w)};
  else
    return {forward_walk(p.p, p.r, p.stride_h, p.pad_h, p.dilation_h),
            forward_walk(p.q, p.s, p.stride_w, p.pad_w, p.dilation_w)};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
