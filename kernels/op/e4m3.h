#pragma once
// The 8-bit floating point type of Tensor Cores: 4 bits of exponent, 3 of mantissa, no infinity.

#include <cstdint>
#include <limits>

namespace kernelgate {

struct e4m3 {
  std::uint8_t bits = 0;
};

/// Exact.
///
/// Source  Micikevicius et al. 2022, FP8 Formats for Deep Learning, arXiv:2209.05433, table 1.
constexpr float to_float(e4m3 value) {
  const int exponent = value.bits >> 3 & 15, mantissa = value.bits & 7;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<float>::quiet_NaN();
  float magnitude = static_cast<float>(exponent == 0 ? mantissa : mantissa + 8) / 8;
  for (int i = exponent == 0 ? 1 : exponent; i < 7; ++i) magnitude /= 2;
  for (int i = 7; i < exponent; ++i) magnitude *= 2;
  return (value.bits & 0x80) != 0 ? -magnitude : magnitude;
}

static_assert(to_float(e4m3{0x38}) == 1.0f && to_float(e4m3{0xc0}) == -2.0f && to_float(e4m3{0x7e}) == 448.0f);
static_assert(to_float(e4m3{0x01}) == 0x1p-9f && to_float(e4m3{0x08}) == 0x1p-6f);

}  // namespace kernelgate
