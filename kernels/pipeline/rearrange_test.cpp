#include "kernels/pipeline/rearrange.h"

#include <gtest/gtest.h>

#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

using pipeline::Rearrange;

class RearrangeOn : public OpOn<Rearrange> {};

TEST_P(RearrangeOn, JoinsChannels) {
  for (const auto& [rows, a, b] : {std::array<std::int64_t, 3>{9, 512, 512},
                                   {36, 64, 16},
                                   {7, 8, 24},
                                   {1, 1, 1},
                                   {144, 3, 5},
                                   {5, 8, 3},
                                   {3000, 16, 8},
                                   {4, 0, 8},
                                   {0, 8, 8}})
    prove({.rows = rows, .a_columns = a, .b_columns = b});
}

TEST_P(RearrangeOn, TakesElementsWhereChunksAreMisaligned) {
  prove({.rows = 20, .a_columns = 16, .b_columns = 8}, misaligned(1));
}

TEST_P(RearrangeOn, CutsWindows) {
  prove({.rows = 80, .a_columns = 16, .frames = 1});
  prove({.rows = 80, .a_columns = 3 + 16, .frames = 2});
  prove({.rows = 80, .a_columns = 100, .frames = 26});
}

INSTANTIATE_TEST_SUITE_P(Devices, RearrangeOn, every_device(), device_name);

TEST(Rearrange, RefusesWindowsBehindTheEnd) {
  EXPECT_THROW(Rearrange::validate({.rows = 80, .a_columns = 18, .frames = 2}), InvalidProblem);
  EXPECT_NO_THROW(Rearrange::validate({.rows = 80, .a_columns = 19, .frames = 2}));
  EXPECT_THROW(Rearrange::validate({.rows = -1}), InvalidProblem);
}

}  // namespace
}  // namespace kernelgate
