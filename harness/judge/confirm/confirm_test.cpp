#include "harness/judge/confirm/confirm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <random>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

const double half_percent = std::log1p(0.005);

/// Blocks from a formula, and a count of what was asked for.
class Made : public BlockSource {
 public:
  explicit Made(std::function<Block(std::size_t, int)> block) : block_(std::move(block)) {}
  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override {
    std::vector<std::vector<Block>> taken;
    for (std::size_t k : cases) {
      taken.emplace_back();
      for (int b = 0; b < blocks; ++b) taken.back().push_back(block_(k, asked[k]++));
    }
    return taken;
  }
  std::map<std::size_t, int> asked;

 private:
  std::function<Block(std::size_t, int)> block_;
};

/// Normal blocks about `change`.
Made normal(double change, double sd, std::uint64_t seed = 3) {
  auto random = std::make_shared<std::mt19937_64>(seed);
  return Made([=](std::size_t, int) { return Block{change + sd * std::normal_distribution<double>()(*random)}; });
}

Confirmed one_case(BlockSource& source, int direction = 1, const ConfirmOptions& options = {}) {
  const Candidate candidate{0, direction, half_percent};
  return confirm(std::span(&candidate, 1), source, options).at(0);
}

TEST(Confirm, AClearSlowdownIsSlowerWithFewBlocks) {
  Made blocks = normal(0.05, 0.003);
  const Confirmed slow = one_case(blocks);
  EXPECT_EQ(slow.verdict, Verdict::slower);
  EXPECT_EQ(slow.blocks, 8);
  EXPECT_NEAR(slow.effect, 0.05, 0.004);
  EXPECT_LT(slow.low, 0.05);
  EXPECT_GT(slow.high, 0.05);
}

TEST(Confirm, TheMirrorImageIsFaster) {
  Made slow = normal(0.02, 0.005), fast([&](std::size_t k, int b) {
    return Block{
        -normal(0.02, 0.005, 3 + static_cast<std::uint64_t>(b) + k).take(std::vector<std::size_t>{0}, 1)[0][0].seconds};
  });
  const Confirmed faster = one_case(fast, -1);
  EXPECT_EQ(faster.verdict, Verdict::faster);
  EXPECT_LT(faster.effect, -0.01);
  EXPECT_LT(faster.low, faster.high);
  // What looks slower and is faster is no SLOWER.
  Made mistaken = normal(-0.02, 0.005);
  EXPECT_NE(one_case(mistaken, 1).verdict, Verdict::slower);
}

TEST(Confirm, NoChangeIsGivenUpAtTheFirstLook) {
  Made blocks = normal(0, 0.002);
  const Confirmed same = one_case(blocks);
  EXPECT_EQ(same.verdict, Verdict::same);
  EXPECT_EQ(same.blocks, 8);
}

TEST(Confirm, TheNumberOfBlocksFollowsTheSpreadUpToTheCap) {
  Made quiet = normal(0.012, 0.002), typical = normal(0.012, 0.006, 5), wild = normal(0.012, 0.05, 5);
  const int few = one_case(quiet).blocks, more = one_case(typical).blocks;
  const Confirmed capped = one_case(wild);
  EXPECT_LT(few, more);
  EXPECT_EQ(capped.blocks, 48);
  EXPECT_EQ(capped.verdict, Verdict::inconclusive);
  EXPECT_GT(capped.blocks_needed, 48);
  EXPECT_THAT(capped.reason, HasSubstr("blocks would decide"));
}

TEST(Confirm, AThresholdIsNoNull) {
  // Surely different from nothing, and surely not beyond the threshold.
  Made blocks = normal(0.003, 0.0005);
  const Confirmed small = one_case(blocks);
  EXPECT_EQ(small.verdict, Verdict::same) << small.reason;
  EXPECT_GT(small.low, 0);
}

TEST(Confirm, SecondsWithoutCyclesAreClocks) {
  Made blocks([](std::size_t, int b) { return Block{0.05 + 0.001 * (b % 3), 0.001 * (b % 2)}; });
  const Confirmed clocks = one_case(blocks);
  EXPECT_EQ(clocks.verdict, Verdict::inconclusive);
  EXPECT_TRUE(clocks.clocks);
  EXPECT_THAT(clocks.reason, HasSubstr("clock cycles"));
  Made both([](std::size_t, int b) { return Block{0.05 + 0.001 * (b % 3), 0.05 + 0.001 * (b % 2)}; });
  EXPECT_EQ(one_case(both).verdict, Verdict::slower);
}

TEST(Confirm, SpoiltBlocksAreTrimmedByYuensRule) {
  // scipy: trim_mean(x, 0.2), winsorize, sd / (0.6 sqrt(10)), t with 5 degrees of freedom.
  const std::vector<double> x{0.031, 0.052, 0.049, 0.055, 0.047, 0.40, 0.051, -0.20, 0.053, 0.050};
  Made blocks([&](std::size_t, int b) { return Block{x[static_cast<std::size_t>(b)]}; });
  ConfirmOptions options;
  options.pilot = options.cap = 10;
  options.trim = 0.2;
  const Confirmed found = one_case(blocks, 1, options);
  EXPECT_NEAR(found.effect, 0.050333333333333334, 1e-12);
  EXPECT_NEAR(found.se, 0.0013562839573037443, 1e-9);
  EXPECT_NEAR(found.low, 0.04684689442739637, 1e-9);
  EXPECT_EQ(found.verdict, Verdict::slower);
}

TEST(Confirm, LostBlocksAreCountedAndTooManyAreInvalid) {
  Made some([](std::size_t, int b) {
    return Block{b == 2 ? std::numeric_limits<double>::quiet_NaN() : 0.05 + 0.001 * (b % 3)};
  });
  const Confirmed found = one_case(some);
  EXPECT_EQ(found.verdict, Verdict::slower);
  EXPECT_EQ(found.lost, 1);
  Made none([](std::size_t, int) { return Block{std::numeric_limits<double>::quiet_NaN()}; });
  const Confirmed lost = one_case(none);
  EXPECT_EQ(lost.verdict, Verdict::invalid);
  EXPECT_THAT(lost.reason, HasSubstr("gave no valid time"));
}

TEST(Confirm, HolmCountsTheFlaggedOfADirection) {
  // A change that one case alone would be called for is not called among forty of the same direction.
  const auto marginal = [](std::size_t k, int b) {
    return Block{(k == 0 ? 0.0098 : 0.0) + 0.0025 * ((b * 7 % 5) - 2)};
  };
  ConfirmOptions fixed;
  fixed.pilot = fixed.cap = 8;
  fixed.futility = 10;
  std::vector<Candidate> forty;
  for (std::size_t k = 0; k < 40; ++k) forty.push_back({k, 1, half_percent});
  Made alone(marginal), among(marginal), apart(marginal);
  EXPECT_EQ(confirm(std::span(forty).first(1), alone, fixed).at(0).verdict, Verdict::slower);
  EXPECT_NE(confirm(forty, among, fixed).at(0).verdict, Verdict::slower);
  for (std::size_t k = 1; k < 40; ++k) forty[k].direction = -1;
  EXPECT_EQ(confirm(forty, apart, fixed).at(0).verdict, Verdict::slower) << "the other direction's are no rivals";
}

TEST(Confirm, LookingBothWaysCostsTwice) {
  // p is 0.6 % one-sided: called where slower was looked for, not where the data chose the direction.
  Made one_way([](std::size_t, int b) { return Block{0.0098 + 0.0025 * ((b * 7 % 5) - 2)}; });
  Made both_ways([](std::size_t, int b) { return Block{0.0098 + 0.0025 * ((b * 7 % 5) - 2)}; });
  ConfirmOptions fixed;
  fixed.pilot = fixed.cap = 8;
  fixed.futility = 10;
  const Confirmed one = one_case(one_way, 1, fixed), both = one_case(both_ways, 0, fixed);
  EXPECT_EQ(one.verdict, Verdict::slower);
  EXPECT_NE(both.verdict, Verdict::slower);
  EXPECT_NEAR(both.p, 2 * one.p, 1e-12);
}

TEST(Confirm, CasesShareProcessRunsAndLeaveWhenDone) {
  Made blocks(
      [](std::size_t k, int b) { return Block{k == 0 ? 0.0 + 0.0001 * (b % 2) : 0.011 + 0.008 * ((b % 4) - 1.5)}; });
  const std::vector<Candidate> two{{0, 1, half_percent}, {1, 1, half_percent}};
  const auto found = confirm(two, blocks);
  EXPECT_EQ(found[0].blocks, 8);
  EXPECT_GT(found[1].blocks, 8);
  EXPECT_EQ(blocks.asked[0], 8);
  EXPECT_EQ(blocks.asked[1], found[1].blocks);
}

TEST(NewGoesFirst, IsHalfOfEachFourAndDrawnAnew) {
  const std::vector<bool> order = new_goes_first(400, 1);
  int equal = 0;
  for (std::size_t b = 0; b < 400; b += 4) {
    EXPECT_EQ(std::count(order.begin() + static_cast<std::ptrdiff_t>(b),
                         order.begin() + static_cast<std::ptrdiff_t>(b + 4), true),
              2);
    equal += order[b] == order[b + 1];
  }
  EXPECT_GT(equal, 15);
  EXPECT_LT(equal, 60);
  EXPECT_NE(order, new_goes_first(400, 2));
  EXPECT_EQ(order, new_goes_first(400, 1));
  EXPECT_EQ(new_goes_first(6, 1).size(), 6u);
}

TEST(SignFlip, IsTheShareOfPatternsAsLarge) {
  EXPECT_DOUBLE_EQ(sign_flip_p(std::vector<double>{1, 2, 3}), 1.0 / 8);
  EXPECT_DOUBLE_EQ(sign_flip_p(std::vector<double>{-1, 2, 3}), 2.0 / 8);
  EXPECT_DOUBLE_EQ(sign_flip_p(std::vector<double>(12, 0.1)), 1.0 / 4096);
  EXPECT_THROW(sign_flip_p({}), std::invalid_argument);
  EXPECT_THROW(sign_flip_p(std::vector<double>(13, 1.0)), std::invalid_argument);
}

}  // namespace
}  // namespace kernelgate
