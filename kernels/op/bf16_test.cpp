#include "kernels/op/bf16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kernelgate {
namespace {

TEST(Bf16, EveryValueComesBack) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const bf16 value{static_cast<std::uint16_t>(bits)};
    const float wide = to_float(value);
    if (std::isnan(wide)) {
      EXPECT_TRUE(std::isnan(to_float(to_bf16(wide)))) << bits;
    } else {
      ASSERT_EQ(to_bf16(wide), value) << bits;
    }
  }
}

// Halfway between neighbours the even one; a little more or less, the nearer one.
TEST(Bf16, RoundsToNearestEven) {
  for (unsigned bits = 0; bits < 0x7f7f; ++bits) {
    const bf16 low{static_cast<std::uint16_t>(bits)}, high{static_cast<std::uint16_t>(bits + 1)};
    const auto middle = static_cast<float>((static_cast<double>(to_float(low)) + to_float(high)) / 2);
    ASSERT_EQ(to_bf16(middle), bits % 2 == 0 ? low : high) << bits;
    ASSERT_EQ(to_bf16(std::nextafter(middle, 0.0f)), low) << bits;
    ASSERT_EQ(to_bf16(std::nextafter(middle, std::numeric_limits<float>::infinity())), high) << bits;
    ASSERT_EQ(to_bf16(-middle), (bf16{static_cast<std::uint16_t>((bits % 2 == 0 ? low : high).bits | 0x8000u)}));
  }
}

TEST(Bf16, OverflowIsInfinity) {
  EXPECT_EQ(to_bf16(std::numeric_limits<float>::max()), bf16{0x7f80});
  EXPECT_EQ(to_bf16(-std::numeric_limits<float>::infinity()), bf16{0xff80});
  // A NaN whose payload is in the lower half alone must not become infinity.
  EXPECT_TRUE(std::isnan(to_float(to_bf16(std::bit_cast<float>(0x7f800001u)))));
}

}  // namespace
}  // namespace kernelgate
