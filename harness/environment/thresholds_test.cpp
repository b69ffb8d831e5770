// Versions compare as numbers; every row of the tables is well-formed and in order.
#include "harness/environment/thresholds.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

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

TEST(Version, TakesTwoToFourNumbersAndNothingElse) {
  for (const char* text : {"580.65", "580.65.06", "1.2.3.4", "0.0"}) EXPECT_TRUE(Version::parse(text)) << text;
  for (const char* text : {"", "580", "1.2.3.4.5", "580.", ".65", "580..6", "580.-6", "580.65a", "580.65 ", " 580.65",
                           "+5.1", "580.99999999999", "R580.1"}) {
    EXPECT_FALSE(Version::parse(text)) << text;
  }
}

TEST(Thresholds, ToolkitsParseAndFallFromNewToOld) {
  const ToolkitDriver* newer = nullptr;
  for (const ToolkitDriver& row : toolkit_drivers()) {
    ASSERT_TRUE(Version::parse(row.on_linux)) << row.cuda;
    EXPECT_TRUE(*row.on_windows == 0 || Version::parse(row.on_windows)) << row.cuda;
    EXPECT_NE(row.cuda, 12070);  // there was none
    if (newer) {
      EXPECT_GT(std::pair(newer->cuda, newer->patch), std::pair(row.cuda, row.patch));
      EXPECT_GE(version(newer->on_linux), version(row.on_linux)) << row.cuda;
      if (*newer->on_windows) {
        EXPECT_GE(version(newer->on_windows), version(row.on_windows)) << row.cuda;
      }
    }
    // What a toolkit shipped with can't be below the least that its major works with; 11.0 came before the rule.
    if (row.cuda >= 11010) {
      EXPECT_GE(version(row.on_linux), major_floor(row.cuda, false).value()) << row.cuda;
    }
    newer = &row;
  }
}

TEST(Thresholds, FloorsAreThoseOfTheFirstRelease) {
  EXPECT_EQ(native_floor_text(13000, false), "580.65.06");  // not 13.0.2's 580.95.05
  EXPECT_EQ(native_floor_text(12080, true), "570.65");
  EXPECT_EQ(native_floor_text(11000, false), "450.51.05");  // its first release was 11.0.2
  EXPECT_EQ(native_floor_text(13000, true), "unknown");
  EXPECT_EQ(native_floor_text(12070, false), "unknown");
  EXPECT_EQ(major_floor_text(12040, false), "525.60.13");
  EXPECT_EQ(major_floor_text(10020, false), "unknown");
  EXPECT_FALSE(major_floor(13000, true));
}

TEST(Thresholds, BranchesRiseAndHaveDates) {
  const std::regex date("20[0-9]{2}-[01][0-9]-[0-3][0-9]");
  int branch = 0, cuda = 0;
  for (const DriverBranch& row : driver_branches()) {
    EXPECT_GT(row.branch, branch);
    EXPECT_GT(row.native_cuda, cuda);
    const std::string end = row.end_of_life;
    EXPECT_TRUE(end.empty() || end == "ended" || std::regex_match(end, date)) << end;
    branch = row.branch;
    cuda = row.native_cuda;
  }
  EXPECT_TRUE(std::regex_match(thresholds_as_of, date));
}

TEST(Thresholds, EveryToolkitsDriverIsOfTheBranchThatIsNativeForIt) {
  for (const ToolkitDriver& row : toolkit_drivers()) {
    const DriverBranch* branch = find_branch(version(row.on_linux).branch());
    if (row.cuda < 11000) continue;  // branches before R450 are not listed
    ASSERT_TRUE(branch) << row.on_linux;
    EXPECT_EQ(branch->native_cuda, row.cuda) << row.on_linux;
  }
}

TEST(Thresholds, ArchitecturesRise) {
  int cc = 0;
  for (const Architecture& row : architectures()) {
    EXPECT_GT(row.compute_capability, cc);
    EXPECT_TRUE(row.last_cuda == 0 || row.last_cuda >= row.first_cuda);
    cc = row.compute_capability;
  }
  ASSERT_TRUE(find_architecture(90));
  EXPECT_EQ(find_architecture(70)->last_branch, 580);
  EXPECT_FALSE(find_architecture(91));
}

}  // namespace
}  // namespace kernelgate
