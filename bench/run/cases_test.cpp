#include "bench/run/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "harness/base/error.h"
#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

/// An op whose only kernel needs a GPU, while one lives.
class GpuOnlyOp {
 public:
  GpuOnlyOp()
      : problem_(std::make_shared<FakeProblem>(
            16, std::vector<FakeProblem::Fake>{{{"only", Origin::ours, DeviceKind::cuda}, FakeProblem::doubles}})) {
    add_problem(problem_);
  }
  ~GpuOnlyOp() {
    replace_problems([this](const auto& one) { return one == problem_ ? nullptr : one; });
  }
  GpuOnlyOp(const GpuOnlyOp&) = delete;
  GpuOnlyOp& operator=(const GpuOnlyOp&) = delete;

 private:
  std::shared_ptr<const AnyProblem> problem_;
};

HarnessError refusal(const Selection& selection) {
  try {
    select_cases(selection);
  } catch (const HarnessError& error) {
    return error;
  }
  return {ExitCode::good, "it was not refused"};
}

TEST(SelectCases, WhereNothingRunsNothingIsMeasuredAndTheRemedyIsNamed) {
  const GpuOnlyOp op;
  const HarnessError none = refusal({.suite = "smoke", .ops = {"fake"}});
  EXPECT_EQ(none.code, ExitCode::nothing);
  EXPECT_THAT(none.what(), HasSubstr("nothing in suite smoke runs on cpu (fake)"));
  EXPECT_THAT(none.what(), HasSubstr("kernelgate verify --device simt"));
  const HarnessError filtered = refusal({.suite = "smoke", .ops = {"fake"}, .filter = "nothing"});
  EXPECT_EQ(filtered.code, ExitCode::usage);
  EXPECT_THAT(filtered.what(), HasSubstr("no case matches the filter 'nothing'"));
  EXPECT_EQ(select_cases({.suite = "smoke", .ops = {"fake"}, .device = DeviceKind::cuda}).size(), 2u);
}

}  // namespace
}  // namespace kernelgate
