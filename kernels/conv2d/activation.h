#pragma once
// What follows the sum of a convolution, in f32, on the GPU.

#include <limits>

#include "kernels/conv2d/conv2d.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/special_functions.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// ReLU, or nothing where `floor` is minus infinity: no branch. A NaN is not below, and stays.
struct Clamp {
  float floor;
  SIMT_DEVICE float operator()(float value) const { return value < floor ? floor : value; }
};

/// GELU or sigmoid.
struct Curve {
  bool gelu;
  SIMT_DEVICE float operator()(float value) const {
    if (gelu) return value * (0.5f + 0.5f * simt::erf(value * 0.70710678f));
    return simt::reciprocal_approx(1.0f + simt::exp(-value));
  }
};

/// One value at a time, with the branch around it.
struct Any {
  Conv2d::Activation activation;
  SIMT_DEVICE float operator()(float value) const {
    if (activation == Conv2d::Activation::none) return value;
    if (activation == Conv2d::Activation::relu) return Clamp{0}(value);
    return Curve{activation == Conv2d::Activation::gelu}(value);
  }
};

/// act(activation), whose activation takes and returns a value. A branch around all values, the same for all threads:
/// the hundred instructions of a curve, for each unrolled value, would lie between those of a ReLU.
template <class Act>
SIMT_DEVICE void with_activation(Conv2d::Activation activation, Act act) {
  if (activation == Conv2d::Activation::gelu || activation == Conv2d::Activation::sigmoid)
    act(Curve{activation == Conv2d::Activation::gelu});
  else
    act(Clamp{activation == Conv2d::Activation::relu ? 0.0f : -std::numeric_limits<float>::infinity()});
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
