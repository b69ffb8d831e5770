// Conversions and the functions whose special values differ from the C library's.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

TEST(SimtMath, PacksTheLowHalfFirst) {
  EXPECT_EQ(pack_f16x2(1.0f, -2.0f), 0xc0003c00u);
  EXPECT_EQ(pack_bf16x2(1.0f, -2.0f), 0xc0003f80u);
  EXPECT_EQ(low_half(0xc0003c00u), 1.0f);
  EXPECT_EQ(high_half(0xc0003c00u), -2.0f);
}

TEST(SimtMath, RoundsToNearestEven) {
  EXPECT_EQ(to_f16_rn(2049.0f).bits, kernelgate::to_f16(2048.0f).bits);
  EXPECT_EQ(to_f16_rn(2051.0f).bits, kernelgate::to_f16(2052.0f).bits);
  EXPECT_EQ(to_f16_rn(65520.0f).bits, 0x7c00);
  EXPECT_EQ(simt::to_float(f16{0x0001}), 0x1p-24f);
}

TEST(SimtMath, MinAndMaxPropagateNan) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(max_propagating_nan(nan, 1)));
  EXPECT_TRUE(std::isnan(max_propagating_nan(1, nan)));
  EXPECT_TRUE(std::isnan(min_propagating_nan(nan, 1)));
  EXPECT_TRUE(std::isnan(min_propagating_nan(1, nan)));
  EXPECT_EQ(max_propagating_nan(-1, 2), 2);
  EXPECT_EQ(min_propagating_nan(-1, 2), -1);
  for (const auto& [a, b] : {std::pair{0.0f, -0.0f}, std::pair{-0.0f, 0.0f}}) {
    EXPECT_FALSE(std::signbit(max_propagating_nan(a, b)));
    EXPECT_TRUE(std::signbit(min_propagating_nan(a, b)));
  }
  EXPECT_TRUE(std::signbit(max_propagating_nan(-0.0f, -0.0f)));
  EXPECT_EQ(max_propagating_nan(-3, -3), -3);
}

TEST(SimtMath, FmaRoundsOnce) {
  const float a = 1 + 0x1p-12f;
  EXPECT_EQ(simt::fma(a, a, -1.0f), 0x1p-11f + 0x1p-24f);
}

TEST(SimtMath, Logarithms) {
  EXPECT_EQ(log2_approx(8.0f), 3.0f);
  EXPECT_EQ(simt::log10(1000.0f), 3.0f);
  EXPECT_EQ(simt::sqrt(2.25f), 1.5f);
  EXPECT_EQ(divide_approx(3.0f, -4.0f), -0.75f);
}

TEST(SimtMath, PowersAndReciprocals) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp2_approx(-3.0f), 0.125f);
  EXPECT_EQ(exp2_approx(200.0f), infinity);
  EXPECT_EQ(reciprocal_approx(4.0f), 0.25f);
  EXPECT_EQ(reciprocal_approx(infinity), 0.0f);
}

}  // namespace
}  // namespace kernelgate::simt
