#include "bench/predict/predict_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "bench/predict/compare_counts.h"
#include "bench/predict/our_kernels.h"
#include "bench/predict/recorded_case.h"
#include "harness/base/error.h"
#include "harness/codegen/ptxas_log.h"

namespace kernelgate {
namespace {

// What a region lasts at least when `run` times it: 20 times the resolution of CUDA's events (docs/measuring.md).
constexpr double shortest_region_s = 10e-6;
// Instructions of all warps together that are followed of one launch, so that the largest problem takes seconds.
constexpr std::uint64_t most_followed = 3'000'000;
constexpr std::size_t most_blocks = 64;
// FLOP of one block that the host executor computes in a moment.
constexpr double most_checked_flop = 64e6;

using predict::BlockTrace;
using predict::LaunchFacts;

LaunchFacts facts_of(const simt::RecordedLaunch& launch) {
  if (launch.shape.cluster.count() > 1) throw HarnessError(ExitCode::invalid, "clusters are not in the model yet");
  const auto size = [](const simt::Dim3& d) { return std::array<std::uint32_t, 3>{d.x, d.y, d.z}; };
  return {size(launch.shape.grid), size(launch.shape.block), static_cast<unsigned>(launch.shape.dynamic_shared_bytes),
          launch.parameters};
}

std::array<std::uint32_t, 3> index_of(std::size_t number, const std::array<std::uint32_t, 3>& grid) {
  return {static_cast<std::uint32_t>(number % grid[0]), static_cast<std::uint32_t>(number / grid[0] % grid[1]),
          static_cast<std::uint32_t>(number / grid[0] / grid[1])};
}

struct FollowedLaunch {
  const OurKernel* kernel = nullptr;
  LaunchFacts facts;
  std::vector<std::size_t> numbers;
  std::vector<BlockTrace> blocks;
};

/// The first block, the last, and as many evenly between them as can be followed soon.
FollowedLaunch follow(const simt::RecordedLaunch& launch, const std::string& file, const predict::Gpu& gpu) {
  FollowedLaunch followed;
  followed.kernel = &our_kernel(file, launch.kernel, gpu.archs);
  followed.facts = facts_of(launch);
  const auto& grid = followed.facts.grid;
  const std::size_t all = std::size_t{grid[0]} * grid[1] * grid[2];
  const auto add = [&](std::size_t number) {
    followed.numbers.push_back(number);
    followed.blocks.push_back(follow_block(followed.kernel->code, followed.facts, index_of(number, grid)));
  };
  add(0);
  const std::uint64_t each = std::max<std::uint64_t>(followed.blocks.front().instructions, 1);
  const std::size_t count =
      std::min({all, most_blocks, static_cast<std::size_t>(std::max<std::uint64_t>(most_followed / each, 2))});
  for (std::size_t i = 1; i < count; ++i) add(i * (all - 1) / (count - 1));
  return followed;
}

void check(const RecordedCase& recorded, const std::vector<FollowedLaunch>& launches, const std::string& name) {
  std::set<std::size_t> chosen{0};
  for (const FollowedLaunch& launch : launches)
    if (static_cast<double>(launch.blocks.back().counts.tensor_flop) <= most_checked_flop)
      chosen.insert(launch.numbers.back());
  predict::BlockCounts code;
  for (const FollowedLaunch& launch : launches)
    for (std::size_t i = 0; i < launch.numbers.size(); ++i)
      if (chosen.contains(launch.numbers[i])) code += launch.blocks[i].counts;
  const simt::Counters executor = recorded.count({chosen.begin(), chosen.end()});
  if (const std::string what = difference(code, executor); !what.empty())
    throw HarnessError(ExitCode::wrong, fmt::format("{}: {}, in blocks {}", name, what, fmt::join(chosen, ", ")));
}

/// "sm90a" of "matmul/sm90a_small_m": code with an architecture's own instructions runs nowhere else. Empty: later ones
/// run it, too.
std::string only_arch(const std::string& file) {
  const std::string stem = file.substr(file.rfind('/') + 1);
  const std::string arch = stem.substr(0, stem.find('_'));
  return arch.starts_with("sm") && arch.ends_with('a') ? arch : "";
}

/// One execution by itself.
double predict_state(StatePrediction& state, const std::vector<FollowedLaunch>& launches, const Work& work,
                     const predict::Gpu& gpu, bool cold, bool keep_issues) {
  double seconds = 0;
  for (const FollowedLaunch& launch : launches) {
    predict::LaunchQuestion question;
    question.kernel = &launch.kernel->code;
    question.needs = launch.kernel->needs;
    question.launch = &launch.facts;
    question.blocks = &launch.blocks;
    question.unique_bytes = work.bytes;
    question.cold = cold;
    question.keep_issues = keep_issues;
    state.launches.push_back(predict_launch(question, gpu));
    seconds += state.launches.back().seconds();
  }
  return seconds;
}

}  // namespace

std::string kernel_file_label(const std::string& path) {
  const std::size_t at = path.rfind("kernels/");
  return file_label(at == std::string::npos ? path : path.substr(at));
}

CasePrediction predict_case(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const predict::Gpu& gpu,
                            const PredictOptions& options) {
  CasePrediction prediction;
  prediction.name = fmt::format("{}/{}/{}", problem.op(), problem.name(), candidate.name);
  const Work work = problem.work();
  prediction.roofline_s = std::max(work.flop / gpu.peak_flops, work.bytes / gpu.dram_bytes_per_s);
  const Device device = device_like(gpu);
  if (const Support support = problem.supports(candidate, device); !support) {
    prediction.no_ground = support.reason;
    return prediction;
  }
  const std::string file = kernel_file_label(chosen(problem, candidate, device).file);
  if (const std::string only = only_arch(file);
      !only.empty() && std::ranges::find(gpu.archs, only) == gpu.archs.end()) {
    prediction.no_ground = fmt::format("the kernel is for {} alone", only);
    return prediction;
  }
  try {
    const RecordedCase recorded(problem, candidate, device);
    std::vector<FollowedLaunch> launches;
    for (const simt::RecordedLaunch& launch : recorded.launches()) launches.push_back(follow(launch, file, gpu));
    if (options.check_counts) check(recorded, launches, prediction.name);
    const double hot = predict_state(prediction.hot, launches, work, gpu, false, options.keep_issues);
    // A sample of short work is several launches behind one flush: the first is cold, the others are not.
    prediction.launches_per_sample = static_cast<int>(std::max(std::ceil(shortest_region_s / hot), 1.0));
    const double n = prediction.launches_per_sample;
    prediction.hot.seconds = hot;
    if (gpu.dram_latency > 0) {
      const double cold = predict_state(prediction.cold, launches, work, gpu, true, false);
      prediction.cold.seconds = (cold + (n - 1) * hot) / n;
    }
  } catch (const Unsupported& why) {
    prediction.no_ground = why.what();
  } catch (const HarnessError& why) {
    if (why.code != ExitCode::invalid) throw;
    prediction.no_ground = why.what();
  }
  return prediction;
}

}  // namespace kernelgate
