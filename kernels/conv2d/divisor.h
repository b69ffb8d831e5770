#pragma once
// Division by a number that the host knows: a product and a shift, where a division takes a hundred cycles.

#include <cstdint>

#include "kernels/simt/config.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// Made on the host, and a kernel's parameter.
///
/// Units   by: 1 .. 2^31 - 1; what is divided: 0 .. 2^31 - 1.
/// Source  Granlund, Montgomery 1994, "Division by Invariant Integers using Multiplication", figure 4.1, whose sum
/// can't
///         overflow where what is divided has 31 bits.
struct Divisor {
  std::uint32_t multiplier = 1, shift = 0;  ///< by 1

  Divisor() = default;
  explicit constexpr Divisor(int by) {
    const auto divisor = static_cast<std::uint64_t>(by);
    while (std::uint64_t{1} << shift < divisor) ++shift;
    multiplier = static_cast<std::uint32_t>((((std::uint64_t{1} << shift) - divisor) << 32) / divisor + 1);
  }

  SIMT_HOST_DEVICE int quotient(int of) const {
    const auto value = static_cast<std::uint32_t>(of);
    const auto high = static_cast<std::uint32_t>(std::uint64_t{value} * multiplier >> 32);
    return static_cast<int>((high + value) >> shift);
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
