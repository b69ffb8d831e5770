// What a comparison says of where a change comes from.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judge/compare/compare.h"
#include "harness/report/reporter.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using ::testing::HasSubstr;
using ::testing::Not;

/// Five runs of one case at a level, of some code, with a control that takes so long first and last.
Result made(double level_s, const std::string& code_hash, double control_s = 1e-4) {
  std::vector<std::vector<double>> runs;
  for (double of_run : {1.0, 1.001, 0.999, 1.0005, 0.9995})
    runs.push_back({level_s * of_run, 1.001 * level_s * of_run, level_s * of_run, 0.999 * level_s * of_run,
                    level_s * of_run, level_s * of_run});
  Result result = made_result({made_case("onednn", runs)});
  result.cases[0].code_hash = code_hash;
  if (control_s > 0)
    for (int run = 0; run < 5; ++run)
      result.controls.push_back({"alu", run, {control_s, control_s * 1.0001}, {control_s * 1.0002, control_s}});
  return result;
}

std::string attribution_between(Result base, Result fresh) {
  const Comparison comparison = compare(base, fresh, {});
  EXPECT_EQ(comparison.cases.at(0).verdict, Verdict::slower) << comparison.cases.at(0).reason;
  return comparison.cases.at(0).attribution;
}

TEST(Attribution, EqualCodeIsTheMachinesAndOtherCodeTheCodes) {
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), made(1.2e-3, "aa")), "machine");
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), made(1.2e-3, "bb")), "code");
  Result base = made(1e-3, "aa"), fresh = made(1.2e-3, "aa");
  base.device_kind = fresh.device_kind = "cuda";
  EXPECT_EQ(attribution_between(base, fresh), "machine");
}

TEST(Attribution, TheHashIsBelievedBeforeTheCommit) {
  Result fresh = made(1.2e-3, "aa");
  fresh.build["commit"] = "ffffffffffff";
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), fresh), "machine");
  EXPECT_EQ(attribution_between(made(1e-3, ""), fresh), "code") << "one side's hash is not known";
  fresh.cases[0].code_hash = "";
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), fresh), "code");
  EXPECT_EQ(attribution_between(made(1e-3, ""), made(1.2e-3, "")), "");
}

TEST(Attribution, AControlKernelThatSlowedTooIsTheEnvironment) {
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), made(1.2e-3, "bb", 1.3e-4)), "environment");
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), made(1.2e-3, "bb", 0.7e-4)), "code") << "the machine was faster";
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), made(1.2e-3, "bb", 1.01e-4)), "code");
  Result injected = made(1.2e-3, "bb", 1.3e-4);
  injected.cases[0].injected = true;
  EXPECT_EQ(attribution_between(made(1e-3, "aa"), injected), "injected");
}

TEST(Attribution, AComparisonSaysTheShiftAndWhatIsUnknownOnce) {
  const auto report = [](const Comparison& comparison) {
    const Result empty = made_result({});
    return find_reporter("console").report({&empty, &comparison});
  };
  const Comparison shifted = compare(made(1e-3, "aa"), made(1.2e-3, "aa", 1.3e-4), {});
  EXPECT_THAT(shifted.environment_shift, HasSubstr("alu +30.0 %: the core's clock"));
  EXPECT_THAT(report(shifted), HasSubstr("ENVIRONMENT_SHIFT: alu +30.0 %"));
  const nlohmann::json json = to_json(shifted, false);
  ASSERT_EQ(json["controls"].size(), 1u);
  EXPECT_EQ(json["controls"][0]["name"], "alu");
  EXPECT_NEAR(json["controls"][0]["ratio"].get<double>(), 1.3, 1e-9);
  EXPECT_EQ(json["controls"][0]["moved"], true);
  EXPECT_EQ(json["controls"][0]["drifted"], false);

  const Comparison unknown = compare(made(1e-3, "aa", 0), made(1e-3, "aa"), {});
  EXPECT_EQ(unknown.environment_shift, "");
  EXPECT_THAT(report(unknown), HasSubstr("control kernels: the base lacks alu"));
  EXPECT_EQ(to_json(unknown, false)["controls_unknown"], unknown.controls_unknown);
  EXPECT_THAT(report(compare(made(1e-3, "aa"), made(1e-3, "aa"), {})), Not(HasSubstr("control kernels")));
}

}  // namespace
}  // namespace kernelgate
