#pragma once
// Arithmetic whose rounding or speed depends on which instruction is meant.

#include <bit>
#include <cmath>
#include <cstdint>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"
#include "kernels/simt/config.h"

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Round to nearest even; overflow gives infinity.
///
/// Source  PTX ISA, cvt.rn.f16.f32.
SIMT_DEVICE f16 to_f16_rn(float value) {
#if SIMT_ON_GPU
  f16 result;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
  return result;
#else
  return to_f16(value);
#endif
}

/// Exact. Write `simt::to_float`: unqualified, it is ambiguous with the conversion of kernels/op/f16.h.
///
/// Source  PTX ISA, cvt.f32.f16.
SIMT_DEVICE float to_float(f16 value) {
#if SIMT_ON_GPU
  float result;
  asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
  return result;
#else
  return kernelgate::to_float(value);
#endif
}

/// Two halves in one register: `low` in bits 0 .. 15.
///
/// Source  PTX ISA, cvt.rn.f16x2.f32 (sm_80 on; two cvt.rn.f16.f32 before).
SIMT_DEVICE std::uint32_t pack_f16x2(float low, float high) {
#if SIMT_ON_GPU && (!defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800)
  std::uint32_t result;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
  return result;
#else
  return to_f16_rn(low).bits | static_cast<std::uint32_t>(to_f16_rn(high).bits) << 16;
#endif
}

/// Two bf16 in one register, rounded to nearest even: `low` in bits 0 .. 15.
///
/// Source  PTX ISA, cvt.rn.bf16x2.f32 (sm_80 on; before, as the host does it).
SIMT_DEVICE std::uint32_t pack_bf16x2(float low, float high) {
#if SIMT_ON_GPU && SIMT_ARCH >= 80
  std::uint32_t result;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
  return result;
#else
  return to_bf16(low).bits | static_cast<std::uint32_t>(to_bf16(high).bits) << 16;
#endif
}

SIMT_DEVICE float low_half(std::uint32_t pair) {
  return SIMT_SIDE::to_float(f16{static_cast<std::uint16_t>(pair & 0xffffu)});
}
SIMT_DEVICE float high_half(std::uint32_t pair) {
  return SIMT_SIDE::to_float(f16{static_cast<std::uint16_t>(pair >> 16)});
}

/// a * b + c, rounded once.
SIMT_DEVICE float fma(float a, float b, float c) {
#if SIMT_ON_GPU
  return __fmaf_rn(a, b, c);
#else
  return std::fma(a, b, c);
#endif
}

/// Correctly rounded.
SIMT_DEVICE float sqrt(float value) {
#if SIMT_ON_GPU
  return __fsqrt_rn(value);
#else
  return std::sqrt(value);
#endif
}

/// a / b within 2 ulp on a GPU, for |b| from 2^-126 to 2^126, and without a branch; correctly rounded on the host,
/// which cannot show this error.
///
/// Source  PTX ISA, div.approx.f32.
SIMT_DEVICE float divide_approx(float a, float b) {
#if SIMT_ON_GPU
  float result;
  asm("div.approx.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
#else
  return a / b;
#endif
}

/// Within 1 ulp or so on a GPU; correctly rounded on the host, which cannot show this error.
///
/// Source  PTX ISA, sqrt.approx.f32.
SIMT_DEVICE float sqrt_approx(float value) {
#if SIMT_ON_GPU
  float result;
  asm("sqrt.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
#else
  return std::sqrt(value);
#endif
}

/// The base-2 logarithm by the fast unit: absolute error about 2^-22 for values near 1. The host
/// rounds correctly to about 1 ulp, so it cannot show this error.
///
/// Source  PTX ISA, lg2.approx.f32.
SIMT_DEVICE float log2_approx(float value) {
#if SIMT_ON_GPU
  float result;
  asm("lg2.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
#else
  return std::log2(value);
#endif
}

/// 2 to the power of a value: within 2^-22 of it on a GPU. Below -126 the result may be 0 there, or subnormal. As with
/// log2_approx, the host cannot show this error.
///
/// Source  PTX ISA, ex2.approx.f32.
SIMT_DEVICE float exp2_approx(float value) {
#if SIMT_ON_GPU
  float result;
  asm("ex2.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
#else
  return std::exp2(value);
#endif
}

/// 1 / value, within 1 ulp on a GPU; of an infinity 0.
///
/// Source  PTX ISA, rcp.approx.f32.
SIMT_DEVICE float reciprocal_approx(float value) {
#if SIMT_ON_GPU
  float result;
  asm("rcp.approx.f32 %0, %1;" : "=f"(result) : "f"(value));
  return result;
#else
  return 1 / value;
#endif
}

/// Within 2 ulp on a GPU (CUDA C++ Programming Guide, "Mathematical Functions").
SIMT_DEVICE float log10(float value) {
#if SIMT_ON_GPU
  return ::log10f(value);
#else
  return std::log10(value);
#endif
}

/// NaN if either is; of zeros +0 if either is.
///
/// Source  PTX ISA, max.NaN.f32 (sm_80 on).
SIMT_DEVICE float max_propagating_nan(float a, float b) {
#if SIMT_ON_GPU && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  float result;
  asm("max.NaN.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
#else
  if (a != a || b != b) return a + b;
  // Equal numbers differ in a zero's sign at most.
  if (a == b) return std::bit_cast<float>(std::bit_cast<std::uint32_t>(a) & std::bit_cast<std::uint32_t>(b));
  return a > b ? a : b;
#endif
}

/// NaN if either is; of zeros -0 if either is.
///
/// Source  PTX ISA, min.NaN.f32 (sm_80 on).
SIMT_DEVICE float min_propagating_nan(float a, float b) {
#if SIMT_ON_GPU && defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
  float result;
  asm("min.NaN.f32 %0, %1, %2;" : "=f"(result) : "f"(a), "f"(b));
  return result;
#else
  if (a != a || b != b) return a + b;
  if (a == b) return std::bit_cast<float>(std::bit_cast<std::uint32_t>(a) | std::bit_cast<std::uint32_t>(b));
  return a < b ? a : b;
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
