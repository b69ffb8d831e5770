#pragma once
// A folder of baselines for one test, and results to put into it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/baseline/baseline.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {

class BaselineFolder : public ::testing::Test {
 protected:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  fmt::format("kernelgate_baseline_{}_{}", ::getpid(),
                                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::vector<std::vector<double>> samples_at(double level) {
    std::vector<std::vector<double>> runs;
    for (double run : {1.0, 1.001, 0.999}) {
      runs.emplace_back();
      for (double sample : {1.0, 0.998, 0.999, 1.001, 1.002}) runs.back().push_back(level * run * sample);
    }
    return runs;
  }

  static Result result_at(double level) {
    CaseResult conv = for_test::made_case("onednn", samples_at(level));
    conv.op = "conv2d";
    conv.name = "conv2d/wav2lip/onednn/hot";
    return for_test::made_result(
        {for_test::made_case("onednn", samples_at(level)), for_test::made_case("naive", samples_at(3 * level)), conv});
  }

  /// Of the night that began on this day of January 2026, or as many days later.
  static Result night(int day, double level = 1e-3, const std::string& boot = "boot-a") {
    Result result = result_at(level * (1 + 1e-6 * day));  // no two nights to the last digit
    const int month = 1 + (day - 1) / 28, of_month = 1 + (day - 1) % 28;
    result.started_utc = fmt::format("2026-{:02}-{:02}T22:00:00Z", month, of_month);
    for (CaseResult& one : result.cases)
      for (CaseRun& run : one.runs) run.started_utc = result.started_utc, run.boot_id = boot;
    return result;
  }

  static AcceptOptions because(const std::string& reason) {
    AcceptOptions options;
    options.reason = reason;
    options.accepted_by = "tester";
    options.accepted_utc = "2026-02-03T00:00:00Z";
    return options;
  }

  std::filesystem::path matmul() const { return folder_ / "cpu_test" / "matmul.json"; }

  static std::string content(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// The one line of what `action` throws; checks its code and that neither file changed.
  template <class Action>
  std::string refusal_of(Action&& action, ExitCode code) const {
    const std::filesystem::path samples = folder_ / "cpu_test" / "matmul.samples.gz";
    const std::string before = content(matmul()), samples_before = content(samples);
    try {
      action();
    } catch (const ResultError& error) {
      EXPECT_EQ(error.code, code) << error.what();
      EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("\n")));
      EXPECT_EQ(content(matmul()), before);
      EXPECT_EQ(content(samples), samples_before);
      return error.what();
    }
    return "accepted";
  }
};

}  // namespace kernelgate
