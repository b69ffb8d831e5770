// A multiplication in place of a division gives the same quotient, at the ends of what it may divide and between.

#include "kernels/tile/divisor.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/op/random.h"

namespace kernelgate::tile {
namespace {

constexpr unsigned largest = (1u << 31) - 1;

void check(unsigned n, unsigned d) {
  const Divisor divisor(d);
  ASSERT_EQ(divisor.quotient(n), n / d) << n << " / " << d;
  ASSERT_EQ(divisor.remainder(n, n / d), n % d) << n << " / " << d;
}

TEST(Divisor, SmallNumbers) {
  for (unsigned d = 1; d <= 300; ++d)
    for (unsigned n = 0; n <= 1000; ++n) check(n, d);
}

// A quotient is off first just below a multiple, or at it; and near the largest number.
TEST(Divisor, AroundMultiplesAndPowersOfTwo) {
  std::vector<unsigned> divisors{largest, largest - 1, largest / 2, largest / 2 + 1, largest / 3};
  for (unsigned bit = 0; bit < 31; ++bit)
    for (const int off : {-1, 0, 1})
      if (const auto d = static_cast<std::int64_t>(1u << bit) + off; d >= 1 && d <= largest)
        divisors.push_back(static_cast<unsigned>(d));
  for (const unsigned d : divisors) {
    for (const unsigned n : {0u, 1u, largest, largest - 1}) check(n, d);
    const unsigned last = largest / d;
    for (const unsigned times : {1u, 2u, last / 2, last - 1, last})
      for (const int off : {-1, 0, 1})
        if (const std::int64_t n = std::int64_t{times} * d + off; n >= 0 && n <= largest)
          check(static_cast<unsigned>(n), d);
  }
}

TEST(Divisor, AnyNumbers) {
  Random random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto n = static_cast<unsigned>(random.bits() >> 33);
    const auto d = static_cast<unsigned>(random.bits() >> 33) >> random.below(31);
    if (d > 0) check(n, d);
  }
}

static_assert(Divisor(7).quotient(48) == 6 && Divisor(1).quotient(largest) == largest);

}  // namespace
}  // namespace kernelgate::tile
