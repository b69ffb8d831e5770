// Slowdowns that were built into a kernel with roles, TMA and wgmma on purpose: each must be seen, and named.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "harness/base/paths_for_test.h"
#include "harness/predict/model/launch_model.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate::predict {
namespace {

constexpr int tiles = 128;

/// The maps of the test say in their first byte how many rows a box has.
TensorFacts box_of_rows(std::span<const std::byte> map) {
  TensorFacts facts;
  facts.rank = 2;
  facts.address = std::uint64_t{static_cast<unsigned>(map[1])} << 40;
  facts.dims = {tiles * 64, 132 * 64};
  facts.strides = {2, tiles * 128};
  facts.box = {64, static_cast<int>(map[0])};
  return facts;
}

struct PlantedTma {
  SassKernel kernel;
  LaunchFacts launch;
  std::vector<BlockTrace> blocks;
  LaunchPrediction prediction;

  PlantedTma(const std::string& arguments, unsigned stages, unsigned box_rows, bool cold) {
    std::ifstream file(source_folder() / "harness/predict/testdata/planted_tma.sass");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (SassKernel& one : read_disassembly(text, "planted_tma.sass"))
      if (one.symbol.find("pipelineI" + arguments + "E") != std::string::npos) kernel = std::move(one);
    if (kernel.instructions.empty()) throw std::logic_error("no kernel " + arguments);
    struct alignas(64) Parameters {
      std::array<std::uint8_t, 128> a{}, b{};
      std::uint64_t to = 0x7f8000000000;
      std::int32_t count = tiles;
    } parameters;
    parameters.a = {static_cast<std::uint8_t>(box_rows), 1};
    parameters.b = {8, 2};
    const auto* bytes = reinterpret_cast<const std::byte*>(&parameters);
    launch.grid = {132, 1, 1};
    launch.block = {160, 1, 1};
    launch.dynamic_shared_bytes = stages * 9216 + 1024;
    launch.parameters.assign(bytes, bytes + 268);
    launch.parameters_alignment = 64;
    launch.read_tensor_map = box_of_rows;
    for (const std::uint32_t block : {0u, 131u}) blocks.push_back(follow_block(kernel, launch, {block, 0, 0}));
    LaunchQuestion question;
    question.kernel = &kernel;
    question.launch = &launch;
    question.needs = {64, 0};
    question.blocks = &blocks;
    question.unique_bytes = 132 * 64 * tiles * 128.0;
    question.cold = cold;
    prediction = predict_launch(question, find_gpu("h200-sxm"));
  }
  double cycles(Reason reason) const { return prediction.replay.cycles_by_reason[static_cast<std::size_t>(reason)]; }
};

const char* const good = "Li8ELi0ELi1E";

TEST(PlantedTma, TheKernelItselfIsFollowedToTheEnd) {
  const PlantedTma kernel(good, 8, 64, false);
  const BlockCounts& counts = kernel.blocks.front().counts;
  EXPECT_EQ(counts.tma_read_bytes, 9216u * tiles);
  EXPECT_EQ(counts.wgmma, 4u * 4 * tiles);
  EXPECT_EQ(counts.tensor_flop, 2u * 64 * 8 * 64 * tiles);
  EXPECT_EQ(counts.mbarrier_waits, (128u + 1) * tiles);
}

TEST(PlantedTma, SixStagesFewerWaitForTma) {
  const PlantedTma before(good, 8, 64, true), after("Li2ELi0ELi1E", 2, 64, true);
  EXPECT_GT(after.prediction.seconds(), 1.5 * before.prediction.seconds());
  EXPECT_GT(after.cycles(Reason::tma), 1.5 * before.cycles(Reason::tma));
  EXPECT_EQ(after.prediction.bound, "TMA loads");
}

TEST(PlantedTma, BarriersInTheLoopAreWaitedFor) {
  const PlantedTma before(good, 8, 64, false), after("Li8ELi4ELi1E", 8, 64, false);
  EXPECT_EQ(after.blocks.front().counts.named_barriers, 4.0 * tiles);
  EXPECT_GT(after.cycles(Reason::barrier), before.cycles(Reason::barrier) + 4 * 15 * tiles);
  EXPECT_GE(after.prediction.seconds(), before.prediction.seconds());
}

TEST(PlantedTma, SmallBoxesKeepTheUnitBusy) {
  const PlantedTma before(good, 8, 64, false), after("Li8ELi0ELi8E", 8, 8, false);
  EXPECT_EQ(after.blocks.front().counts.tma_read_bytes, before.blocks.front().counts.tma_read_bytes);
  EXPECT_GT(after.prediction.seconds(), 1.02 * before.prediction.seconds());
  EXPECT_EQ(after.prediction.bound, "TMA loads");
}

}  // namespace
}  // namespace kernelgate::predict
