// The steps of a cold start, taken one by one in the process that is asked.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>

#include "bench/digital_human/cold_start.h"
#include "bench/digital_human/gpu_steps.h"
#include "bench/run/devices.h"
#include "harness/base/error.h"
#include "harness/statistics/statistics.h"
#include "kernels/op/any_op.h"
#include "kernels/op/memory.h"
#include "kernels/op/verification.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_of(const std::function<void()>& step) {
  const auto begin = Clock::now();
  step();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class Steps {
 public:
  explicit Steps(ColdStart& start) : start_(start) {}
  void take(std::string name, const std::function<void()>& step, double bytes = 0) {
    start_.steps.push_back({std::move(name), 0, bytes});
    start_.steps.back().seconds = seconds_of(step);
  }

 private:
  ColdStart& start_;
};

/// Ours on a GPU, the CPU's library elsewhere.
AnyProblem::Candidate candidate_for(const AnyProblem& problem, const Device& device) {
  std::string why = "this build has none";
  for (const auto& one : problem.implementations()) {
    if (one.device != device.kind) continue;
    if (const Support support = problem.supports(one, device))
      return one;
    else
      why = support.reason;
  }
  throw HarnessError(ExitCode::nothing, fmt::format("nothing computes {}/{} on the {}: {}", problem.op(),
                                                    problem.name(), to_string(device.kind), why));
}

Device device_for(const ColdStartQuestion& question) {
  if (question.device != DeviceKind::cuda) return cpu_device();
  std::string reason;
  const auto device = cuda_device(question.gpu, reason);
  if (!device) throw HarnessError(ExitCode::refused, reason);
  return *device;
}

}  // namespace

ColdStart cold_start_here(const ColdStartQuestion& question, std::int64_t since_ns) {
  const std::chrono::nanoseconds now = Clock::now().time_since_epoch();
  ColdStart start{.device = std::string(to_string(question.device)), .frames = question.frames};
  start.steps.push_back({"process start", static_cast<double>(now.count() - since_ns) * 1e-9, 0});
  Steps steps(start);
  const bool on_gpu = question.device == DeviceKind::cuda;
  if (on_gpu) {
    steps.take("driver load", load_driver);
    steps.take("context", [&] { make_context(question.gpu); });
  }
  const Device device = device_for(question);
  if (on_gpu) steps.take("module load (a first kernel)", [&] { launch_first_kernel(device); });

  const TypedProblem<Pipeline> problem(
      {Pipeline::Problem{.n = question.frames, .levels = question.levels}, "a cold start", {}});
  const auto specs = problem.inputs();
  std::vector<std::vector<std::byte>> host;
  std::vector<Memory> memory;
  std::vector<void*> given, pointers;
  steps.take("weights made of a seed, where others read a file", [&] {
    for (const TensorSpec& spec : specs) {
      host.emplace_back(bytes_of(spec));
      given.push_back(host.back().data());
    }
    problem.fill(1, given);
  });
  steps.take("memory for them", [&] {
    for (const TensorSpec& spec : specs) memory.emplace_back(device, bytes_of(spec));
    memory.emplace_back(device, bytes_of(problem.output()));
    for (const Memory& one : memory) pointers.push_back(one.data());
  });
  constexpr std::size_t weights = 2;
  const auto copied = static_cast<double>(host[weights].size());
  steps.take(
      on_gpu ? "weights copied, from pageable memory" : "weights copied",
      [&] { memory[weights].upload(0, host[weights]); }, copied);
  if (on_gpu) {
    const PinnedMemory pinned(host[weights].size());
    std::memcpy(pinned.data(), host[weights].data(), pinned.size());
    steps.take(
        "weights copied again, from pinned memory", [&] { copy_to_gpu(memory[weights].data(), pinned); }, copied);
  }
  for (std::size_t i = 0; i < weights; ++i) memory[i].upload(0, host[i]);

  Launch launch;
  const AnyProblem::Candidate candidate = candidate_for(problem, device);
  start.implementation = candidate.name;
  steps.take(on_gpu ? "kernels loaded, graph captured" : "primitives made, weights packed", [&] {
    launch = problem.prepare(candidate, device, pointers);
    synchronize(device);
  });
  const auto run = [&] {
    launch(nullptr);
    synchronize(device);
  };
  steps.take(question.frames == 1 ? "first frame" : "first frames", run);
  std::vector<double> warm;
  for (int i = 0; i < question.warm_launches; ++i) warm.push_back(seconds_of(run));
  start.warm_s = warm.empty() ? 0 : median(warm);
  return start;
}

}  // namespace kernelgate
