#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include <fmt/format.h>

#include "harness/base/quantity.h"
#include "harness/report/reporter.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Quantity, FourDigitsAndAUnitThatFits) {
  EXPECT_EQ(show_seconds(12.345e-6), "12.35 µs");
  EXPECT_EQ(show_seconds(1e-3), "1.000 ms");
  EXPECT_EQ(show_seconds(0.99999e-3), "1.000 ms");
  EXPECT_EQ(show_seconds(999.4e-6), "999.4 µs");
  EXPECT_EQ(show_seconds(75), "75.00 s");
  EXPECT_EQ(show_seconds(0.5e-9), "0.500 ns");
  EXPECT_EQ(show_rate(1.2345e12, "FLOP/s"), "1.234 TFLOP/s");
  EXPECT_EQ(show_rate(42, "B/s"), "42.00 B/s");
  EXPECT_EQ(show_amount(1234567, "B"), "1.235 MB");
  EXPECT_EQ(show_amount(999, "B"), "999 B");
  EXPECT_EQ(show_amount(0, "B"), "0 B");
  EXPECT_EQ(show_change(1.1016), "+10.2 %");
  EXPECT_EQ(show_change(0.95), "-5.0 %");
}

TEST(Quantity, ThroughputIsOfWhatLimits) {
  EXPECT_EQ(show_throughput(1e9, 1e6, 1e-3), "1.000 TFLOP/s");
  EXPECT_EQ(show_throughput(1e6, 1e6, 1e-3), "1.000 GB/s");
  EXPECT_EQ(show_throughput(0, 0, 1e-3), "");
}

std::vector<std::vector<double>> steady(double level) {
  return std::vector<std::vector<double>>(3, std::vector<double>(5, level));
}

Result sample_result(double ours_s) {
  CaseResult ours = made_case("naive", steady(ours_s));
  CaseResult skipped = made_case("cublaslt", {});
  skipped.status = CaseStatus::skipped;
  skipped.reason = "no GPU here";
  CaseResult wrong = made_case("broken", {});
  wrong.status = CaseStatus::wrong;
  wrong.reason = "3 of 9 outputs | first at 0";
  return made_result({made_case("onednn", steady(1e-4)), ours, skipped, wrong});
}

std::string shown(const char* format, const Report& report) {
  std::ostringstream out;
  find_reporter(format).write(out, report);
  return out.str();
}

TEST(Report, ConsoleOfARun) {
  const Result result = sample_result(2e-4);
  EXPECT_EQ(shown("console", {&result, nullptr}),
            R"(cpu_test, suite smoke, 3 runs, 2026-01-02T03:04:05Z, commit 0123456789ab

matmul
    implementation  state    median       p95       p99     throughput  vs peer
  f16_nt/256x256x256
    onednn          hot    100.0 µs  100.0 µs  100.0 µs  335.5 GFLOP/s    1.00x
    naive           hot    200.0 µs  200.0 µs  200.0 µs  167.8 GFLOP/s    0.50x

Not right, or not measured
  wrong matmul/f16_nt/256x256x256/broken/hot: 3 of 9 outputs | first at 0

Skipped
  matmul/cublaslt (1 case): no GPU here

median: over process runs of each run's median; p95, p99: of all samples; cold: caches flushed before each
throughput: of the work the algorithm needs; vs peer: 1.20x means that the best peer takes 1.2 times as long
)");
}

TEST(Report, ConsoleOfAComparison) {
  const Result base = sample_result(2e-4), fresh = sample_result(2.4e-4);
  const Comparison comparison = compare(base, fresh, {});
  EXPECT_EQ(shown("console", {nullptr, &comparison}),
            R"(base: cpu_test, suite smoke, 3 runs, 2026-01-02T03:04:05Z, commit 0123456789ab
new:  cpu_test, suite smoke, 3 runs, 2026-01-02T03:04:05Z, commit 0123456789ab
verdicts: 1 SAME, 1 SLOWER, 1 INVALID, 1 SKIPPED

matmul
    implementation  state      base       new   change            interval   finds  runs  verdict
  f16_nt/256x256x256
    onednn          hot    100.0 µs  100.0 µs   +0.0 %    -3.2 % .. +3.3 %  +7.1 %   3/3  SAME
    naive           hot    200.0 µs  240.0 µs  +20.0 %  +16.2 % .. +24.0 %  +7.1 %   3/3  SLOWER
    cublaslt        hot           -         -        -                   -       -   0/0  SKIPPED
    broken          hot           -         -        -                   -       -   0/0  INVALID

Reasons
  INVALID matmul/f16_nt/256x256x256/broken/hot: wrong: 3 of 9 outputs | first at 0
  SLOWER matmul/f16_nt/256x256x256/naive/hot: +20.0 %, between +16.2 % and +24.0 %
  SKIPPED matmul/f16_nt/256x256x256/cublaslt/hot: no GPU here

change: new over base, above 0 is slower; interval: of 95 %; runs: base/new
base, new: of what decides: on a GPU the runs' medians, on a CPU their lower quartiles
finds: the smallest slowdown that this comparison detects reliably, 9 times in 10
SAME: any change is smaller than the margin; INCONCLUSIVE: too noisy to tell; the reasons say what would help
)");
}

TEST(Report, MarkdownOfARunWithVerdicts) {
  const Result base = sample_result(2e-4), fresh = sample_result(2.4e-4);
  const Comparison comparison = compare(base, fresh, {});
  EXPECT_EQ(shown("markdown", {&fresh, &comparison}),
            R"(- cpu\_test, suite smoke, 3 runs, 2026-01-02T03:04:05Z, commit 0123456789ab
- base: cpu\_test, suite smoke, 3 runs, 2026-01-02T03:04:05Z, commit 0123456789ab
- verdicts: 1 SAME, 1 SLOWER, 1 INVALID, 1 SKIPPED

### matmul

| problem | implementation | state | median | p95 | p99 | throughput | vs peer | verdict |
|---|---|---|--:|--:|--:|--:|--:|---|
| f16\_nt/256x256x256 | onednn | hot | 100.0 µs | 100.0 µs | 100.0 µs | 335.5 GFLOP/s | 1.00x | SAME |
| f16\_nt/256x256x256 | naive | hot | 240.0 µs | 240.0 µs | 240.0 µs | 139.8 GFLOP/s | 0.42x | SLOWER +20.0 % |

### Not right, or not measured

- wrong matmul/f16\_nt/256x256x256/broken/hot: 3 of 9 outputs \| first at 0

### Skipped

- matmul/cublaslt (1 case): no GPU here

### Reasons

- SLOWER matmul/f16\_nt/256x256x256/naive/hot: +20.0 %, between +16.2 % and +24.0 %

median: over process runs of each run's median; p95, p99: of all samples; cold: caches flushed before each  
throughput: of the work the algorithm needs; vs peer: 1.20x means that the best peer takes 1.2 times as long  
SAME: any change is smaller than the margin; INCONCLUSIVE: too noisy to tell; the reasons say what would help  
)");
}

TEST(Report, LinesFitATerminal) {
  CaseResult wide = made_case("sm90a_pingpong_cooperative", steady(123.456e-6));
  wide.state = "cold";
  Result base = made_result({wide});
  for (double& sample : wide.runs[0].samples_s) sample *= 1.5;
  Result fresh = made_result({wide});
  const Comparison comparison = compare(base, fresh, {});
  for (const Report& report : {Report{&fresh, &comparison}, Report{nullptr, &comparison}}) {
    std::istringstream lines(shown("console", report));
    for (std::string line; std::getline(lines, line) && line != "Reasons";) EXPECT_LE(line.size(), 115u) << line;
  }
}

TEST(Report, ANarrowTerminalGetsTheColumnsThatMatter) {
  CaseResult one = made_case("cublaslt_heuristic", steady(123.456e-6));
  const Result base = made_result({one});
  for (double& sample : one.runs[0].samples_s) sample *= 1.5;
  const Result fresh = made_result({one});
  const Comparison comparison = compare(base, fresh, {});
  const auto at = [&](std::size_t columns) { return shown("console", {&fresh, &comparison, columns}); };
  EXPECT_EQ(at(0), at(200)) << "nothing is left out where there is room, or no terminal";
  std::istringstream lines(at(80));
  for (std::string line; std::getline(lines, line) && line != "Reasons";) EXPECT_LE(line.size(), 83u) << line;
  EXPECT_THAT(at(80), HasSubstr("no room in this terminal for: p95, p99; a wider one has it"));
  EXPECT_THAT(at(90), HasSubstr("no room in this terminal for: p95;"));
  EXPECT_THAT(at(80), HasSubstr("vs peer  verdict"));
}

TEST(Report, AColumnOfNoBaselineAloneIsNone) {
  const Result result = made_result({made_case("onednn", steady(1e-4))});
  CompareOptions options;
  options.subset = true;
  const Comparison nothing = compare(made_result({made_case("another", steady(1e-4))}), result, options);
  EXPECT_THAT(shown("console", {&result, &nothing}), Not(HasSubstr("vs peer  verdict")));
  EXPECT_THAT(shown("console", {&result, &nothing}), HasSubstr("NO_BASELINE"));
}

TEST(Report, SaysWhatIsNoOrdinaryRun) {
  Result result = sample_result(2e-4);
  EXPECT_THAT(shown("console", {&result, nullptr}), Not(HasSubstr("injected")));
  result.injection = "slow:a:1.1";
  result.status = "interrupted";
  EXPECT_THAT(shown("console", {&result, nullptr}), HasSubstr("A fault was injected on purpose"));
  EXPECT_THAT(shown("console", {&result, nullptr}), HasSubstr("This run was interrupted"));
  const Result nothing = made_result({});
  EXPECT_THAT(shown("console", {&nothing, nullptr}), HasSubstr("Nothing was measured."));
}

TEST(Report, DifferencesAreListed) {
  const Result base = sample_result(2e-4);
  Result fresh = base;
  fresh.fingerprint["identity"]["cpu_model"] = "other";
  const Comparison comparison = compare(base, fresh, {});
  EXPECT_THAT(shown("console", {nullptr, &comparison}), HasSubstr("cpu_model: test -> other"));
}

TEST(Report, AShiftOfTheEnvironmentIsSaid) {
  Result base = sample_result(2e-4), fresh = sample_result(3e-4);
  for (auto [result, control_s] : {std::pair{&base, 1e-4}, {&fresh, 1.5e-4}})
    for (CaseResult& one : result->cases)
      for (CaseRun& run : one.runs) run.control_s = {control_s};
  const Comparison shifted = compare(base, fresh, {});
  EXPECT_THAT(shown("console", {nullptr, &shifted}), HasSubstr("\nENVIRONMENT_SHIFT: the control, a fixed work"));
  EXPECT_THAT(shown("console", {&fresh, &shifted}), HasSubstr("\nENVIRONMENT_SHIFT: "));
  EXPECT_THAT(shown("markdown", {&fresh, &shifted}), HasSubstr("\n- ENVIRONMENT\\_SHIFT: the control"));
  const Comparison same = compare(base, base, {});
  EXPECT_THAT(shown("console", {nullptr, &same}), Not(HasSubstr("ENVIRONMENT_SHIFT")));
}

TEST(Report, PrintedTimesAndChangeAreOfWhatDecides) {
  // One run in three is a neighbour's: medians over runs say slower, the quartile that decides says faster.
  const auto runs = [](std::vector<double> levels) {
    std::vector<std::vector<double>> made;
    for (double level : levels) made.emplace_back(9, level);
    return made;
  };
  const Result base = made_result({made_case("naive", runs({2e-3, 2.9e-3, 2.95e-3}))}),
               fresh = made_result({made_case("naive", runs({1e-3, 3.2e-3, 3.3e-3}))});
  const Comparison comparison = compare(base, fresh, {});
  const CaseVerdict& one = comparison.cases.at(0);
  EXPECT_NEAR(*one.new_s / *one.base_s, *one.ratio, 1e-12);
  EXPECT_LT(*one.ratio, 1);
  // And mirrored.
  const Comparison mirrored = compare(fresh, base, {});
  EXPECT_NEAR(*mirrored.cases[0].ratio, 1 / *one.ratio, 1e-12);
  EXPECT_EQ(*mirrored.cases[0].base_s, *one.new_s);
}

TEST(Report, WhatCantBeFoundIsSaidInWords) {
  EXPECT_EQ(show_finds(1.083), "+8.3 %");
  EXPECT_EQ(show_finds(10), "10x");
  EXPECT_EQ(show_finds(14867.2), "nothing");
  EXPECT_EQ(show_finds(HUGE_VAL), "nothing");
  EXPECT_EQ(show_change(14867.2), "over 10000x");
  EXPECT_EQ(show_change(12.4), "12x");
  EXPECT_EQ(show_change(9.99), "+899.0 %");
  EXPECT_EQ(show_change(1e-9), "under 0.001x");
  EXPECT_EQ(show_seconds(1.9e-16), "under 0.001 ns");
  EXPECT_EQ(show_seconds(0), "0.000 ns");
}

TEST(Report, AWholeSuiteThatMovedIsSaidOnce) {
  std::vector<CaseResult> before, after;
  for (int i = 0; i < 10; ++i) {
    const double level = 1e-3 * (i + 1);
    for (auto [cases, factor] : {std::pair{&before, 1.0}, {&after, i == 9 ? 3.0 : 1.3}}) {
      cases->push_back(made_case(fmt::format("kernel{}", i), steady(level * factor)));
    }
  }
  const Result base = made_result(before), fresh = made_result(after);
  const Comparison comparison = compare(base, fresh, {});
  const std::string text = shown("console", {nullptr, &comparison});
  EXPECT_THAT(text, HasSubstr("\nSUITE_SHIFT: the whole suite moved together: 9 of 10 cases took +30.0 %"));
  EXPECT_THAT(text, HasSubstr("SLOWER 9 cases, matmul/f16_nt/256x256x256/kernel0/hot and others: it moved as the whole "
                              "suite did"));
  EXPECT_THAT(text, HasSubstr("SLOWER matmul/f16_nt/256x256x256/kernel9/hot: +200.0 %"));
  EXPECT_EQ(comparison.exit_code(false), ExitCode::regression);
}

TEST(Report, NamesStayOnTheirLines) {
  Result base = sample_result(2e-4);
  base.cases[1].op = "mat\x1b[2Jmul";
  base.cases[1].implementation = "na\nSAME|x";
  base.cases[1].problem = "caf\u00e9 \u65e5\u672c \u202e\u009b31m";
  for (const char* format : {"console", "markdown"}) {
    const Comparison comparison = compare(base, base, {});
    for (const Report& report : {Report{nullptr, &comparison}, Report{&base, &comparison}}) {
      const std::string text = shown(format, report);
      EXPECT_EQ(text.find('\x1b'), std::string::npos);
      EXPECT_EQ(text.find("\u202e"), std::string::npos);
      EXPECT_EQ(text.find("\u009b"), std::string::npos);
      EXPECT_EQ(text.find("na\nSAME"), std::string::npos);
      EXPECT_THAT(text, HasSubstr("caf\u00e9 \u65e5\u672c")) << "letters are letters";
    }
  }
}

TEST(Report, FormatsAreRegistered) {
  EXPECT_THROW(find_reporter("tea leaves"), HarnessError);
  for (const char* name : {"console", "markdown"}) EXPECT_NO_THROW(find_reporter(name));
}

}  // namespace
}  // namespace kernelgate
