// A run against the files of its device: as one suite.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

class BaselineComparison : public BaselineFolder {};

Result with_code(Result result) {
  for (CaseResult& one : result.cases) one.code_hash = "c0de";
  return result;
}

TEST_F(BaselineComparison, CountsEqualCodeOfAllFiles) {
  accept_baseline(with_code(night(1)), folder_, because("first"));
  Result fresh = with_code(night(2));
  fresh.cases[0].runs = night(2, 1.5e-3).cases[0].runs;
  const Comparison comparison = compare_with_baselines(folder_, fresh, {});
  EXPECT_EQ(comparison.known_equal.compared, 3);
  EXPECT_EQ(comparison.known_equal.slower, 1);
  EXPECT_EQ(comparison.known_equal.faster, 0);
}

TEST_F(BaselineComparison, OneEnvironmentIsJudgedAsOneSuite) {
  accept_baseline(night(1), folder_, because("first"));
  const Comparison stored = compare_with_baselines(folder_, night(2, 1.02e-3), {});
  const Comparison direct = compare(night(1), night(2, 1.02e-3), {});
  ASSERT_EQ(stored.cases.size(), direct.cases.size());
  for (std::size_t i = 0; i < stored.cases.size(); ++i) {
    EXPECT_EQ(stored.cases[i].name, direct.cases[i].name) << "in the run's order";
    // The correction for the number of cases is that of all three, though they lie in two files.
    EXPECT_EQ(stored.cases[i].detectable_ratio, direct.cases[i].detectable_ratio);
  }
}

TEST_F(BaselineComparison, AFileOfAnotherEnvironmentStopsItsOwnCasesAlone) {
  accept_baseline(night(1), folder_, because("first"));
  Result other = night(1);
  other.fingerprint["identity"]["cpu_model"] = "new";
  std::erase_if(other.cases, [](const CaseResult& one) { return one.op == "matmul"; });
  AcceptOptions options = because("conv2d elsewhere");
  options.replace = true;
  accept_baseline(other, folder_, options);
  const Comparison comparison = compare_with_baselines(folder_, night(2), {});
  ASSERT_EQ(comparison.cases.size(), 3u);
  for (const CaseVerdict& one : comparison.cases)
    EXPECT_EQ(one.verdict, one.op == "conv2d" ? Verdict::not_comparable : Verdict::same) << one.name;
  EXPECT_EQ(comparison.exit_code(false), ExitCode::refused);
}

TEST_F(BaselineComparison, AnOpWithoutAFileHasNoBaseline) {
  Result part = night(1);
  std::erase_if(part.cases, [](const CaseResult& one) { return one.op == "conv2d"; });
  accept_baseline(part, folder_, because("matmul alone"));
  const Comparison comparison = compare_with_baselines(folder_, night(2), {});
  ASSERT_EQ(comparison.cases.size(), 3u);
  EXPECT_EQ(comparison.cases[2].verdict, Verdict::no_baseline);
  EXPECT_EQ(comparison.cases[0].verdict, Verdict::same);
  EXPECT_THAT(comparison.base_description, HasSubstr("matmul"));
}

TEST_F(BaselineComparison, SaysThatItIsProvisional) {
  accept_baseline(night(1), folder_, because("first"));
  EXPECT_THAT(compare_with_baselines(folder_, night(2), {}).base_description,
              HasSubstr("PROVISIONAL: 1 of 5 nights, 1 of 2 boots"));
}

}  // namespace
}  // namespace kernelgate
