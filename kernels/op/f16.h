#pragma once
// IEEE 754 binary16 as storage. Arithmetic is done in wider types; these are the two conversions.

#include <bit>
#include <cstddef>
#include <cstdint>

namespace kernelgate {

/// A half-precision value, as its bits. No operators: convert, compute, convert back.
struct f16 {
  std::uint16_t bits = 0;
  friend constexpr bool operator==(f16, f16) = default;
};

/// Exact.
constexpr float to_float(f16 value) {
  const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x8000u) << 16;
  const std::uint32_t magnitude = value.bits & 0x7fffu;
  if (magnitude >= 0x7c00u)  // infinity and NaN keep their payload
    return std::bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  // 2^112 re-biases the exponent, and makes subnormals normal on the way.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

/// Round to nearest even; overflow gives infinity, NaN stays a NaN.
constexpr f16 to_f16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint16_t sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {static_cast<std::uint16_t>(sign | 0x7e00u | (magnitude >> 13 & 0x3ffu))};
  if (magnitude >= 0x477ff000u)  // 65520 and more round to infinity
    return {static_cast<std::uint16_t>(sign | 0x7c00u)};
  if (magnitude < 0x38800000u) {  // below 2^-14: adding 0.5 aligns the last bit to 2^-24
    const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
    return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3f000000u))};
  }
  magnitude += 0xfffu + (magnitude >> 13 & 1u);  // nearest, ties to even
  return {static_cast<std::uint16_t>(sign | (magnitude - 0x38000000u) >> 13)};
}

/// Bulk conversions, with F16C where the CPU has it. `count` elements; the ranges must not overlap.
void to_float(const f16* from, float* to, std::size_t count);
void to_f16(const float* from, f16* to, std::size_t count);

}  // namespace kernelgate
