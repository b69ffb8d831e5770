#pragma once
// Functions that a GPU computes in software, in some ten instructions: what activations need. Not in simt.h, for few
// kernels do.

#include <cmath>

#include "kernels/simt/config.h"

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Within 2 ulp on a GPU (CUDA C++ Programming Guide, "Mathematical Functions").
SIMT_DEVICE float exp(float value) {
#if SIMT_ON_GPU
  return ::expf(value);
#else
  return std::exp(value);
#endif
}

/// Within 2 ulp on a GPU (the same table).
SIMT_DEVICE float erf(float value) {
#if SIMT_ON_GPU
  return ::erff(value);
#else
  return std::erf(value);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
