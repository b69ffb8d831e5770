#include "bench/predict/predict_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <set>
#include <span>

#include "bench/predict/compare_counts.h"
#include "bench/predict/our_kernels.h"
#include "bench/predict/predict_graph.h"
#include "bench/predict/recorded_case.h"
#include "bench/predict/tensor_facts.h"
#include "harness/base/error.h"
#include "harness/codegen/ptxas_log.h"
#include "kernels/op/behind_kernel.h"

namespace kernelgate {
namespace {

// What a region lasts at least when `run` times it: 20 times the resolution of CUDA's events (docs/measuring.md).
constexpr double shortest_region_s = 10e-6;
// Instructions of all warps together that are followed of one launch, so that the largest problem takes seconds.
constexpr std::uint64_t most_followed = 3'000'000;
constexpr std::size_t most_blocks = 64;
// FLOP of one block that the host executor computes in a moment.
constexpr double most_checked_flop = 64e6;
// Of the first one, which is checked where it can be.
constexpr double most_checked_flop_first = 600e6;

constexpr std::size_t most_tables = 64;  // as many as a trace tells apart

using predict::BlockTrace;
using predict::LaunchFacts;

using Size = std::array<std::uint32_t, 3>;

Size size(const simt::Dim3& d) { return {d.x, d.y, d.z}; }

LaunchFacts facts_of(const simt::RecordedLaunch& launch) {
  LaunchFacts facts;
  facts.grid = size(launch.shape.grid);
  facts.block = size(launch.shape.block);
  facts.cluster = size(launch.shape.cluster);
  facts.dynamic_shared_bytes = static_cast<unsigned>(launch.shape.dynamic_shared_bytes);
  facts.parameters = launch.parameters;
  facts.parameters_alignment = static_cast<unsigned>(launch.parameters_alignment);
  facts.read_tensor_map = tensor_facts;
  facts.overlaps_previous = launch.shape.overlaps_previous;
  return facts;
}

std::size_t count(const Size& size) { return std::size_t{size[0]} * size[1] * size[2]; }

Size index_of(std::size_t number, const Size& within) {
  return {static_cast<std::uint32_t>(number % within[0]), static_cast<std::uint32_t>(number / within[0] % within[1]),
          static_cast<std::uint32_t>(number / within[0] / within[1])};
}

struct FollowedLaunch {
  const OurKernel* kernel = nullptr;
  LaunchFacts facts;
  bool as_if_none_wrote = false;  ///< CasePrediction's
  std::vector<std::size_t> clusters;
  std::vector<BlockTrace> blocks;  ///< of each cluster all
  std::span<const BlockTrace> cluster(std::size_t i) const {
    return std::span(blocks).subspan(i * facts.cluster_blocks(), facts.cluster_blocks());
  }
};

double flop_of(std::span<const BlockTrace> blocks) {
  double flop = 0;
  for (const BlockTrace& block : blocks) flop += static_cast<double>(block.counts.tensor_flop);
  return flop;
}

using Tables = std::vector<std::span<const std::byte>>;

/// What a launch writes, the next one finds changed.
void forget_written(Tables& tables, FollowedLaunch& launch) {
  predict::BlockCounts all;
  for (const BlockTrace& block : launch.blocks) all += block.counts;
  launch.as_if_none_wrote = (all.tables_read & all.tables_written) != 0;
  for (std::size_t i = tables.size(); i-- > 0;)
    if ((all.tables_written >> i & 1) != 0) tables.erase(tables.begin() + static_cast<std::ptrdiff_t>(i));
}

std::vector<BlockTrace> follow_cluster(const FollowedLaunch& launch, std::size_t number) {
  const Size &grid = launch.facts.grid, &cluster = launch.facts.cluster;
  const Size at = index_of(number, {grid[0] / cluster[0], grid[1] / cluster[1], grid[2] / cluster[2]});
  std::vector<BlockTrace> blocks;
  for (std::size_t rank = 0; rank < count(cluster); ++rank) {
    const Size in = index_of(rank, cluster);
    blocks.push_back(
        follow_block(launch.kernel->code, launch.facts,
                     {at[0] * cluster[0] + in[0], at[1] * cluster[1] + in[1], at[2] * cluster[2] + in[2]}));
  }
  return blocks;
}

/// The first cluster, the last, and as many evenly between them as can be followed soon. Most clusters are of one
/// block.
FollowedLaunch follow(const simt::RecordedLaunch& launch, const std::string& file, const predict::Gpu& gpu,
                      Tables& tables) {
  FollowedLaunch followed;
  followed.kernel = &our_kernel(file, launch.kernel, gpu.archs);
  followed.facts = facts_of(launch);
  followed.facts.tables = tables;
  followed.facts.arrives_last = true;  // it adds up what the others left: the time is that block's
  std::uint64_t each = 0;
  const auto add = [&](std::size_t number) {
    followed.clusters.push_back(number);
    for (BlockTrace& block : follow_cluster(followed, number)) {
      each += block.instructions;
      followed.blocks.push_back(std::move(block));
    }
  };
  add(0);
  const std::size_t all = count(followed.facts.grid) / followed.facts.cluster_blocks();
  const std::size_t some = std::min(
      {all, most_blocks,
       static_cast<std::size_t>(std::max<std::uint64_t>(most_followed / std::max<std::uint64_t>(each, 1), 2))});
  for (std::size_t i = 1; i < some; ++i) add(i * (all - 1) / (some - 1));
  forget_written(tables, followed);
  return followed;
}

bool divides_work(const FollowedLaunch& launch) {
  return std::ranges::any_of(launch.blocks, [](const BlockTrace& one) { return one.counts.arrivals > 0; });
}

/// As the executor runs it: alone, so that of blocks that divide their work it is the first to arrive.
std::vector<BlockTrace> follow_first(FollowedLaunch launch) {
  launch.facts.arrives_last = false;
  return follow_cluster(launch, 0);
}

predict::BlockCounts counts_of(std::span<const BlockTrace> cluster) {
  predict::BlockCounts all;
  for (const BlockTrace& block : cluster) {
    predict::BlockCounts counts = block.counts;
    if (&block != cluster.data()) counts.cluster_barriers = 0;  // all of its blocks meet at one
    all += counts;
  }
  return all;
}

/// Of one cluster, which another launch's choice may be: the executor counts the same numbers in each.
predict::BlockCounts counts_of(const FollowedLaunch& launch, std::size_t number) {
  const auto at = std::ranges::find(launch.clusters, number);
  if (at == launch.clusters.end()) return counts_of(follow_cluster(launch, number));
  return counts_of(launch.cluster(static_cast<std::size_t>(at - launch.clusters.begin())));
}

/// False where it would take too long.
bool check(const RecordedCase& recorded, const std::vector<FollowedLaunch>& launches, const std::string& name) {
  std::set<std::size_t> chosen{0};
  for (const FollowedLaunch& launch : launches)
    if (flop_of(launch.cluster(0)) > most_checked_flop_first) return false;
  // The last cluster, too, but where it may find that others have arrived.
  const bool last_alike = std::ranges::none_of(launches, divides_work);
  for (const FollowedLaunch& launch : launches)
    if (last_alike && flop_of(launch.cluster(launch.clusters.size() - 1)) <= most_checked_flop)
      chosen.insert(launch.clusters.back());
  predict::BlockCounts code;
  for (const FollowedLaunch& launch : launches)
    for (const std::size_t number : chosen)
      if (number < count(launch.facts.grid) / launch.facts.cluster_blocks())
        code += divides_work(launch) ? counts_of(follow_first(launch)) : counts_of(launch, number);
  const simt::Counters executor = recorded.count({chosen.begin(), chosen.end()});
  if (const std::string what = difference(code, executor); !what.empty())
    throw HarnessError(ExitCode::wrong, fmt::format("{}: {}, in blocks {}", name, what, fmt::join(chosen, ", ")));
  return true;
}

/// Why a GPU has no code of a kernel, by the name of its file: "sm90a" of "matmul/sm90a_small_m" is an architecture
/// whose own instructions run nowhere else, sm90 one that later ones run, too. Empty: it has.
std::string missing_arch(const std::string& file, const predict::Gpu& gpu) {
  const std::string stem = file.substr(file.rfind('/') + 1), arch = stem.substr(0, stem.find('_'));
  if (!arch.starts_with("sm")) return "";
  if (arch.ends_with('a'))
    return std::ranges::find(gpu.archs, arch) != gpu.archs.end() ? "" : fmt::format("the kernel is for {} alone", arch);
  return std::atoi(arch.c_str() + 2) <= gpu.compute_capability ? ""
                                                               : fmt::format("the kernel is for {} and later", arch);
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
    question.flop = flop_of(launch.blocks) > 0 ? work.flop : 0;
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
  if (const std::vector<Part> parts = problem.parts(candidate); !parts.empty())
    return predict_graph(problem, candidate, parts, gpu, options);
  const std::string file = kernel_file_label(chosen(problem, candidate, device).file);
  if (prediction.no_ground = missing_arch(file, gpu); !prediction.no_ground.empty()) return prediction;
  try {
    // Recording and counting are the process's; following and replaying is not.
    static std::mutex executor;
    std::unique_lock lock(executor);
    const BehindKernel behind(options.behind_kernel);
    const RecordedCase recorded(problem, candidate, device);
    lock.unlock();
    std::vector<FollowedLaunch> launches;
    Tables tables = recorded.tables();
    if (tables.size() > most_tables) tables.clear();
    for (const simt::RecordedLaunch& launch : recorded.launches())
      launches.push_back(follow(launch, file, gpu, tables));
    prediction.as_if_none_wrote = std::ranges::any_of(launches, &FollowedLaunch::as_if_none_wrote);
    lock.lock();
    prediction.checked = options.check_counts && check(recorded, launches, prediction.name);
    lock.unlock();
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
