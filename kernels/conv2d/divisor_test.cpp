#include "kernels/conv2d/divisor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "kernels/op/random.h"

namespace kernelgate::conv2d {
namespace {

constexpr int most = std::numeric_limits<int>::max();

void expect_exact(int by, std::int64_t of) {
  if (of < 0 || of > most) return;
  const auto value = static_cast<int>(of);
  EXPECT_EQ(Divisor(by).quotient(value), value / by) << value << " / " << by;
}

// A wrong multiplier or shift shows beside multiples of the divisor, where the quotient changes, and most of all beside
// the largest.
TEST(Divisor, IsExactBesideMultiples) {
  for (const int by : {1,        2,     3,     5,       6,
                       7,        9,     10,    12,      27,
                       48,       49,    56,    64,      96,
                       127,      128,   129,   641,     3000,
                       65535,    65536, 65537, 1 << 30, (1 << 30) + 1,
                       most - 1, most})
    for (const std::int64_t times : {0, 1, 2, 3, 1000, most / by - 1, most / by})
      for (const int beside : {-1, 0, 1}) expect_exact(by, times * by + beside);
}

TEST(Divisor, IsExactForAllSmallNumbers) {
  for (int by = 1; by <= 130; ++by)
    for (int of = 0; of <= 1000; ++of) ASSERT_EQ(Divisor(by).quotient(of), of / by) << of << " / " << by;
}

TEST(Divisor, IsExactForNumbersOfAllSizes) {
  Random random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto size = [&] { return static_cast<int>(random.bits() >> 33 >> random.below(31)); };
    const int by = size() | 1, of = size();
    ASSERT_EQ(Divisor(by).quotient(of), of / by) << of << " / " << by;
  }
}

TEST(Divisor, ByOneWhereNothingIsSaid) { EXPECT_EQ(Divisor().quotient(most), most); }

}  // namespace
}  // namespace kernelgate::conv2d
