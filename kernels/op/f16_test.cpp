#include "kernels/op/f16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace kernelgate {
namespace {

/// The compiler's own half type is the truth.
float truth(f16 value) {
  _Float16 half;
  std::memcpy(&half, &value, sizeof half);
  return static_cast<float>(half);
}

TEST(F16, WidensEveryValueExactly) {
  for (unsigned bits = 0; bits <= 0xffff; ++bits) {
    const f16 value{static_cast<std::uint16_t>(bits)};
    const float expected = truth(value);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(to_float(value))) << bits;
    else
      EXPECT_EQ(std::bit_cast<std::uint32_t>(to_float(value)), std::bit_cast<std::uint32_t>(expected)) << bits;
  }
}

TEST(F16, NarrowsToNearestEven) {
  for (std::uint64_t bits = 0; bits <= 0xffffffffu; bits += 4099) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const _Float16 half = static_cast<_Float16>(value);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(to_float(to_f16(value))));
      continue;
    }
    std::uint16_t expected;
    std::memcpy(&expected, &half, sizeof expected);
    ASSERT_EQ(to_f16(value).bits, expected) << bits;
  }
  EXPECT_EQ(to_f16(1.0f + 0x1p-11f).bits, to_f16(1.0f).bits);          // a tie, to even
  EXPECT_EQ(to_f16(1.0f + 3 * 0x1p-11f).bits, to_f16(1.0f).bits + 2);  // a tie, to even upwards
  EXPECT_EQ(to_f16(65519.996f).bits, 0x7bff);
  EXPECT_EQ(to_f16(65520.0f).bits, 0x7c00);
}

TEST(F16, BulkIsTheSameAsOneByOne) {
  std::vector<f16> halves(1003);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i].bits = static_cast<std::uint16_t>(i * 61);
  std::vector<float> floats(halves.size());
  to_float(halves.data(), floats.data(), halves.size());
  std::vector<f16> back(halves.size());
  to_f16(floats.data(), back.data(), back.size());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    if (std::isnan(to_float(halves[i]))) continue;
    EXPECT_EQ(floats[i], to_float(halves[i]));
    EXPECT_EQ(back[i], halves[i]);
  }
}

}  // namespace
}  // namespace kernelgate
