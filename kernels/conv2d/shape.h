#pragma once
// A convolution in few words: what height and width share is said once.

#include <cstdint>

#include "kernels/conv2d/conv2d.h"

namespace kernelgate::conv2d {

/// For both height and width, or for each: `3`, `{3, 1}`.
struct Pair {
  std::int64_t h, w;

  constexpr Pair(std::int64_t both) : h(both), w(both) {}  // NOLINT(google-explicit-constructor): `.filter = 3`
  constexpr Pair(std::int64_t height, std::int64_t width) : h(height), w(width) {}
};

/// `{.image = {14, 12}, .c = 8, .k = 16, .filter = 3, .pad = 1}`; the members are Conv2d::Problem's.
struct Shape {
  std::int64_t n = 1;
  Pair image = 1;
  std::int64_t c = 1, k = 1;
  Pair filter = 1, stride = 1, pad = 0, dilation = 1;
  std::int64_t groups = 1;
  bool bias = false, residual = false;
  bool relu = false;  ///< short for the activation
  bool transposed = false;
  Pair output_padding = 0;
  std::int64_t skip_c = 0;
  Conv2d::Activation activation = Conv2d::Activation::none;

  constexpr operator Conv2d::Problem() const {  // NOLINT(google-explicit-constructor): it is one, said shorter
    return {.n = n,
            .h = image.h,
            .w = image.w,
            .c = c,
            .k = k,
            .r = filter.h,
            .s = filter.w,
            .stride_h = stride.h,
            .stride_w = stride.w,
            .pad_h = pad.h,
            .pad_w = pad.w,
            .dilation_h = dilation.h,
            .dilation_w = dilation.w,
            .groups = groups,
            .skip_c = skip_c,
            .bias = bias,
            .residual = residual,
            .activation = relu ? Conv2d::Activation::relu : activation,
            .transposed = transposed,
            .output_padding_h = output_padding.h,
            .output_padding_w = output_padding.w};
  }
};

}  // namespace kernelgate::conv2d
