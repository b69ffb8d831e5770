#include "harness/judge/confirm/night_verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "bench/studies/error_rates/noise_model.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

std::string name_of(std::size_t k) { return "matmul/f16_nt/" + std::to_string(k) + "/ours/hot"; }

/// A suite on a GPU of typical noise: so many nights, of three runs each. The last is tonight if `tonight`.
struct Suite {
  Side base, fresh;
};

Suite suite_of(std::size_t cases, std::size_t nights, std::uint64_t seed,
               const std::map<std::size_t, double>& changes) {
  error_rates::SimulatedNoise noise(error_rates::noise_model("typical"), seed);
  const auto levels = noise.nights(cases, nights + 1);
  Suite suite;
  suite.base.device_kind = suite.fresh.device_kind = "cuda";
  suite.base.fingerprint = suite.fresh.fingerprint = {{"identity", {{"gpu_name", "test"}, {"driver", "580"}}}};
  for (std::size_t k = 0; k < cases; ++k) {
    SideCase before, now;
    before.name = now.name = name_of(k);
    before.op = now.op = "matmul";
    for (std::size_t n = 0; n <= nights; ++n)
      for (double run : noise.runs(3)) {
        const bool tonight = n == nights;
        const double change = tonight && changes.contains(k) ? changes.at(k) : 0;
        const double s = 1e-3 * std::exp(levels[k][n] + run + change);
        RunSummary summary{s, 0.995 * s, 1.005 * s, 100};
        summary.night = "2026-01-" + std::to_string(10 + n);
        (tonight ? now : before).runs.push_back(summary);
      }
    suite.base.cases.push_back(before);
    suite.fresh.cases.push_back(now);
  }
  return suite;
}

/// Blocks of known changes, and a record of which cases were asked for.
class Blocks : public BlockSource {
 public:
  explicit Blocks(std::map<std::size_t, double> changes) : changes_(std::move(changes)) {}
  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
    std::vector<std::vector<Block>> taken;
    for (std::size_t k : cases) {
      asked.insert(k);
      taken.emplace_back();
      for (int b = 0; b < blocks; ++b)
        taken.back().push_back({(changes_.contains(k) ? changes_.at(k) : 0) + 0.004 * normal_(random_)});
    }
    return taken;
  }
  std::set<std::size_t> asked;

 private:
  std::map<std::size_t, double> changes_;
  std::mt19937_64 random_{4};
  std::normal_distribution<double> normal_;
};

const CaseVerdict& verdict_of(const Comparison& comparison, std::size_t k) {
  return *std::ranges::find(comparison.cases, name_of(k), &CaseVerdict::name);
}

int count(const Comparison& comparison, Verdict verdict) {
  return static_cast<int>(std::ranges::count(comparison.cases, verdict, &CaseVerdict::verdict));
}

TEST(NightVerdicts, OneSlowerCaseOfManyIsNamedAndNoOther) {
  const std::map<std::size_t, double> changes{{17, std::log1p(0.05)}};
  const Suite suite = suite_of(60, 14, 1, changes);
  Blocks blocks(changes);
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_EQ(count(comparison, Verdict::slower), 1);
  EXPECT_EQ(count(comparison, Verdict::faster), 0);
  EXPECT_EQ(comparison.exit_code(false), ExitCode::regression);
  const CaseVerdict& slow = verdict_of(comparison, 17);
  EXPECT_EQ(slow.verdict, Verdict::slower);
  EXPECT_EQ(slow.unit, "block");
  EXPECT_NEAR(*slow.ratio, 1.05, 0.01);
  EXPECT_EQ(slow.attribution, "code");
  EXPECT_LT(blocks.asked.size(), 15u) << "only what the screen flagged is measured again";
  for (const CaseVerdict& one : comparison.cases) {
    ASSERT_TRUE(one.detectable_ratio.has_value()) << one.name;
    EXPECT_GT(*one.detectable_ratio, 1.005);
    EXPECT_LT(*one.detectable_ratio, 1.04);
  }
}

TEST(NightVerdicts, ScreenAloneNeverAlarms) {
  // Tonight looks slower by 5 %, fresh blocks say that it is not.
  const Suite suite = suite_of(60, 14, 2, {{17, std::log1p(0.05)}});
  Blocks blocks({});
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_TRUE(blocks.asked.contains(17));
  EXPECT_EQ(count(comparison, Verdict::slower), 0);
  EXPECT_EQ(comparison.exit_code(false), ExitCode::good);
}

TEST(NightVerdicts, WithoutNightsEveryCaseGetsBlocksBothWays) {
  const std::map<std::size_t, double> changes{{3, 0.05}, {4, -0.05}};
  for (const std::size_t nights : {std::size_t{1}, fewest_nights - 1}) {
    const Suite suite = suite_of(12, nights, 3, changes);
    Blocks blocks(changes);
    const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
    EXPECT_EQ(blocks.asked.size(), 12u);
    EXPECT_EQ(verdict_of(comparison, 3).verdict, Verdict::slower);
    EXPECT_EQ(verdict_of(comparison, 4).verdict, Verdict::faster);
    EXPECT_EQ(count(comparison, Verdict::slower), 1);
  }
  const Suite suite = suite_of(12, fewest_nights, 3, changes);
  Blocks blocks(changes);
  compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_LT(blocks.asked.size(), 12u);
}

TEST(NightVerdicts, ABaseOfAnotherEnvironmentIsLeftAside) {
  const std::map<std::size_t, double> changes{{3, 0.05}};
  Suite suite = suite_of(12, 14, 4, {});
  suite.base.fingerprint["identity"]["driver"] = "590";
  Blocks blocks(changes);
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_THAT(comparison.base_description, HasSubstr("left aside"));
  EXPECT_TRUE(comparison.differences.empty());
  EXPECT_EQ(blocks.asked.size(), 12u);
  EXPECT_EQ(verdict_of(comparison, 3).verdict, Verdict::slower);
}

TEST(NightVerdicts, AHotNightIsSaidAndSampled) {
  std::map<std::size_t, double> hot;
  for (std::size_t k = 0; k < 80; ++k) hot[k] = 0.03;
  const Suite suite = suite_of(80, 14, 5, hot);
  Blocks blocks({});
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_THAT(comparison.environment_shift, HasSubstr("the night as a whole"));
  EXPECT_EQ(count(comparison, Verdict::slower), 0);
  EXPECT_GE(blocks.asked.size(), 16u);
  EXPECT_LT(blocks.asked.size(), 40u);
}

TEST(NightVerdicts, WhatWasNotMeasuredStaysSaid) {
  Suite suite = suite_of(12, 14, 6, {});
  suite.fresh.cases[2].status = CaseStatus::wrong;
  suite.fresh.cases[2].runs.clear();
  suite.fresh.cases.pop_back();
  Blocks blocks({});
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_EQ(verdict_of(comparison, 2).verdict, Verdict::invalid);
  EXPECT_TRUE(verdict_of(comparison, 2).wrong);
  EXPECT_EQ(verdict_of(comparison, 11).verdict, Verdict::not_comparable);
  EXPECT_FALSE(blocks.asked.contains(2));
}

TEST(NightVerdicts, OnASharedMachineSpoiltRunsCostNoVerdict) {
  // One block in four is spoilt by a neighbour, by up to 40 % either way; the change is 5 %.
  class Spoilt : public BlockSource {
   public:
    std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
      std::vector<std::vector<Block>> taken;
      for (std::size_t k : cases) {
        taken.emplace_back();
        for (int b = 0; b < blocks; ++b) {
          const double neighbour = uniform_(random_) < 0.25 ? 0.8 * uniform_(random_) - 0.4 : 0;
          taken.back().push_back({(k == 3 ? 0.06 : 0) + 0.008 * normal_(random_) + neighbour});
        }
      }
      return taken;
    }

   private:
    std::mt19937_64 random_{4};
    std::normal_distribution<double> normal_;
    std::uniform_real_distribution<double> uniform_;
  } blocks;
  Suite suite = suite_of(12, 1, 7, {});
  suite.base.device_kind = suite.fresh.device_kind = "cpu";
  const Comparison comparison = compare_with_blocks(suite.base, suite.fresh, blocks, {});
  EXPECT_EQ(verdict_of(comparison, 3).verdict, Verdict::slower) << verdict_of(comparison, 3).reason;
  EXPECT_EQ(count(comparison, Verdict::slower), 1);
}

}  // namespace
}  // namespace kernelgate
