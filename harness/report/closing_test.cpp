#include "harness/report/closing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

CaseVerdict verdict_of(const std::string& implementation, Verdict verdict, double ratio = 1) {
  CaseVerdict one;
  one.op = "matmul";
  one.name = "matmul/1x1x1/" + implementation + "/hot";
  one.verdict = verdict;
  one.ratio = ratio;
  return one;
}

std::string said(ExitCode code, const std::vector<CaseVerdict>& cases, const Result* result = nullptr) {
  Comparison comparison;
  comparison.cases = cases;
  return closing_text({.code = code, .comparison = &comparison, .result = result, .result_path = "results/x.json"});
}

TEST(Closing, AFirstRunSaysHowItBecomesTheBase) {
  const Result result = for_test::made_result({});
  EXPECT_EQ(
      said(ExitCode::good, {verdict_of("a", Verdict::no_baseline), verdict_of("b", Verdict::no_baseline)}, &result),
      "Decided: nothing yet; 2 cases measured, and there is no earlier result to compare with.\n"
      "Exit code 0: good.\n"
      "Next: kernelgate baseline accept results/x.json --reason 'first run'   (later runs are then compared with "
      "it)\n");
}

TEST(Closing, WhatIsSlowestIsNamedFirst) {
  EXPECT_EQ(said(ExitCode::regression, {verdict_of("a", Verdict::slower, 1.05), verdict_of("b", Verdict::slower, 1.2),
                                        verdict_of("c", Verdict::same)}),
            "Decided: slower is matmul/1x1x1/b/hot (+20.0 %) and 1 more.\n"
            "Exit code 3: something is slower.\n"
            "Next: kernelgate run --against BUILD   (fresh runs of both builds decide)\n");
}

TEST(Closing, WhatIsNotDecidedIsNotCalledTheSame) {
  EXPECT_THAT(said(ExitCode::good, {verdict_of("a", Verdict::same), verdict_of("b", Verdict::inconclusive)}),
              AllOf(HasSubstr("nothing is shown to be slower; 1 of 2 the same; 1 not decided."),
                    HasSubstr("Next: kernelgate run --runs 10")));
  EXPECT_THAT(said(ExitCode::good, {verdict_of("a", Verdict::same), verdict_of("b", Verdict::faster, 0.9)}),
              AllOf(HasSubstr("1 of 2 the same; faster is matmul/1x1x1/b/hot (-10.0 %)."),
                    HasSubstr("Next: nothing needs to be done\n")));
  EXPECT_THAT(said(ExitCode::inconclusive, {verdict_of("a", Verdict::possible), verdict_of("b", Verdict::same)}),
              StartsWith("Decided: 1 of 2 cases are not shown to be the same.\nExit code 4: "));
}

TEST(Closing, EveryOtherEndHasItsNextStep) {
  CaseVerdict wrong = verdict_of("a", Verdict::invalid);
  wrong.wrong = true;
  EXPECT_THAT(said(ExitCode::wrong, {wrong}), AllOf(HasSubstr("matmul/1x1x1/a/hot computes something wrong"),
                                                    HasSubstr("kernelgate verify --op matmul ")));
  EXPECT_THAT(said(ExitCode::wrong, {}), HasSubstr("kernelgate verify --device simt "));
  EXPECT_THAT(said(ExitCode::invalid, {verdict_of("a", Verdict::slower, 1.3)}),
              AllOf(HasSubstr("the machine itself was slower, and so was matmul/1x1x1/a/hot (+30.0 %)"),
                    HasSubstr("run the same again")));
  Result cut = for_test::made_result({});
  cut.status = "interrupted";
  EXPECT_THAT(said(ExitCode::invalid, {}, &cut), HasSubstr("the run was interrupted"));
  EXPECT_THAT(said(ExitCode::nothing, {}), HasSubstr("Next: kernelgate check "));
}

TEST(Closing, AResultAloneSaysWhatWasMeasured) {
  CaseResult skipped = for_test::made_case("cublaslt", {}), wrong = skipped;
  skipped.status = CaseStatus::skipped;
  wrong.status = CaseStatus::wrong;
  wrong.name = "wrong";
  Result result = for_test::made_result({for_test::made_case("onednn", {{1, 2}}), skipped, wrong});
  EXPECT_EQ(code_of(result), ExitCode::wrong);
  Closing closing{.code = code_of(result), .result = &result};
  EXPECT_EQ(closing_words(closing).decided, "1 case measured, 1 wrong, 1 skipped; compared with nothing");
  EXPECT_EQ(headword(closing).word, "WRONG");
  result.cases.pop_back();
  closing.code = code_of(result);
  EXPECT_EQ(closing.code, ExitCode::good);
  EXPECT_EQ(headword(closing).word, "MEASURED");
  EXPECT_THAT(closing_text(closing), HasSubstr("Next: kernelgate compare BASE "));
  result.cases.erase(result.cases.begin());
  EXPECT_EQ(code_of(result), ExitCode::nothing);
  result.status = "interrupted";
  EXPECT_EQ(code_of(result), ExitCode::invalid);
}

TEST(Closing, TheWordOfTheWholeIsTheWorstOfIt) {
  const auto word = [](ExitCode code, const std::vector<CaseVerdict>& cases) {
    Comparison comparison;
    comparison.cases = cases;
    return headword({.code = code, .comparison = &comparison}).word;
  };
  const CaseVerdict same = verdict_of("a", Verdict::same), faster = verdict_of("b", Verdict::faster, 0.9),
                    unsure = verdict_of("c", Verdict::inconclusive), first = verdict_of("d", Verdict::no_baseline);
  EXPECT_EQ(word(ExitCode::regression, {same}), "SLOWER");
  EXPECT_EQ(word(ExitCode::good, {same, unsure}), "NOT SLOWER");
  EXPECT_EQ(word(ExitCode::good, {same, faster}), "FASTER");
  EXPECT_EQ(word(ExitCode::good, {unsure}), "NOT DECIDED");
  EXPECT_EQ(word(ExitCode::good, {first}), "FIRST RUN");
  EXPECT_EQ(word(ExitCode::refused, {}), "NOT COMPARABLE");
}

TEST(Closing, WhatDiffersIsNamedAndKeptOnItsLine) {
  Comparison comparison;
  comparison.differences = {"driver: 1\nExit code 0: good -> 2"};
  const std::string text = closing_text({.code = ExitCode::refused, .comparison = &comparison});
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
  EXPECT_THAT(text, HasSubstr("Next: add --vary driver, if that is what you compare"));
}

}  // namespace
}  // namespace kernelgate
