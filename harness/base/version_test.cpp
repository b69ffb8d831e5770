// Versions compare as numbers.
#include "harness/base/version.h"

#include <gtest/gtest.h>

namespace kernelgate {
namespace {

Version version(const char* text) { return Version::parse(text).value(); }

TEST(Version, ComparesFieldByFieldAsNumbers) {
  EXPECT_LT(version("535.54.03"), version("535.104.05"));  // as text it would be the other way round
  EXPECT_LT(version("570.26"), version("570.124.06"));
  EXPECT_LT(version("99.9"), version("450.80.02"));
  EXPECT_EQ(version("535.104.05"), version("535.104.5"));
  EXPECT_EQ(version("580.65"), version("580.65.0"));
  EXPECT_LT(version("580.65"), version("580.65.0.1"));
  EXPECT_GT(version("580.65.06"), version("580.65.05"));
  EXPECT_EQ(version("615.62.00").branch(), 615);
}

TEST(Version, KnowsItsMinor) {
  EXPECT_TRUE(version("9.19.0").same_minor(version("9.19.0.56")));
  EXPECT_TRUE(version("9.19").same_minor(version("9.19.1")));
  EXPECT_FALSE(version("9.19.0").same_minor(version("9.1.9")));
  EXPECT_FALSE(version("9.1.0").same_minor(version("8.1.0")));
}

TEST(Version, TakesTwoToFourNumbersAndNothingElse) {
  for (const char* text : {"580.65", "580.65.06", "1.2.3.4", "0.0"}) EXPECT_TRUE(Version::parse(text)) << text;
  for (const char* text : {"", "580", "1.2.3.4.5", "580.", ".65", "580..6", "580.-6", "580.65a", "580.65 ", " 580.65",
                           "+5.1", "580.99999999999", "R580.1"}) {
    EXPECT_FALSE(Version::parse(text)) << text;
  }
}

}  // namespace
}  // namespace kernelgate
