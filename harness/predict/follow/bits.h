#pragma once
// What single instructions do to the bits of one lane.

#include <bit>
#include <cmath>
#include <cstdint>

#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

/// LOP3: bit i of the table is the result where a, b, c are the bits of i, a first.
constexpr std::uint32_t look_up(unsigned table, std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  std::uint32_t result = 0;
  for (unsigned i = 0; i < 8; ++i)
    if ((table >> i & 1) != 0) result |= ((i & 4) != 0 ? a : ~a) & ((i & 2) != 0 ? b : ~b) & ((i & 1) != 0 ? c : ~c);
  return result;
}

enum class Comparison { lt, le, gt, ge, eq, ne };

inline Comparison comparison_of(const Instruction& in) {
  return in.has(Modifier::lt)   ? Comparison::lt
         : in.has(Modifier::le) ? Comparison::le
         : in.has(Modifier::gt) ? Comparison::gt
         : in.has(Modifier::ge) ? Comparison::ge
         : in.has(Modifier::eq) ? Comparison::eq
                                : Comparison::ne;
}

constexpr bool compare(Comparison comparison, std::uint32_t a, std::uint32_t b, bool is_signed) {
  const bool less = is_signed ? static_cast<std::int32_t>(a) < static_cast<std::int32_t>(b) : a < b;
  switch (comparison) {
    case Comparison::lt:
      return less;
    case Comparison::le:
      return less || a == b;
    case Comparison::gt:
      return !less && a != b;
    case Comparison::ge:
      return !less;
    case Comparison::eq:
      return a == b;
    case Comparison::ne:
      return a != b;
  }
  return false;
}

/// PRMT: byte i of the result is the byte of {c, a} that nibble i names; its bit 3 asks for the sign eight times.
constexpr std::uint32_t permute_bytes(std::uint32_t a, std::uint32_t selector, std::uint32_t c) {
  const std::uint64_t pair = std::uint64_t{c} << 32 | a;
  std::uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned nibble = selector >> (4 * i) & 15u;
    std::uint32_t byte = static_cast<std::uint32_t>(pair >> (8 * (nibble & 7u))) & 255u;
    if ((nibble & 8u) != 0) byte = (byte & 128u) != 0 ? 255u : 0u;
    result |= byte << (8 * i);
  }
  return result;
}

inline float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

/// The least float that is not below the value: rounding mode RP.
inline float rounded_up(double value) {
  const auto nearest = static_cast<float>(value);
  return static_cast<double>(nearest) < value ? std::nextafter(nearest, INFINITY) : nearest;
}

/// A half's bits, of a value that is one exactly.
inline std::uint16_t half_bits(double value) {
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::fabs(value);
  if (magnitude == 0) return sign;
  if (magnitude < 0x1p-14) return static_cast<std::uint16_t>(sign | std::lround(magnitude * 0x1p24));
  const int exponent = std::ilogb(magnitude);
  const long fraction = std::lround((std::ldexp(magnitude, -exponent) - 1) * 1024);
  return static_cast<std::uint16_t>(sign + (static_cast<unsigned>(exponent + 15) << 10) +
                                    static_cast<unsigned>(fraction));
}

}  // namespace kernelgate::predict
