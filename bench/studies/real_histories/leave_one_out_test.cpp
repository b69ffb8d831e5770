#include "bench/studies/real_histories/leave_one_out.h"

#include <gtest/gtest.h>

#include <vector>

namespace kernelgate::real_histories {
namespace {

TEST(LeaveOneOut, TheOthersChooseAndTheOneHasNoSay) {
  // Two values: with the first, 2 of 100 of the first source are wrong; with the second, none of any.
  const std::vector<std::vector<WrongPairs>> sources{{{100, 2}, {100, 0}}, {{100, 1}, {100, 0}}, {{100, 0}, {100, 9}}};
  EXPECT_EQ(chosen_without(sources, 0), 0U) << "1 of the others' 200";
  EXPECT_EQ(chosen_without(sources, 1), 0U) << "2 of 200";
  EXPECT_EQ(chosen_without(sources, 2), 1U) << "3 of 200, and its own nine are not asked";
  const std::vector<std::vector<WrongPairs>> hopeless{{{10, 5}, {10, 4}}, {{10, 5}, {10, 4}}};
  EXPECT_EQ(chosen_without(hopeless, 0), 1U);
}

}  // namespace
}  // namespace kernelgate::real_histories
