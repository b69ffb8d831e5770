#include "harness/judge/compare/suite_shift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace kernelgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<CaseVerdict> suite(const std::vector<double>& ratios, Verdict verdict) {
  std::vector<CaseVerdict> cases;
  for (double ratio : ratios) {
    CaseVerdict& one = cases.emplace_back();
    one.unit = "run";
    one.ratio = ratio;
    one.verdict = verdict;
  }
  return cases;
}

std::size_t marked(const std::vector<CaseVerdict>& cases) {
  return static_cast<std::size_t>(std::ranges::count(cases, true, &CaseVerdict::with_suite));
}

TEST(SuiteShift, AWholeSuiteIsOneFinding) {
  std::vector<double> ratios(40, 1.12);
  ratios[3] = 1.11, ratios[7] = 1.13;
  std::vector<CaseVerdict> cases = suite(ratios, Verdict::slower);
  EXPECT_THAT(suite_shift(cases), AllOf(HasSubstr("the whole suite moved together: 40 of 40 cases took +12.0 %"),
                                        HasSubstr("(+11.0 % to +13.0 %)")));
  EXPECT_EQ(marked(cases), 40u);
  // The mirror image.
  for (double& ratio : ratios) ratio = 1 / ratio;
  cases = suite(ratios, Verdict::faster);
  EXPECT_THAT(suite_shift(cases), HasSubstr("40 of 40 cases took -10.7 %"));
}

TEST(SuiteShift, WhatGoesBeyondItIsAFindingOfItsOwn) {
  std::vector<double> ratios(20, 1.12);
  ratios[5] = 1.6;
  std::vector<CaseVerdict> cases = suite(ratios, Verdict::slower);
  EXPECT_THAT(suite_shift(cases), HasSubstr("19 of 20 cases"));
  EXPECT_FALSE(cases[5].with_suite);
  EXPECT_EQ(marked(cases), 19u);
}

TEST(SuiteShift, WhatDidNotMoveTogetherDidNot) {
  const auto said = [](std::vector<double> ratios, Verdict verdict) {
    std::vector<CaseVerdict> cases = suite(ratios, verdict);
    const std::string text = suite_shift(cases);
    EXPECT_EQ(text.empty(), marked(cases) == 0);
    return text;
  };
  EXPECT_EQ(said(std::vector<double>(7, 1.12), Verdict::slower), "") << "too few";
  EXPECT_NE(said(std::vector<double>(8, 1.12), Verdict::slower), "");
  EXPECT_EQ(said(std::vector<double>(40, 1.02), Verdict::slower), "") << "too little";
  EXPECT_EQ(said(std::vector<double>(40, 1.12), Verdict::inconclusive), "") << "nothing was called";
  EXPECT_EQ(said(std::vector<double>(40, 1.12), Verdict::faster), "") << "called the other way";
  std::vector<double> half(40, 1.12);
  for (std::size_t i = 0; i < 20; ++i) half[i] = 1.0;
  EXPECT_EQ(said(half, Verdict::slower), "");
  std::vector<double> spread(40, 1.12);
  for (std::size_t i = 0; i < 5; ++i) spread[i] = 1.5;
  EXPECT_EQ(said(spread, Verdict::slower), "") << "one in eight is elsewhere";
}

}  // namespace
}  // namespace kernelgate
