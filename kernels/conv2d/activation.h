#pragma once
// What follows the sum of a convolution, in f32, on the GPU.

#include "kernels/conv2d/conv2d.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/special_functions.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// The same branch for all threads: `activation` is a parameter of the launch.
SIMT_DEVICE float activate(Conv2d::Activation activation, float value) {
  switch (activation) {
    case Conv2d::Activation::none:
      break;
    case Conv2d::Activation::relu:
      return value < 0 ? 0.0f : value;  // a NaN is not below 0, and stays
    case Conv2d::Activation::gelu:
      return value * (0.5f + 0.5f * simt::erf(value * 0.70710678f));
    case Conv2d::Activation::sigmoid:
      return 1.0f / (1.0f + simt::exp(-value));
  }
  return value;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
