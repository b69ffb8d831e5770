// Two implementations of one run, judged as two sides.

#include "bench/run/sides/side_by_side.h"

#include <gtest/gtest.h>

#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;

std::vector<std::vector<double>> runs(double typical_s) {
  std::vector<std::vector<double>> all;
  for (const double of_run : {1.0, 1.001, 0.999, 1.0005, 0.9995}) {
    all.emplace_back();
    for (int i = 0; i < 40; ++i) all.back().push_back(typical_s * of_run * (1 + 1e-4 * (i % 7)));
  }
  return all;
}

Verdict verdict(const Result& result, const char* base, const char* other) {
  CompareOptions options;
  options.threshold = 0.01;
  const Comparison comparison = compare_implementations(result, base, other, options);
  EXPECT_EQ(comparison.cases.size(), 1u);
  EXPECT_EQ(comparison.cases.at(0).name, "matmul/f16_nt/256x256x256/hot");
  EXPECT_EQ(comparison.base_description, base);
  EXPECT_EQ(comparison.new_description, other);
  return comparison.cases.at(0).verdict;
}

TEST(SideBySide, SaysWhichOfTwoIsFaster) {
  const Result result = made_result({made_case("slow", runs(2e-3)), made_case("fast", runs(1e-3)),
                                     made_case("as_fast", runs(1e-3)), made_case("onednn", runs(5e-3))});
  EXPECT_EQ(verdict(result, "slow", "fast"), Verdict::faster);
  EXPECT_EQ(verdict(result, "fast", "slow"), Verdict::slower);
  EXPECT_NE(verdict(result, "fast", "as_fast"), Verdict::slower);
  EXPECT_NE(verdict(result, "fast", "as_fast"), Verdict::faster);
}

// What one of them declined has no verdict, and is said to have none.
TEST(SideBySide, OneAloneIsNoContest) {
  Result result = made_result({made_case("a", runs(1e-3)), made_case("b", {})});
  result.cases[1].status = CaseStatus::skipped;
  EXPECT_EQ(verdict(result, "a", "b"), Verdict::skipped);
}

}  // namespace
}  // namespace kernelgate
