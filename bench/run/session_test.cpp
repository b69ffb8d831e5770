#include "bench/run/session.h"

#include <gtest/gtest.h>

#include <set>
#include <span>

#include "harness/statistics/statistics.h"
#include "kernels/op/fake_problem_for_test.h"

namespace kernelgate {
namespace {

AnyProblem::Candidate candidate(const char* name, Origin origin = Origin::ours) {
  return {name, origin, DeviceKind::cpu};
}

std::vector<Case> cases_of(const std::shared_ptr<const AnyProblem>& problem) {
  std::vector<Case> cases;
  for (const auto& one : problem->implementations())
    cases.push_back({problem, one, CacheState::hot, "fake/" + one.name + "/hot"});
  return cases;
}

MeasureOptions quick(const std::string& injection = "") {
  MeasureOptions options;
  options.policy.warm_up_s = 0.001;
  options.policy.min_samples = 6;
  options.policy.max_samples = 12;
  options.injection = Injection(injection);
  return options;
}

std::vector<CaseResult> run(std::vector<FakeProblem::Fake> fakes, const MeasureOptions& options) {
  const auto problem = std::make_shared<FakeProblem>(64, std::move(fakes));
  const auto cases = cases_of(problem);
  Session session(cases, options, [](const Case&) {});
  for (std::size_t i = 0; i < cases.size(); ++i) session.measure(i);
  return session.results();
}

TEST(Session, MeasuresEveryImplementationAndVerifiesIt) {
  const auto results =
      run({{candidate("a"), FakeProblem::doubles}, {candidate("b", Origin::peer), FakeProblem::doubles}}, quick());
  ASSERT_EQ(results.size(), 2u);
  for (const CaseResult& result : results) {
    EXPECT_EQ(result.status, CaseStatus::measured) << result.reason;
    ASSERT_EQ(result.runs.size(), 1u);
    EXPECT_EQ(result.runs[0].samples_s.size(), 12u);
    EXPECT_TRUE(result.verification && result.verification->right);
  }
  EXPECT_EQ(results[1].origin, "peer");
}

TEST(Session, DrawsTheOrderAndKeepsTheResultsInTheTables) {
  std::set<std::string> firsts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::string first;
    const auto noting = [&first](const char* name) {
      return [&first, name](const float* x, float* y, std::int64_t n) {
        if (first.empty()) first = name;
        FakeProblem::doubles(x, y, n);
      };
    };
    MeasureOptions options = quick();
    options.layout_seed = seed;
    const auto results = run({{candidate("a"), noting("a")}, {candidate("b"), noting("b")}}, options);
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[0].implementation, "a");
    EXPECT_EQ(results[0].runs.at(0).layout_seed, seed);
    firsts.insert(first);
  }
  EXPECT_EQ(firsts.size(), 2u);
}

TEST(Session, AWrongImplementationIsNotTimedAndSpoilsNoOther) {
  const auto results = run({{candidate("bad"), [](const float*, float* y, std::int64_t n) { std::fill_n(y, n, 0.0f); }},
                            {candidate("good"), FakeProblem::doubles}},
                           quick());
  EXPECT_EQ(results[0].status, CaseStatus::wrong);
  EXPECT_TRUE(results[0].runs.empty());
  EXPECT_NE(results[0].reason.find("before"), std::string::npos) << results[0].reason;
  EXPECT_EQ(results[1].status, CaseStatus::measured);
}

TEST(Session, OneThatTurnsWrongWhileTimedIsCaughtMeanwhile) {
  int calls = 0;
  const auto results = run({{candidate("flaky"),
                             [&calls](const float* x, float* y, std::int64_t n) {
                               FakeProblem::doubles(x, y, n);
                               if (++calls > 5) y[3] += 1;
                             }}},
                           quick());
  EXPECT_EQ(results[0].status, CaseStatus::wrong);
  EXPECT_NE(results[0].reason.find("while it was timed"), std::string::npos) << results[0].reason;
}

TEST(Session, OneThatTurnsWrongAtTheEndIsCaughtAfter) {
  bool done = false;
  MeasureOptions options = quick();
  options.on_progress = [&done](double share) { done = share >= 1; };
  const auto results = run({{candidate("flaky"),
                             [&done](const float* x, float* y, std::int64_t n) {
                               FakeProblem::doubles(x, y, n);
                               if (done) y[3] += 1;
                             }}},
                           options);
  EXPECT_EQ(results[0].status, CaseStatus::wrong);
  EXPECT_NE(results[0].reason.find("after"), std::string::npos) << results[0].reason;
}

TEST(Session, OneWhoseBitsDoNotRepeatIsRightAndSaidToBeSo) {
  int calls = 0;
  const auto results = run({{candidate("rounds"),
                             [&calls](const float* x, float* y, std::int64_t n) {
                               FakeProblem::doubles(x, y, n);
                               y[3] += static_cast<float>(++calls % 2) * 1e-4f;
                             }},
                            {candidate("same"), FakeProblem::doubles}},
                           quick());
  for (const CaseResult& result : results) EXPECT_EQ(result.status, CaseStatus::measured) << result.reason;
  EXPECT_EQ(results[0].verification->repeats, false);
  EXPECT_EQ(results[1].verification->repeats, true);
}

TEST(Session, WhatCannotRunHereIsSkippedWithItsReason) {
  const auto results = run({{candidate("other"), FakeProblem::doubles, "needs another machine"}}, quick());
  EXPECT_EQ(results[0].status, CaseStatus::skipped);
  EXPECT_EQ(results[0].reason, "needs another machine");
}

TEST(Session, OneThatThrowsIsAnErrorWithItsText) {
  const auto results =
      run({{candidate("broken"), [](const float*, float*, std::int64_t) { throw Error("out of luck"); }}}, quick());
  EXPECT_EQ(results[0].status, CaseStatus::error);
  EXPECT_EQ(results[0].reason, "out of luck");
}

TEST(Session, InjectionMarksItsCasesAndMakesThemWrong) {
  const auto results =
      run({{candidate("a"), FakeProblem::doubles}, {candidate("b"), FakeProblem::doubles}}, quick("wrong:/a/"));
  EXPECT_EQ(results[0].status, CaseStatus::wrong);
  EXPECT_TRUE(results[0].injected);
  EXPECT_EQ(results[1].status, CaseStatus::measured);
  EXPECT_FALSE(results[1].injected);
}

TEST(Session, RepetitionsInOneProcessAreOneRun) {
  const auto problem = std::make_shared<FakeProblem>(
      64,
      std::vector<FakeProblem::Fake>{{candidate("a"), FakeProblem::doubles}, {candidate("b"), FakeProblem::doubles}});
  const auto cases = cases_of(problem);
  int groups = 0;
  auto options = quick();
  options.policy.min_samples = options.policy.max_samples;  // else ten may be precise enough
  Session session(cases, options, [&groups](const Case&) { ++groups; });
  std::vector<double> medians;
  for (int repetition = 0; repetition < 3; ++repetition) session.measure(0);
  for (int repetition = 0; repetition < 3; ++repetition) medians.push_back(session.measure(1).median_s);
  EXPECT_EQ(groups, 3);  // the second case is served from what was measured beside the first
  const auto results = session.results();
  ASSERT_EQ(results[1].runs.size(), 1u);
  const std::span<const double> samples = results[1].runs[0].samples_s;
  ASSERT_EQ(samples.size(), 36u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(medians[i], median(samples.subspan(12 * i, 12))) << "each has its own";
}

}  // namespace
}  // namespace kernelgate
