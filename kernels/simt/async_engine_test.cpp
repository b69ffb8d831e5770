// The engine alone: when steps are taken, and in which order.

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "kernels/simt/host/async_engine.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt::executor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Engine : public testing::Test {
 protected:
  Random random_{3};
  AsyncEngine engine_;
  std::vector<std::string> log_;

  AsyncTicket issue(const std::string& name, int steps, std::uint64_t queue = 0, bool on_demand = false) {
    AsyncOperation operation;
    operation.on_demand = on_demand;
    operation.queue = queue;
    for (int i = 0; i < steps; ++i)
      operation.steps.emplace_back([this, name, i] { log_.push_back(name + std::to_string(i)); });
    return engine_.issue(std::move(operation));
  }
};

TEST_F(Engine, EarlyTakesAllStepsAtIssue) {
  engine_.begin(Landing::early, &random_);
  const AsyncTicket a = issue("a", 2);
  EXPECT_THAT(log_, ElementsAre("a0", "a1"));
  engine_.finish(a);
  EXPECT_FALSE(engine_.land_one());
  EXPECT_EQ(log_.size(), 2u);
}

TEST_F(Engine, LateTakesNoStepThatNobodyDemands) {
  engine_.begin(Landing::late, &random_);
  issue("a", 2);
  const AsyncTicket b = issue("b", 2);
  for (int i = 0; i < 1000; ++i) engine_.drift();
  EXPECT_THAT(log_, IsEmpty());
  engine_.finish(b, 1);
  EXPECT_THAT(log_, ElementsAre("b0"));
  engine_.finish(b, 1);
  EXPECT_EQ(log_.size(), 1u) << "taken already";
  engine_.finish(b);
  EXPECT_THAT(log_, ElementsAre("b0", "b1"));
  EXPECT_EQ(engine_.under_way(), 1u);
}

TEST_F(Engine, AQueueTakesEachStepInTheOrderOfIssue) {
  engine_.begin(Landing::late, &random_);
  issue("a", 2, 7);
  issue("other", 1);
  issue("b", 2, 7);
  const AsyncTicket c = issue("c", 2, 7);
  engine_.finish(c, 1);
  EXPECT_THAT(log_, ElementsAre("a0", "b0", "c0"));
  engine_.finish(c, 2);
  EXPECT_THAT(log_, ElementsAre("a0", "b0", "c0", "a1", "b1", "c1"));
  EXPECT_EQ(engine_.under_way(), 1u);
}

TEST_F(Engine, LandOneTakesOneStepAndKeepsTheQueuesOrder) {
  std::set<std::vector<std::string>> orders;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random_ = Random(seed);
    log_.clear();
    engine_.begin(Landing::late, &random_);
    issue("a", 2, 1);
    issue("b", 2, 1);
    issue("c", 1);
    for (std::size_t taken = 1; engine_.land_one(); ++taken) ASSERT_EQ(log_.size(), taken);
    ASSERT_EQ(log_.size(), 5u);
    const auto at = [&](const char* name) { return std::find(log_.begin(), log_.end(), name) - log_.begin(); };
    ASSERT_LT(at("a0"), at("b0"));
    ASSERT_LT(at("a1"), at("b1"));
    ASSERT_LT(at("a0"), at("a1"));
    ASSERT_LT(at("b0"), at("b1"));
    orders.insert(log_);
  }
  // c may come in 5 places, and b0 before or after a1.
  EXPECT_EQ(orders.size(), 10u);
}

TEST_F(Engine, LateLandsWhatMayHelpBeforeWhatNobodyWaitsFor) {
  for (int run = 0; run < 20; ++run) {
    engine_.begin(Landing::late, &random_);
    log_.clear();
    issue("demanded", 1, 0, true);
    issue("a", 1);
    issue("also_demanded", 1, 0, true);
    issue("b", 1);
    engine_.land_one();
    engine_.land_one();
    EXPECT_THAT(log_, UnorderedElementsAre("a0", "b0"));
    EXPECT_TRUE(engine_.land_one()) << "for who polls memory";
    EXPECT_TRUE(engine_.land_one());
    EXPECT_FALSE(engine_.land_one());
    EXPECT_EQ(log_.size(), 4u);
  }
}

TEST_F(Engine, MixedLandsSomeOnTheWay) {
  engine_.begin(Landing::mixed, &random_);
  for (int i = 0; i < 100; ++i) issue("a", 1);
  for (int i = 0; i < 400; ++i) engine_.drift();
  EXPECT_GT(log_.size(), 5u);
  EXPECT_LT(log_.size(), 60u);
}

TEST_F(Engine, AStepMayIssueAnother) {
  engine_.begin(Landing::late, &random_);
  AsyncOperation outer;
  outer.steps.emplace_back([this] {
    for (int i = 0; i < 50; ++i) issue("inner", 1);
  });
  outer.steps.emplace_back([this] { log_.emplace_back("outer"); });
  engine_.finish(engine_.issue(outer));
  EXPECT_THAT(log_, ElementsAre("outer"));
  EXPECT_EQ(engine_.under_way(), 50u);
}

}  // namespace
}  // namespace kernelgate::simt::executor
