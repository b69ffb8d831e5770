// Every finding, each from a fake machine that is broken in one way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include <nlohmann/json.hpp>

#include "harness/check/fake/machines_in_bad_state_for_test.h"
#include "harness/check/fake/machines_without_use_for_test.h"

namespace kernelgate {
namespace {

using broken::Broken;
using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<Broken> broken_machines() {
  std::vector<Broken> all = broken::machines_without_use();
  std::ranges::move(broken::machines_in_bad_state(), std::back_inserter(all));
  return all;
}

class BrokenMachine : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenMachine, IsDiagnosed) {
  FakeProbe probe = healthy_h200();
  CheckOptions options = broken::usual_options();
  GetParam().break_it(probe, options);
  const CheckReport report = run_check(probe, options);
  const std::vector<Finding> all = report.all_findings();
  const auto found = std::ranges::find(all, GetParam().id, &Finding::id);
  ASSERT_NE(found, all.end()) << to_json(all).dump(1);
  EXPECT_EQ(found->severity, GetParam().severity) << to_json(report.findings).dump(1);
  EXPECT_THAT(found->evidence, Contains(HasSubstr(GetParam().evidence)));
  EXPECT_FALSE(found->summary.empty());
  EXPECT_FALSE(found->remedies.empty());
  EXPECT_FALSE(found->source.empty());
  // One cause at most, and a GPU is usable exactly when there is none; what the build lacks is apart.
  const bool of_the_build = std::ranges::count(report.build_findings, GetParam().id, &Finding::id) > 0;
  const bool failure = GetParam().severity == Severity::failure;
  const auto causes = std::ranges::count(report.findings, Severity::failure, &Finding::severity);
  EXPECT_EQ(causes, failure && !of_the_build ? 1 : 0) << to_json(report.findings).dump(1);
  EXPECT_EQ(report.gpu_usable, causes == 0);
  if (of_the_build) {
    EXPECT_EQ(report.build_fits(), !failure);
  }
  const bool none = std::string(GetParam().id) == "D-HW-NONE";
  EXPECT_EQ(report.gpu_present, !none);
  EXPECT_EQ(report.exit_code(false), none ? ExitCode::nothing : causes ? ExitCode::refused : ExitCode::good);
  if (!of_the_build) {
    EXPECT_EQ(report.exit_code(true), none ? ExitCode::nothing : ExitCode::refused);
  }
  if ((causes || (of_the_build && failure)) && !none) {
    EXPECT_THAT(report.headline, HasSubstr(GetParam().id));
  }
}

INSTANTIATE_TEST_SUITE_P(Check, BrokenMachine, ::testing::ValuesIn(broken_machines()), [](const auto& test) {
  std::string name = std::to_string(test.index) + "_" + test.param.id;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Diagnose, EveryIdHasABrokenMachineAndAnExplanation) {
  std::set<std::string> tested, known;
  for (const Broken& broken : broken_machines()) tested.insert(broken.id);
  for (const Diagnosis* diagnosis : all_diagnoses()) {
    EXPECT_TRUE(known.insert(diagnosis->id).second) << "twice: " << diagnosis->id;
    const std::string text = explain(diagnosis->id);
    EXPECT_THAT(text, HasSubstr(diagnosis->cause));
    EXPECT_EQ(text.find("@"), std::string::npos) << text;  // a mark of a place is for the program
    EXPECT_FALSE(diagnosis->remedies.empty());
    for (const char* remedy : diagnosis->remedies) EXPECT_EQ(std::string(remedy).find('\n'), std::string::npos);
  }
  EXPECT_EQ(tested, known);
}

}  // namespace
}  // namespace kernelgate
