// Another tool's run as a baseline.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/temporary_folder.h"
#include "harness/baseline/baseline.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

Side foreign_side(double level_s, std::size_t samples, int cpus = 4) {
  Side side;
  side.device = "NVIDIA H200";
  side.device_kind = "cpu";
  side.source = "Some Tool";
  side.fingerprint = {{"identity", {{"num_cpus", cpus}}}};
  side.build = {{"commit", "abc"}};
  side.cases.emplace_back();
  side.cases[0].name = side.cases[0].op = "sort/8";
  for (double factor : {1.0, 1.01, 0.99})
    side.cases[0].runs.push_back(run_of_samples(std::vector<double>(samples, level_s * factor)));
  for (RunSummary& run : side.cases[0].runs) run.night = "2026-01-01";
  return side;
}

class AcceptForeign : public ::testing::Test {
 protected:
  TemporaryFolder temporary_;
  AcceptOptions options_{.reason = "first", .accepted_by = "tester", .accepted_utc = "2026-01-02T03:04:05Z"};
  std::filesystem::path accept(const Side& side) { return accept_foreign(side, temporary_.path(), options_); }
};

TEST_F(AcceptForeign, SingleValuesAreReadBackAndComparedWithTheirOwnToolAlone) {
  const std::filesystem::path path = accept(foreign_side(1e-3, 1));
  EXPECT_EQ(path, temporary_.path() / "nvidia_h200/some_tool.json");
  const Side base = side_of(read_baseline(path));
  EXPECT_EQ(base.source, "Some Tool");
  EXPECT_EQ(base.cases.at(0).runs.size(), 3U);
  EXPECT_EQ(base.cases[0].runs[0].samples, 1U);
  const Comparison same = compare(base, foreign_side(1e-3, 1), {});
  EXPECT_TRUE(same.differences.empty());
  EXPECT_NEAR(*same.cases.at(0).ratio, 1, 1e-9);
  Side ours = foreign_side(1e-3, 9);
  ours.source = "kernelgate";
  EXPECT_THROW(compare(base, ours, {}), HarnessError);
}

TEST_F(AcceptForeign, WhatItsFiguresAreIsKept) {
  Side medians = foreign_side(1e-3, 9);
  medians.cases[0].figure = "medians";
  medians.cases[0].by_mean = foreign_side(2e-3, 9).cases[0].runs;
  const Side base = side_of(read_baseline(accept(medians)));
  EXPECT_NEAR(*compare(base, medians, {}).cases.at(0).ratio, 1, 1e-9);
  Side means = foreign_side(2e-3, 9);
  means.cases[0].figure = figure_means;
  means.cases[0].by_mean = means.cases[0].runs;
  EXPECT_NEAR(*compare(base, means, {}).cases.at(0).ratio, 1, 1e-9) << "means with means";
  EXPECT_EQ(compare(base, foreign_side(1e-3, 9), {}).cases.at(0).verdict, Verdict::not_comparable);
}

TEST_F(AcceptForeign, WhatCantBeABaselineIsRefused) {
  Side broken = foreign_side(1e-3, 9);
  broken.cases[0].status = CaseStatus::invalid;
  broken.cases[0].reason = "NaN";
  EXPECT_THROW(accept(broken), ResultError);
  broken.cases[0].status = CaseStatus::skipped;
  EXPECT_THROW(accept(broken), ResultError) << "nothing measured";
  options_.reason = " ";
  EXPECT_THROW(accept(foreign_side(1e-3, 9)), ResultError);
  options_.reason = "again";
  accept(foreign_side(1e-3, 9));
  EXPECT_THROW(accept(foreign_side(1e-3, 9, 16)), ResultError) << "another environment";
  options_.replace = true;
  accept(foreign_side(1e-3, 9, 16));
}

}  // namespace
}  // namespace kernelgate
