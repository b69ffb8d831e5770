#include "kernels/pipeline/buffer_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "kernels/op/random.h"
#include "kernels/pipeline/chain.h"

namespace kernelgate::pipeline {
namespace {

/// Two that live at one time lie apart, and all within the plan.
void expect_sound(const std::vector<Lifetime>& buffers, const BufferPlan& plan) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % BufferPlan::alignment, 0u);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
    for (std::size_t j = 0; j < i; ++j) {
      const bool together = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
      const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(!together || apart) << i << " meets " << j;
    }
  }
}

TEST(PlanBuffers, LetsAChainTakeTurns) {
  const std::vector<Lifetime> chain{{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  const BufferPlan plan = plan_buffers(chain);
  expect_sound(chain, plan);
  EXPECT_EQ(plan.bytes, 2048u);  // two at a time, each 1024 with its alignment
}

TEST(PlanBuffers, KeepsASkipUntilItIsRead) {
  const std::vector<Lifetime> buffers{{512, 0, 5}, {256, 1, 2}, {256, 2, 3}, {256, 3, 4}, {256, 4, 5}};
  const BufferPlan plan = plan_buffers(buffers);
  expect_sound(buffers, plan);
  EXPECT_EQ(plan.bytes, 1024u);
}

TEST(PlanBuffers, IsSoundForAnyLives) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Lifetime> buffers;
    for (int i = 0; i < 20; ++i) {
      const int first = static_cast<int>(random.below(30));
      buffers.push_back({random.below(5000), first, first + static_cast<int>(random.below(8))});
    }
    expect_sound(buffers, plan_buffers(buffers));
  }
}

TEST(ChainMemory, IsFarSmallerThanAllMaps) {
  const Chain chain = chain_of({.n = 4});
  std::size_t all = 0;
  for (const std::size_t bytes : chain.map_bytes) all += bytes;
  const ChainMemory memory = memory_of(chain);
  EXPECT_LT(memory.bytes, all / 2);
  EXPECT_EQ(memory.offsets.size(), chain.map_bytes.size());
}

/// What one branch writes must not lie where the other one, which runs side by side, has something.
TEST(ChainMemory, KeepsBranchesApart) {
  const Chain chain = chain_of({.n = 2});
  const ChainMemory memory = memory_of(chain);
  const auto maps_of = [&](Branch branch) {
    std::vector<std::size_t> maps;
    for (const Step& step : chain.steps)
      for (const Operand& operand : step.operands)
        if (step.branch == branch && operand.of == Operand::Of::map) maps.push_back(operand.at);
    return maps;
  };
  for (const std::size_t a : maps_of(Branch::hears))
    for (const std::size_t b : maps_of(Branch::sees))
      EXPECT_TRUE(memory.offsets[a] + chain.map_bytes[a] <= memory.offsets[b] ||
                  memory.offsets[b] + chain.map_bytes[b] <= memory.offsets[a])
          << a << " meets " << b;
}

}  // namespace
}  // namespace kernelgate::pipeline
