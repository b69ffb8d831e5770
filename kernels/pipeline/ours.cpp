// The network through our kernels: each layer by the kernel that conv2d's table gives it, the spectrogram by mel's, all
// of it one CUDA graph on a GPU. Registered as the implementation "ours".

#include <fmt/format.h>

#include <algorithm>

#include "kernels/op/behind_kernel.h"
#include "kernels/op/launch_graph.h"
#include "kernels/op/memory.h"
#include "kernels/pipeline/chain.h"

namespace kernelgate {
namespace {

using namespace pipeline;

AnyProblem::Candidate candidate_of(const Step& step, DeviceKind kind) {
  for (auto& one : step.problem->implementations())
    if (one.device == kind && one.name == step.implementation) return one;
  throw Unsupported(fmt::format("{} needs {}, which is not in this build", step.name, step.implementation));
}

Support supports(const Device& device, const Pipeline::Problem& problem) {
  for (const Step& step : chain_of(problem).steps) try {
      if (const Support support = step.problem->supports(candidate_of(step, device.kind), device); !support)
        return Support::no(fmt::format("{}: {}", step.name, support.reason));
    } catch (const Unsupported& why) {
      return Support::no(why.what());
    }
  return {};
}

void* place_of(const Operand& operand, const Pipeline::Buffers& buffers, std::byte* maps, const ChainMemory& memory) {
  // Problems take their inputs as void*, and write to their outputs alone.
  const auto input = [](const auto* from) { return const_cast<void*>(static_cast<const void*>(from)); };
  switch (operand.of) {
    case Operand::Of::nothing:
      return nullptr;
    case Operand::Of::audio:
      return input(buffers.audio);
    case Operand::Of::faces:
      return input(buffers.faces);
    case Operand::Of::weights:
      return input(buffers.weights + operand.at);
    case Operand::Of::frames:
      return buffers.frames;
    case Operand::Of::map:
      return maps + memory.offsets[operand.at];
  }
  return nullptr;
}

Launch prepare(const Device& device, const Pipeline::Problem& problem, const Pipeline::Buffers& buffers) {
  const Chain chain = chain_of(problem);
  const ChainMemory memory = memory_of(chain);
  const auto maps = std::make_shared<Memory>(device, memory.bytes);
  LaunchGraph graph;
  for (const Step& step : chain.steps) {
    std::vector<void*> pointers;
    for (const Operand& operand : step.operands) pointers.push_back(place_of(operand, buffers, maps->data(), memory));
    const BehindKernel behind(step.follows);
    Launch launch = step.problem->prepare(candidate_of(step, device.kind), device, pointers);
    auto& branch = step.branch == Branch::hears ? graph.beside : step.branch == Branch::sees ? graph.first : graph.then;
    branch.push_back(std::move(launch));
  }
  return [maps, all = as_one_launch(device, std::move(graph))](Stream stream) {
    (void)maps;  // keeps its memory
    all(stream);
  };
}

std::vector<Part> parts(const Pipeline::Problem& problem) {
  std::vector<Part> all;
  for (const Step& step : chain_of(problem).steps)
    all.push_back({step.name, step.problem, step.implementation, static_cast<int>(step.branch)});
  return all;
}

Implementation<Pipeline> ours(DeviceKind kind) {
  return {.name = "ours", .device = kind, .supports = supports, .prepare = prepare};
}

const PartsOf<Pipeline> made_of{"ours", parts};
const Register<Pipeline> on_the_host{ours(DeviceKind::simt)};
#if KERNELGATE_HAS_CUDA
const Register<Pipeline> on_a_gpu{ours(DeviceKind::cuda)};
#endif

}  // namespace
}  // namespace kernelgate
