// Fleets whose truth is known: who is slow is named, and nobody else.

#include "harness/judge/fleet/survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <random>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/statistics/rates_for_test.h"

namespace kernelgate {
namespace {

using for_test::least_hits;
using for_test::most_hits;
using for_test::trials;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Machines of eight cards. Standard deviations of log time.
struct FleetModel {
  int machines = 16;
  std::size_t cases = 50;
  double card = 0.005, own = 0.003, machine = 0.001;  ///< of a card as a whole, in one case, and of a machine
  std::function<double(int card, std::size_t of_case)> slower = [](int, std::size_t) { return 1.0; };
};

struct Fleet {
  std::vector<SurveyCard> cards;
  std::vector<std::string> cases;
};

Fleet made(const FleetModel& model, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Fleet fleet;
  for (std::size_t c = 0; c < model.cases; ++c)
    fleet.cases.push_back(fmt::format("{}/case{}", c % 2 == 0 ? "matmul" : "mel", c));
  for (int m = 0; m < model.machines; ++m) {
    const double machine = model.machine * normal(random);
    for (int g = 0; g < 8; ++g) {
      const int number = 8 * m + g;
      SurveyCard card{fmt::format("GPU-{}", number), fmt::format("node{:03}", m), 0, {}, {}};
      const double whole = machine + model.card * normal(random);
      for (std::size_t c = 0; c < model.cases; ++c)
        card.level.push_back(static_cast<float>(std::log(1e-4 * (1 + static_cast<double>(c))) + whole +
                                                model.own * normal(random) + std::log(model.slower(number, c))));
      fleet.cards.push_back(std::move(card));
    }
  }
  return fleet;
}

Survey survey_of(const Fleet& fleet) { return survey_fleet(fleet.cards, fleet.cases, {""}, {}); }

TEST(Survey, ASlowCardIsNamedAndNobodyElse) {
  const int tries = trials(400, 60);
  int named = 0;
  for (int i = 0; i < tries; ++i) {
    const Survey survey = survey_of(
        made({.slower = [](int card, std::size_t) { return card == 37 ? 1.04 : 1.0; }}, static_cast<std::uint64_t>(i)));
    named += survey.slow.size() == 1 && survey.slow.front().card == "GPU-37" && !survey.slow.front().is_machine;
  }
  std::printf("a card of 128 that is 4 %% slower, among cards 0.5 %% apart: named alone in %d of %d\n", named, tries);
  EXPECT_GE(named, least_hits(tries, 0.95));
  int quiet = 0;
  for (int i = 0; i < tries; ++i) {
    const Survey survey =
        survey_of(made({.card = 0.003, .slower = [](int card, std::size_t) { return card == 37 ? 1.03 : 1.0; }},
                       static_cast<std::uint64_t>(i)));
    quiet += survey.slow.size() == 1 && survey.slow.front().card == "GPU-37";
  }
  std::printf("a card of 128 that is 3 %% slower, among cards 0.3 %% apart: named alone in %d of %d\n", quiet, tries);
  EXPECT_GE(quiet, least_hits(tries, 0.95));
}

TEST(Survey, NobodyIsBlamedInACleanFleet) {
  const int tries = trials(1000, 100);
  for (const int machines : {1, 4, 16}) {
    int blamed = 0;
    for (int i = 0; i < tries; ++i)
      blamed += !survey_of(made({.machines = machines}, 1000 + static_cast<std::uint64_t>(i))).slow.empty();
    std::printf("clean fleets of %d cards with anybody blamed: %d of %d\n", 8 * machines, blamed, tries);
    EXPECT_LE(blamed, most_hits(tries, 0.01)) << machines;
  }
}

TEST(Survey, AMachineWhoseCardsAreAllSlowerIsNamedAsOne) {
  const Survey survey =
      survey_of(made({.slower = [](int card, std::size_t) { return card / 8 == 5 ? 1.03 : 1.0; }}, 3));
  ASSERT_EQ(survey.slow.size(), 1U);
  EXPECT_TRUE(survey.slow.front().is_machine);
  EXPECT_EQ(survey.slow.front().machine, "node005");
  EXPECT_EQ(survey.slow.front().cards.size(), 8U);
  EXPECT_NEAR(survey.slow.front().ratio, 1.03, 0.006);
  EXPECT_THAT(survey.slow.front().why, HasSubstr("8 of its 8 cards are slower"));
}

TEST(Survey, ACardThatIsSlowerInOneCaseAloneIsNamedWithIt) {
  const Survey survey = survey_of(
      made({.slower = [](int card, std::size_t of_case) { return card == 9 && of_case == 4 ? 1.05 : 1.0; }}, 3));
  ASSERT_EQ(survey.slow.size(), 1U);
  EXPECT_EQ(survey.slow.front().card, "GPU-9");
  EXPECT_EQ(survey.slow.front().of_case, "matmul/case4");
  EXPECT_THAT(survey.slow.front().why, HasSubstr("in 1 of 50 cases alone"));
}

TEST(Survey, SaysTheClockOrTheOp) {
  Fleet fleet = made({.slower = [](int card, std::size_t) { return card == 9 ? 1.05 : 1.0; }}, 3);
  for (SurveyCard& card : fleet.cards) card.sm_clock_hz = card.card == "GPU-9" ? 1.88e9 : 1.98e9;
  EXPECT_THAT(survey_of(fleet).slow.front().why, HasSubstr("its SM clock is -5.1 % against the fleet's"));
  for (SurveyCard& card : fleet.cards) card.sm_clock_hz = 1.98e9;
  EXPECT_THAT(survey_of(fleet).slow.front().why, HasSubstr("its SM clock is the fleet's; by op: matmul +"));
}

TEST(Survey, AnotherEnvironmentIsComparedWithNobody) {
  Fleet fleet = made({}, 3);
  fleet.cards[3].group = 1;
  for (float& level : fleet.cards[3].level) level += 1;
  const Survey survey = survey_fleet(fleet.cards, fleet.cases, {"", "power_limit_w: 700 -> 600"}, {});
  EXPECT_THAT(survey.slow, IsEmpty());
  EXPECT_THAT(survey.left_out, ::testing::ElementsAre("power_limit_w: 700 -> 600: GPU-3"));
  EXPECT_EQ(survey.compared, 127U);
}

TEST(Survey, WhatACardDidNotMeasureCountsNowhere) {
  Fleet fleet = made({.slower = [](int card, std::size_t) { return card == 37 ? 1.05 : 1.0; }}, 3);
  for (std::size_t c = 0; c < 25; ++c) fleet.cards[37].level[c] = std::numeric_limits<float>::quiet_NaN();
  ASSERT_EQ(survey_of(fleet).slow.size(), 1U);
  EXPECT_EQ(survey_of(fleet).slow.front().card, "GPU-37");
}

TEST(Survey, TooFewCardsBlameNobody) {
  Fleet fleet = made({.machines = 1, .slower = [](int card, std::size_t) { return card == 3 ? 1.5 : 1.0; }}, 3);
  fleet.cards.pop_back();
  const Survey survey = survey_of(fleet);
  EXPECT_THAT(survey.slow, IsEmpty());
  EXPECT_EQ(survey.compared, 0U);
  EXPECT_THROW(survey_fleet({}, {}, {}, {}), HarnessError);
}

}  // namespace
}  // namespace kernelgate
