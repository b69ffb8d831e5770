#include "harness/baseline/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class Baselines : public BaselineFolder {
 protected:
  /// The refusal's text; checks that nothing was written.
  std::string refusal(const Result& result, AcceptOptions options, ExitCode code = ExitCode::usage) const {
    return refusal_of([&] { accept_baseline(result, folder_, options); }, code);
  }
};

TEST_F(Baselines, OneFileAnOpOneCaseALineSortedByName) {
  const auto written = accept_baseline(result_at(1e-3), folder_, because("first"));
  EXPECT_THAT(written, ElementsAre(folder_ / "cpu_test" / "conv2d.json", matmul()));
  std::istringstream lines(content(matmul()));
  std::vector<std::string> cases;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("  {\"name\": ") || line.starts_with("  {\"name\":")) cases.push_back(line.substr(0, 60));
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_THAT(cases[0], HasSubstr("naive/hot"));
  EXPECT_THAT(cases[1], HasSubstr("onednn/hot"));
  EXPECT_THAT(content(matmul()), Not(HasSubstr("conv2d")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "cpu_test"), fs::directory_iterator()), 4)
      << "each with its samples";
}

TEST_F(Baselines, ReadsWhatItWrote) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(read.reason, "first");
  EXPECT_EQ(read.accepted_by, "tester");
  EXPECT_FALSE(read.dirty);
  EXPECT_EQ(read.fingerprint["identity"]["cores"], 2);
  ASSERT_EQ(read.cases.size(), 2u);
  const SideCase& one = read.cases[1].measured;
  const Side measured = side_of(result_at(1e-3));
  const SideCase& truth = measured.cases[0];
  EXPECT_EQ(one.name, truth.name);
  EXPECT_EQ(one.flop, truth.flop);
  EXPECT_EQ(one.origin, "peer");
  ASSERT_EQ(one.runs.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.runs[i].median_s, truth.runs[i].median_s);
    EXPECT_EQ(one.runs[i].q1_s, truth.runs[i].q1_s);
    EXPECT_EQ(one.runs[i].q3_s, truth.runs[i].q3_s);
    EXPECT_EQ(one.runs[i].samples, 5u);
  }
}

TEST_F(Baselines, KeepsTheControlAndReadsFilesWithoutOne) {
  const auto with_control = [this](double level, double control_s) {
    Result result = result_at(level);
    for (CaseResult& one : result.cases)
      for (CaseRun& run : one.runs) run.control_s = {control_s, 1.1 * control_s, 1.2 * control_s};
    return result;
  };
  accept_baseline(result_at(1e-3), folder_, because("first"));
  EXPECT_THAT(content(matmul()), Not(HasSubstr("control_s")));
  EXPECT_FALSE(read_baseline(matmul()).cases[0].measured.runs[0].control_s.has_value());
  const Comparison without = compare_with_baselines(folder_, with_control(1.3e-3, 1.3e-4), {});
  EXPECT_EQ(without.cases[0].verdict, Verdict::slower) << "time alone decides";
  EXPECT_EQ(without.environment_shift, "");
  accept_baseline(with_control(1e-3, 1e-4), folder_, because("with control"));
  EXPECT_EQ(read_baseline(matmul()).cases[0].measured.runs[0].control_s, 1.05e-4) << "the lower quartile";
  const Comparison stored = compare_with_baselines(folder_, with_control(1.3e-3, 1.3e-4), {});
  for (const CaseVerdict& one : stored.cases) EXPECT_EQ(one.verdict, Verdict::inconclusive) << one.reason;
  EXPECT_THAT(stored.environment_shift, HasSubstr("+30.0 %"));
}

TEST_F(Baselines, ComparesAsTheResultItself) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  const Comparison stored = compare_with_baselines(folder_, result_at(1.1e-3), {});
  const Comparison direct = compare(result_at(1e-3), result_at(1.1e-3), {});
  ASSERT_EQ(stored.cases.size(), direct.cases.size());
  for (const CaseVerdict& one : stored.cases) {
    const auto same = std::ranges::find(direct.cases, one.name, &CaseVerdict::name);
    EXPECT_EQ(one.verdict, Verdict::slower);
    EXPECT_EQ(one.ratio_low, same->ratio_low);
  }
  EXPECT_EQ(stored.exit_code(false), ExitCode::regression);
  EXPECT_EQ(compare_with_baselines(folder_, result_at(1e-3), {}).exit_code(true), ExitCode::good);
}

TEST_F(Baselines, WithoutABaselineNothingIsSaidAndNothingFails) {
  const Comparison none = compare_with_baselines(folder_, result_at(1e-3), {});
  ASSERT_EQ(none.cases.size(), 3u);
  for (const CaseVerdict& one : none.cases) EXPECT_EQ(one.verdict, Verdict::no_baseline);
  EXPECT_EQ(none.exit_code(true), ExitCode::good);
  EXPECT_THAT(none.base_description, HasSubstr("no baseline of cpu_test"));
}

TEST_F(Baselines, ASubsetOfTheBaselineIsNoFault) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  Result part = result_at(1e-3);
  part.cases.resize(1);
  CompareOptions options;
  EXPECT_EQ(compare_with_baselines(folder_, part, options).exit_code(false), ExitCode::refused);
  options.subset = true;
  EXPECT_EQ(compare_with_baselines(folder_, part, options).cases.size(), 1u);
}

TEST_F(Baselines, AcceptReplacesTheGivenCasesAndKeepsTheOthers) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  Result part = result_at(2e-3);
  part.cases.resize(1);
  AcceptOptions later = because("faster driver");
  later.accepted_utc = "2026-03-04T00:00:00Z";
  accept_baseline(part, folder_, later);
  const Baseline read = read_baseline(matmul());
  ASSERT_EQ(read.cases.size(), 2u);
  EXPECT_NEAR(median_s(read.cases[0].measured.runs), 3e-3, 1e-9);
  EXPECT_EQ(read.cases[0].accepted_utc, "2026-02-03T00:00:00Z");
  EXPECT_NEAR(median_s(read.cases[1].measured.runs), 2e-3, 1e-9);
  EXPECT_EQ(read.cases[1].accepted_utc, "2026-03-04T00:00:00Z");
}

TEST_F(Baselines, RefusesWhatIsNoBaseline) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  const auto changed = [](const std::function<void(Result&)>& change) {
    Result result = result_at(1e-3);
    change(result);
    return result;
  };
  const AcceptOptions good = because("why");
  EXPECT_THAT(refusal(result_at(1e-3), because(" ")), HasSubstr("--reason"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.injection = "slow:.*:1.1"; }), good), HasSubstr("KERNELGATE_INJECT"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.cases[1].injected = true; }), good), HasSubstr("KERNELGATE_INJECT"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.status = "interrupted"; }), good), HasSubstr("interrupted"));
  for (CaseStatus status : {CaseStatus::wrong, CaseStatus::invalid, CaseStatus::error})
    EXPECT_THAT(refusal(changed([&](Result& r) { r.cases[1].status = status; }), good), HasSubstr("naive/hot is "));
  EXPECT_THAT(refusal(changed([](Result& r) { r.cases[0].runs[0].samples_s = {1, 2}; }), good), HasSubstr("2 samples"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build["sanitizers"] = "address"; }), good), HasSubstr("sanitizers"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build["dirty"] = true; }), good), HasSubstr("--allow-dirty"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build["commit"] = "unknown"; }), good), HasSubstr("--allow-dirty"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build = nullptr; }), good), HasSubstr("not accepted"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.fingerprint = nullptr; }), good), HasSubstr("what machine"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.device = "../../etc"; }), good), HasSubstr("can't name a file"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.cases[0].op = "/tmp/x"; }), good), HasSubstr("can't name a file"));
  EXPECT_THAT(refusal(changed([](Result& r) {
                        for (CaseResult& one : r.cases) one.status = CaseStatus::skipped;
                      }),
                      good),
              HasSubstr("nothing in it was measured"));
}

TEST_F(Baselines, ADirtyBuildIsMarkedForGood) {
  Result dirty = result_at(1e-3);
  dirty.build["dirty"] = true;
  AcceptOptions options = because("trial");
  options.allow_dirty = true;
  accept_baseline(dirty, folder_, options);
  EXPECT_TRUE(read_baseline(matmul()).dirty);
  Result part = result_at(1e-3);
  part.cases.resize(1);
  accept_baseline(part, folder_, because("clean, but one case stays"));
  EXPECT_TRUE(read_baseline(matmul()).dirty);
}

TEST_F(Baselines, AnotherEnvironmentNeedsReplace) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  Result other = result_at(1e-3);
  other.fingerprint["identity"]["cpu_model"] = "new";
  other.cases.erase(other.cases.begin());
  AcceptOptions options = because("new machine");
  EXPECT_THAT(refusal(other, options, ExitCode::refused),
              AllOf(HasSubstr("cpu_model: test -> new"), HasSubstr("--replace")));
  options.replace = true;
  accept_baseline(other, folder_, options);
  EXPECT_EQ(read_baseline(matmul()).cases.size(), 1u) << "cases of the old environment must go";
}

TEST_F(Baselines, ABrokenBaselineIsSaidAndNeverOverwrittenSilently) {
  accept_baseline(result_at(1e-3), folder_, because("first"));
  std::ofstream(matmul()) << "{\"kernelgate_baseline\": {\"schema_version\": 9}}";
  EXPECT_THAT(refusal(result_at(1e-3), because("again")), AllOf(HasSubstr("schema version 9"), HasSubstr("--replace")));
  EXPECT_THROW(compare_with_baselines(folder_, result_at(1e-3), {}), ResultError);
  std::ofstream(matmul()) << "{\"kernelgate_baseline\": ";
  EXPECT_THROW(read_baseline(matmul()), ResultError);
  AcceptOptions options = because("again");
  options.replace = true;
  accept_baseline(result_at(1e-3), folder_, options);
  EXPECT_EQ(read_baseline(matmul()).cases.size(), 2u);
}

}  // namespace
}  // namespace kernelgate
