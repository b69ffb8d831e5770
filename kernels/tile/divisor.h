#pragma once
// Division by a number that the host knows before a launch: a multiplication, where a GPU takes some 150 cycles for
// each division, one after the other, before it can load anything.

#include <bit>
#include <cstdint>

#include "kernels/simt/config.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// A kernel's parameter. Divides what is below 2^31.
///
/// Source  Granlund and Montgomery, Division by Invariant Integers using Multiplication (PLDI 1994): with 2^s >= d and
///         m = 2^(31 + s) / d, rounded up, n m / 2^(31 + s) is n / d for each n below 2^31.
class Divisor {
 public:
  constexpr Divisor() : Divisor(1) {}
  /// Units  1 to 2^31 - 1.
  constexpr explicit Divisor(unsigned divisor)
      : divisor_(divisor),
        shift_(static_cast<unsigned>(std::bit_width(divisor - 1))),
        multiplier_(static_cast<unsigned>(((std::uint64_t{1} << (31 + shift_)) + divisor - 1) / divisor)) {}

  SIMT_HOST_DEVICE constexpr unsigned value() const { return divisor_; }
  SIMT_HOST_DEVICE constexpr unsigned quotient(unsigned n) const {
    return static_cast<unsigned>(std::uint64_t{2 * n} * multiplier_ >> 32) >> shift_;
  }
  SIMT_HOST_DEVICE constexpr unsigned remainder(unsigned n, unsigned quotient) const { return n - quotient * divisor_; }

 private:
  unsigned divisor_, shift_, multiplier_;
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
