#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "harness/baseline/acceptance.h"
#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_folder_for_test.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class ExtendBaseline : public BaselineFolder {
 protected:
  void SetUp() override { accept_baseline(night(1), folder_, because("first")); }
  static ExtendOptions at(const std::string& utc) {
    ExtendOptions options;
    options.utc = utc;
    return options;
  }
  std::string refusal(std::vector<Result> results, ExitCode code) const {
    return refusal_of([&] { extend_baseline(std::move(results), folder_, at("2026-02-04T00:00:00Z")); }, code);
  }
};

TEST_F(ExtendBaseline, AnUnchangedNightJoins) {
  const Baseline before = read_baseline(matmul());
  const Extended done = extend_baseline({night(2)}, folder_, at("2026-01-03T00:00:00Z"));
  EXPECT_EQ(done.files.size(), 2u) << "conv2d and matmul";
  EXPECT_THAT(done.notes, IsEmpty());
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(read.parent, before.id);
  EXPECT_NE(read.id, before.id);
  EXPECT_EQ(read.extended_utc, "2026-01-03T00:00:00Z");
  EXPECT_EQ(read.accepted_utc, before.accepted_utc);
  EXPECT_EQ(read.segments.size(), 1u);
  for (const BaselineCase& one : read.cases) {
    EXPECT_EQ(nights_of(one.measured.runs).size(), 2u);
    EXPECT_EQ(one.measured.runs.size(), 6u);
    EXPECT_EQ(one.anchor.size(), 6u) << "of the first segment, and not full yet";
  }
}

TEST_F(ExtendBaseline, SeveralNightsInTheirOrderAllOrNothing) {
  const Extended done = extend_baseline({night(4), night(2), night(3)}, folder_, at("2026-01-05T00:00:00Z"));
  EXPECT_EQ(done.files.size(), 2u);
  EXPECT_EQ(nights_of(read_baseline(matmul()).cases[0].measured.runs).size(), 4u);
  EXPECT_THAT(refusal({night(5), night(6, 1.3e-3)}, ExitCode::regression), HasSubstr("2026-01-06"));
  EXPECT_EQ(nights_of(read_baseline(matmul()).cases[0].measured.runs).size(), 4u) << "not even the good one";
}

TEST_F(ExtendBaseline, AChangedNightIsRefusedByNameWithTheRemedy) {
  EXPECT_THAT(refusal({night(2, 1.3e-3)}, ExitCode::regression),
              AllOf(HasSubstr("SLOWER"), HasSubstr("matmul/"), HasSubstr("baseline accept")));
  EXPECT_THAT(refusal({night(2, 0.7e-3)}, ExitCode::usage), AllOf(HasSubstr("FASTER"), HasSubstr("baseline accept")));
  Result wrong = night(2);
  wrong.cases[1].status = CaseStatus::wrong;
  EXPECT_THAT(refusal({wrong}, ExitCode::invalid), AllOf(HasSubstr("INVALID"), HasSubstr("naive")));
  Result other_work = night(2);
  other_work.cases[0].flop *= 2;
  EXPECT_THAT(refusal({other_work}, ExitCode::refused), HasSubstr("NOT_COMPARABLE"));
}

TEST_F(ExtendBaseline, AnotherEnvironmentIsRefused) {
  Result other = night(2);
  other.fingerprint["identity"]["cpu_model"] = "new";
  EXPECT_THAT(refusal({other}, ExitCode::refused), AllOf(HasSubstr("cpu_model: test -> new"), HasSubstr("--replace")));
}

TEST_F(ExtendBaseline, RefusesWhatAcceptRefuses) {
  const auto changed = [](const std::function<void(Result&)>& change) {
    Result result = night(2);
    change(result);
    return std::vector<Result>{result};
  };
  EXPECT_THAT(refusal(changed([](Result& r) { r.injection = "slow:.*:1.1"; }), ExitCode::usage), HasSubstr("INJECT"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.status = "interrupted"; }), ExitCode::usage), HasSubstr("interrupted"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build["dirty"] = true; }), ExitCode::usage),
              HasSubstr("--allow-dirty"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.build["sanitizers"] = "address"; }), ExitCode::usage),
              HasSubstr("sanitizers"));
  EXPECT_THAT(refusal(changed([](Result& r) { r.device = "cpu_other"; }), ExitCode::usage),
              HasSubstr("no baseline of cpu_other"));
}

TEST_F(ExtendBaseline, NoRunCountsTwiceAndNoNightGoesBack) {
  EXPECT_THAT(refusal({night(1)}, ExitCode::usage), HasSubstr("in it already"));
  extend_baseline({night(5)}, folder_, at("2026-01-06T00:00:00Z"));
  EXPECT_THAT(refusal({night(3)}, ExitCode::usage), AllOf(HasSubstr("2026-01-03"), HasSubstr("2026-01-05")));
  Result timeless = night(6);
  timeless.started_utc.clear();
  for (CaseResult& one : timeless.cases)
    for (CaseRun& run : one.runs) run.started_utc.clear();
  EXPECT_THAT(refusal({timeless}, ExitCode::usage), HasSubstr("not known when"));
  Result again = night(5, 1.0001e-3);
  extend_baseline({again}, folder_, at("2026-01-06T00:00:00Z"));
  EXPECT_EQ(nights_of(read_baseline(matmul()).cases[0].measured.runs).size(), 2u) << "more runs of the same night";
  EXPECT_EQ(read_baseline(matmul()).cases[0].measured.runs.size(), 9u);
}

TEST_F(ExtendBaseline, TheWindowRollsAndTheAnchorStays) {
  ExtendOptions options = at("2026-03-01T00:00:00Z");
  options.window_nights = 16;
  for (int day = 2; day <= 20; ++day) {
    const Extended done = extend_baseline({night(day)}, folder_, options);
    if (day > 16) {
      EXPECT_THAT(done.notes, Contains(HasSubstr("16 nights: 1 older night")));
    }
  }
  const Baseline read = read_baseline(matmul());
  const BaselineCase& one = read.cases[0];
  EXPECT_EQ(nights_of(one.measured.runs).size(), 16u);
  EXPECT_EQ(nights_of(one.measured.runs).front(), "2026-01-05");
  EXPECT_EQ(nights_of(one.measured.runs).back(), "2026-01-20");
  EXPECT_EQ(nights_of(one.anchor).size(), static_cast<std::size_t>(baseline_anchor_nights));
  EXPECT_EQ(nights_of(one.anchor).front(), "2026-01-01");
  EXPECT_EQ(nights_of(one.anchor).back(), "2026-01-14");
}

TEST_F(ExtendBaseline, LaterSegmentsLeaveTheAnchorAlone) {
  accept_baseline(night(3, 0.5e-3), folder_, because("faster"));
  extend_baseline({night(4, 0.5e-3)}, folder_, at("2026-01-05T00:00:00Z"));
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(nights_of(read.cases[0].measured.runs).size(), 2u);
  EXPECT_EQ(nights_of(read.cases[0].anchor).size(), 1u);
}

TEST_F(ExtendBaseline, CasesThatItLacksAreLeftOutAndSaid) {
  Result more = night(2);
  CaseResult unknown = more.cases[0];
  unknown.name = "matmul/f16_nt/512x512x512/onednn/hot";
  more.cases.push_back(unknown);
  const Extended done = extend_baseline({more}, folder_, at("2026-01-03T00:00:00Z"));
  EXPECT_THAT(done.notes, Contains(AllOf(HasSubstr("512x512x512"), HasSubstr("baseline accept"))));
  EXPECT_EQ(read_baseline(matmul()).cases.size(), 2u);
}

TEST_F(ExtendBaseline, OldAndStaleBaselinesSaySo) {
  const Baseline read = read_baseline(matmul());
  EXPECT_THAT(side_of(read, "2026-02-10T00:00:00Z").notes, IsEmpty());
  EXPECT_THAT(side_of(read, "2026-03-03T00:00:00Z").notes, Contains(HasSubstr("28 days ago")));
  const Side expired = side_of(read, "2026-08-12T00:00:00Z");
  EXPECT_TRUE(expired.expired);
  EXPECT_THAT(expired.notes, Contains(AllOf(HasSubstr("expired on 2026-08-02"), HasSubstr("10 days ago"))));
  EXPECT_FALSE(side_of(read, "2026-08-01T23:59:59Z").expired);

  Result late = night(2);
  late.started_utc = "2026-08-12T00:00:00Z";
  const Comparison comparison = compare_with_baselines(folder_, late, {});
  EXPECT_TRUE(comparison.base_expired);
  EXPECT_THAT(comparison.base_notes, Contains(HasSubstr("expired")));
  for (const CaseVerdict& one : comparison.cases) EXPECT_EQ(one.verdict, Verdict::same) << "it still runs";
  EXPECT_EQ(comparison.exit_code(false), ExitCode::good);
  EXPECT_EQ(comparison.exit_code(true), ExitCode::inconclusive);
}

}  // namespace
}  // namespace kernelgate
