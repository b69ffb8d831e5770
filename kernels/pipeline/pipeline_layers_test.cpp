// Each layer of our chain by itself: its map against its own reference, given the maps before as they lie in memory.
// The bound of one layer is strict, where that of the whole network has to allow for fifty roundings.

#include <gtest/gtest.h>

#include "bench/run/devices.h"
#include "kernels/op/inputs.h"
#include "kernels/op/verify.h"
#include "kernels/pipeline/chain.h"
#include "kernels/simt/host/sanitizer.h"

namespace kernelgate {
namespace {

using namespace pipeline;

void expect_each_layer_right(const Pipeline::Problem& problem) {
  const Device device = simt_device();
  TypedProblem<Pipeline> network({problem, "given by a test", {}});
  Inputs inputs(network, 1);
  std::vector<void*> given = inputs.pointers();
  std::vector<f16> frames(static_cast<std::size_t>(network.output().count));
  const Chain chain = chain_of(problem);
  std::vector<std::vector<f16>> maps;  // each its own, so that all of them stay
  for (const std::size_t bytes : chain.map_bytes) maps.emplace_back(bytes / sizeof(f16));
  const auto place = [&](const Operand& operand) -> void* {
    switch (operand.of) {
      case Operand::Of::nothing:
        return nullptr;
      case Operand::Of::audio:
        return given[0];
      case Operand::Of::faces:
        return given[1];
      case Operand::Of::weights:
        return static_cast<f16*>(given[2]) + operand.at;
      case Operand::Of::frames:
        return frames.data();
      case Operand::Of::map:
        return maps[operand.at].data();
    }
    return nullptr;
  };
  int convolutions = 0;
  for (const Step& step : chain.steps) {
    std::vector<void*> pointers;
    for (const Operand& operand : step.operands) pointers.push_back(place(operand));
    for (const auto& candidate : step.problem->implementations())
      if (candidate.device == device.kind && candidate.name == step.implementation)
        step.problem->prepare(candidate, device, pointers)(nullptr);
    const TensorSpec spec = step.problem->output();
    const auto indices = step.problem->check_indices(1e7, 1);
    std::vector<Expected> expected(indices.size());
    step.problem->reference(pointers, indices, expected);
    const auto output =
        std::as_bytes(std::span(static_cast<const f16*>(pointers.back()), static_cast<std::size_t>(spec.count)));
    const Verification found = compare(spec, output, indices, expected);
    EXPECT_EQ(found.wrong, 0) << step.name << ": " << found.describe();
    convolutions += step.problem->op() == "conv2d";
  }
  EXPECT_EQ(convolutions, static_cast<int>(network_of(problem).layers.size()));
}

TEST(PipelineLayers, AreEachWithinTheirOwnBound) {
  expect_each_layer_right({.n = 2, .levels = 2, .narrow = 4});
#if !SIMT_ASAN
  expect_each_layer_right({.n = 1, .levels = 2});  // the kernels that the published widths get
#endif
}

}  // namespace
}  // namespace kernelgate
