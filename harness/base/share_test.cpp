#include "harness/base/share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/base/printable.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Share, IsPerCentOrBelowOne) {
  EXPECT_DOUBLE_EQ(share_of("--threshold", "5%"), 0.05);
  EXPECT_DOUBLE_EQ(share_of("--threshold", "5 %"), 0.05);
  EXPECT_DOUBLE_EQ(share_of("--threshold", "0.05"), 0.05);
  EXPECT_DOUBLE_EQ(share_of("--threshold", "150%"), 1.5);
  EXPECT_EQ(share_of("--threshold", "0"), 0);
  EXPECT_DOUBLE_EQ(share_of("--threshold", "0.999"), 0.999);
  for (const char* bad :
       {"", "%", "5 per cent", "-1%", "-0", "nan", "inf", "inf%", "0x0.1", "1e-3", ".", "0,5", "5%%", " 5%", "0.1 "}) {
    try {
      share_of("--threshold", bad);
      ADD_FAILURE() << bad;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), AllOf(HasSubstr("--threshold"), HasSubstr("write 0.5% or 0.005")));
    }
  }
  for (const char* bare : {"1", "5", "1.0", "100"}) {
    try {
      share_of("--alpha", bare);
      ADD_FAILURE() << bare;
    } catch (const HarnessError& error) {
      EXPECT_THAT(error.what(), HasSubstr(std::string("write ") + bare + "% for per cent"));
    }
  }
}

TEST(OneLine, KeepsLettersAndShowsWhatSteers) {
  EXPECT_EQ(one_line("caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80"), "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80");
  EXPECT_EQ(one_line("a\nb\tc\x1b[31m\x7f"), "a\\nb\\x09c\\x1b[31m\\x7f");
  EXPECT_EQ(one_line("\xc2\x9b"), "\\xc2\\x9b") << "a terminal takes it for ESC [";
  EXPECT_EQ(one_line("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "turns the order of letters round";
  EXPECT_EQ(one_line("\xe2\x80\x8b\xef\xbb\xbf"), "\\xe2\\x80\\x8b\\xef\\xbb\\xbf");
  EXPECT_EQ(one_line("\xff\xc3"), "\\xff\\xc3") << "no UTF-8";
  EXPECT_EQ(one_line("\xc0\x8a"), "\\xc0\\x8a") << "a line feed in disguise";
  EXPECT_EQ(one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a pair";
  EXPECT_EQ(one_line(std::string_view("\0x", 2)), "\\x00x");
}

}  // namespace
}  // namespace kernelgate
