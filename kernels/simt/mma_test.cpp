// mma against the fragment layouts of the PTX manual ("Matrix fragments for mma.m16n8k16" and k8),
// element by element as the manual counts them, and against a product in double.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/random.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
namespace {

class Mma : public SimtTest {};

// The manual's element i of a lane's fragment -> (row, column).
struct Place {
  int row, column;
};
constexpr Place place_a(int lane, int i) {
  const int row = (i < 2 || (4 <= i && i < 6)) ? lane / 4 : lane / 4 + 8;
  return {row, lane % 4 * 2 + (i & 1) + (i < 4 ? 0 : 8)};
}
constexpr Place place_b(int lane, int i) { return {lane % 4 * 2 + (i & 1) + (i < 2 ? 0 : 8), lane / 4}; }
constexpr Place place_d(int lane, int i) { return {i < 2 ? lane / 4 : lane / 4 + 8, lane % 4 * 2 + (i & 1)}; }

struct Operands {
  f16 a[16 * 16];
  f16 b[16 * 8];
  float d[16 * 8];
};

template <int DEPTH, bool BF16 = false>
SIMT_KERNEL(32)
void multiply(Operands* operands) {
  const int lane = static_cast<int>(lane_idx());
  std::uint32_t a[DEPTH / 4] = {}, b[DEPTH / 8] = {};
  float d[4];
  for (int i = 0; i < DEPTH / 2; ++i) {
    const Place at = place_a(lane, i);
    a[i / 2] |= static_cast<std::uint32_t>(operands->a[at.row * DEPTH + at.column].bits) << (i % 2 * 16);
  }
  for (int i = 0; i < DEPTH / 4; ++i) {
    const Place at = place_b(lane, i);
    b[i / 2] |= static_cast<std::uint32_t>(operands->b[at.row * 8 + at.column].bits) << (i % 2 * 16);
  }
  for (int i = 0; i < 4; ++i) d[i] = operands->d[place_d(lane, i).row * 8 + place_d(lane, i).column];
  if constexpr (DEPTH == 16) {
    BF16 ? mma_m16n8k16_bf16(d, a, b) : mma_m16n8k16(d, a, b);
  } else {
    BF16 ? mma_m16n8k8_bf16(d, a, b) : mma_m16n8k8(d, a, b);
  }
  for (int i = 0; i < 4; ++i) operands->d[place_d(lane, i).row * 8 + place_d(lane, i).column] = d[i];
}

template <int DEPTH>
void one_hot() {
  for (int row = 0; row < 16; ++row)
    for (int k = 0; k < DEPTH; ++k) {
      Operands operands{};
      operands.a[row * DEPTH + k] = to_f16(1);
      for (int i = 0; i < DEPTH * 8; ++i) operands.b[i] = to_f16(static_cast<float>(i + 1));
      for (int i = 0; i < 16 * 8; ++i) operands.d[i] = static_cast<float>(1000 * i);
      launch(multiply<DEPTH>, {{1}, {32}}, nullptr, &operands);
      for (int m = 0; m < 16; ++m)
        for (int n = 0; n < 8; ++n) {
          const int picked = m == row ? k * 8 + n + 1 : 0;
          ASSERT_EQ(operands.d[m * 8 + n], static_cast<float>(1000 * (m * 8 + n) + picked)) << row << " " << k;
        }
    }
}

TEST_F(Mma, OneHotPicksOneRowOfB) {
  one_hot<16>();
  one_hot<8>();
}

template <int DEPTH>
void random_product(std::uint64_t seed) {
  Random random(seed);
  Operands operands{};
  for (f16& value : operands.a) value = to_f16(static_cast<float>(random.normal()));
  for (f16& value : operands.b) value = to_f16(static_cast<float>(random.normal()));
  for (float& value : operands.d) value = static_cast<float>(random.normal());
  const Operands before = operands;
  launch(multiply<DEPTH>, {{1}, {32}}, nullptr, &operands);
  for (int m = 0; m < 16; ++m)
    for (int n = 0; n < 8; ++n) {
      double sum = before.d[m * 8 + n], magnitude = std::abs(sum);
      for (int k = 0; k < DEPTH; ++k) {
        const double product = static_cast<double>(kernelgate::to_float(before.a[m * DEPTH + k])) *
                               kernelgate::to_float(before.b[k * 8 + n]);
        sum += product;
        magnitude += std::abs(product);
      }
      // DEPTH additions in f32, each off by half an ulp of a partial sum.
      ASSERT_NEAR(operands.d[m * 8 + n], sum, DEPTH * 0x1p-24 * magnitude);
    }
}

TEST_F(Mma, RandomOperandsAgreeWithDouble) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    random_product<16>(seed);
    random_product<8>(seed);
  }
}

// bf16 is the upper half of f32, so what is exact in it is too: 8 bits, and exponents that f16 does not have.
f16 bf16_bits(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  EXPECT_EQ(bits & 0xffffu, 0u) << value << " is no bf16";
  return {static_cast<std::uint16_t>(bits >> 16)};
}

template <int DEPTH>
void product_of_bf16() {
  Random random(3);
  Operands operands{};
  double a[16][DEPTH], b[DEPTH][8];
  for (int m = 0; m < 16; ++m)
    for (int k = 0; k < DEPTH; ++k) {
      a[m][k] = static_cast<double>(random.bits() % 255) - 127;
      operands.a[m * DEPTH + k] = bf16_bits(static_cast<float>(a[m][k] * 0x1p-60));
    }
  for (int k = 0; k < DEPTH; ++k)
    for (int n = 0; n < 8; ++n) {
      b[k][n] = static_cast<double>(random.bits() % 255) - 127;
      operands.b[k * 8 + n] = bf16_bits(static_cast<float>(b[k][n] * 0x1p60));
    }
  for (float& value : operands.d) value = 3;
  launch(multiply<DEPTH, true>, {{1}, {32}}, nullptr, &operands);
  for (int m = 0; m < 16; ++m)
    for (int n = 0; n < 8; ++n) {
      double sum = 3;
      for (int k = 0; k < DEPTH; ++k) sum += a[m][k] * b[k][n];
      ASSERT_EQ(operands.d[m * 8 + n], sum);
    }
}

TEST_F(Mma, ProductsOfBf16HaveItsRangeAndAreExact) {
  product_of_bf16<16>();
  product_of_bf16<8>();
}

TEST_F(Mma, AccumulatesInSinglePrecision) {
  // With an f16 accumulator 2048 + 1 stays 2048.
  Operands operands{};
  for (int k = 0; k < 16; ++k) operands.a[k] = operands.b[k * 8] = to_f16(1);
  operands.d[0] = 2048;
  launch(multiply<16>, {{1}, {32}}, nullptr, &operands);
  EXPECT_EQ(operands.d[0], 2064.0f);
}

TEST_F(Mma, NotANumberAndInfinityComeThrough) {
  Operands operands{};
  operands.a[3 * 16 + 5] = f16{0x7c00};  // row 3, infinity
  operands.b[5 * 8 + 2] = to_f16(2);
  launch(multiply<16>, {{1}, {32}}, nullptr, &operands);
  EXPECT_TRUE(std::isinf(operands.d[3 * 8 + 2]));
  EXPECT_TRUE(std::isnan(operands.d[3 * 8 + 1])) << "infinity times 0";
  EXPECT_EQ(operands.d[2 * 8 + 2], 0.0f);
}

SIMT_KERNEL(32) void half_a_warp_multiplies(float* out) {
  float d[4] = {};
  if (lane_idx() % 2 == 0) mma_m16n8k16(d, {0, 0, 0, 0}, {0, 0});
  sync_warp();
  out[lane_idx()] = d[0];
}

TEST_F(Mma, NeedsTheWholeWarp) {
  std::vector<float> out(32);
  const std::string text = fault_of([&] { launch(half_a_warp_multiplies, {{1}, {32}}, nullptr, out.data()); });
  EXPECT_NE(text.find("the warp has diverged"), std::string::npos) << text;
  EXPECT_NE(text.find("mma_m16n8k16 at kernels/simt/mma_test.cpp:"), std::string::npos) << text;
}

}  // namespace
}  // namespace kernelgate::simt
