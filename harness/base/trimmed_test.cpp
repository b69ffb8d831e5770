#include "harness/base/trimmed.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

TEST(Trimmed, LosesTheBlanksAroundAndNoneWithin) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n "), "");
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed("\v a"), "\v a") << "what is no blank of a line";
}

TEST(Trimmed, TakesWhatTheCallerNamesForBlanks) {
  EXPECT_EQ(trimmed("'\"a' ", " '\""), "a");
  EXPECT_EQ(trimmed(" a\n", " "), "a\n");
}

}  // namespace
}  // namespace kernelgate
