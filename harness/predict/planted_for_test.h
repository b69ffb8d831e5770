#pragma once
// The kernels of testdata/planted.cu, and what they would take.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/base/paths_for_test.h"
#include "harness/predict/model/launch_model.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate::predict::for_test {

inline constexpr unsigned planted_tiles = 64;

inline SassKernel planted_kernel(const std::string& template_arguments) {
  std::ifstream file(source_folder() / "harness/predict/testdata/planted.sass");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (SassKernel& kernel : read_disassembly(text, "planted.sass"))
    if (kernel.symbol.find("pipelineI" + template_arguments + "E") != std::string::npos) return std::move(kernel);
  throw std::logic_error("no kernel " + template_arguments);
}

/// One block for each multiprocessor of an H200.
inline LaunchFacts planted_launch(unsigned stages = 4) {
  struct Parameters {
    std::uint64_t from = 0x7f0000000000, to = 0x7f8000000000;
    std::int32_t tiles = planted_tiles;
  } parameters;
  LaunchFacts launch;
  launch.grid = {132, 1, 1};
  launch.block = {128, 1, 1};
  launch.dynamic_shared_bytes = stages * 8192;
  const auto* bytes = reinterpret_cast<const std::byte*>(&parameters);
  launch.parameters.assign(bytes, bytes + 20);
  return launch;
}

struct Planted {
  SassKernel kernel;
  LaunchFacts launch;
  std::vector<BlockTrace> blocks;
  LaunchPrediction prediction;

  Planted(const std::string& template_arguments, bool cold, unsigned stages = 4)
      : kernel(planted_kernel(template_arguments)), launch(planted_launch(stages)) {
    blocks.push_back(follow_block(kernel, launch, {0, 0, 0}));
    LaunchQuestion question;
    question.kernel = &kernel;
    question.launch = &launch;
    question.needs = {64, 0};
    question.blocks = &blocks;
    question.cold = cold;
    prediction = predict_launch(question, find_gpu("h200-sxm"));
  }
  double cycles(Reason reason) const { return prediction.replay.cycles_by_reason[static_cast<std::size_t>(reason)]; }
};

}  // namespace kernelgate::predict::for_test
