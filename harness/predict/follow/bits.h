#pragma once
// What single instructions do to the bits of one lane.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
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

/// The same for a number of lanes: minterm by minterm, so that the compiler has loops without branches.
template <std::size_t Lanes>
constexpr std::array<std::uint32_t, Lanes> look_up(unsigned table, const std::array<std::uint32_t, Lanes>& a,
                                                   const std::array<std::uint32_t, Lanes>& b,
                                                   const std::array<std::uint32_t, Lanes>& c) {
  std::array<std::uint32_t, Lanes> result{};
  for (unsigned i = 0; i < 8; ++i) {
    if ((table >> i & 1) == 0) continue;
    const std::uint32_t not_a = (i & 4) != 0 ? 0 : ~0u, not_b = (i & 2) != 0 ? 0 : ~0u, not_c = (i & 1) != 0 ? 0 : ~0u;
    for (std::size_t l = 0; l < Lanes; ++l) result[l] |= (a[l] ^ not_a) & (b[l] ^ not_b) & (c[l] ^ not_c);
  }
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

/// A bit for each lane.
inline std::uint32_t compare(Comparison comparison, const std::array<std::uint32_t, 32>& a,
                             const std::array<std::uint32_t, 32>& b, bool is_signed) {
  // Signed numbers are in the order of unsigned ones when their sign is turned.
  const std::uint32_t sign = is_signed ? 1u << 31 : 0;
  std::array<std::uint32_t, 32> less{}, equal{};
  for (unsigned l = 0; l < 32; ++l) {
    less[l] = (a[l] ^ sign) < (b[l] ^ sign) ? 1 : 0;
    equal[l] = a[l] == b[l] ? 1 : 0;
  }
  std::uint32_t below = 0, same = 0;
  for (unsigned l = 0; l < 32; ++l) {
    below |= less[l] << l;
    same |= equal[l] << l;
  }
  switch (comparison) {
    case Comparison::lt:
      return below;
    case Comparison::le:
      return below | same;
    case Comparison::gt:
      return ~(below | same);
    case Comparison::ge:
      return ~below;
    case Comparison::eq:
      return same;
    case Comparison::ne:
      return ~same;
  }
  return 0;
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
