#include "bench/predict/predict_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "bench/predict/recorded_case.h"

namespace kernelgate {
namespace {

/// One state of a part: its launches in a graph, without the way to the first and from the last one.
double within_a_graph(const StatePrediction& state, const predict::Gpu& gpu) {
  const double node = gpu.graph_node_s > 0 ? gpu.graph_node_s : gpu.launch_s;
  double seconds = 0;
  for (const predict::LaunchPrediction& launch : state.launches)
    seconds += launch.overlaps ? launch.seconds() : launch.seconds() - launch.launch_s + node;
  return seconds;
}

/// Whether the kernel that a part ends with says in time that the one behind it may begin.
bool lets_the_next_begin(const StatePrediction& state) {
  return !state.launches.empty() &&
         std::ranges::any_of(state.launches.back().kernel->instructions,
                             [](const predict::Instruction& in) { return in.op == predict::Opcode::grid_trigger; });
}

struct Branches {
  std::array<double, 3> seconds{};
  /// A launch of the graph costs what a kernel's does.
  double all(const predict::Gpu& gpu) const { return gpu.launch_s + std::max(seconds[0], seconds[1]) + seconds[2]; }
};

void append(StatePrediction& all, const StatePrediction& part) {
  all.launches.insert(all.launches.end(), part.launches.begin(), part.launches.end());
}

}  // namespace

CasePrediction predict_graph(const AnyProblem& problem, const AnyProblem::Candidate& candidate,
                             const std::vector<Part>& parts, const predict::Gpu& gpu, const PredictOptions& options) {
  CasePrediction all;
  all.name = fmt::format("{}/{}/{}", problem.op(), problem.name(), candidate.name);
  all.checked = true;
  const Work work = problem.work();
  all.roofline_s = std::max(work.flop / gpu.peak_flops, work.bytes / gpu.dram_bytes_per_s);
  std::map<std::string, CasePrediction> known;  // a network has many layers twice
  Branches cold, hot;
  int branch_before = -1;
  bool lets_next_begin = false;
  for (const Part& part : parts) {
    const std::string name = fmt::format("{}/{}/{}", part.problem->op(), part.problem->name(), part.implementation);
    const bool behind = part.branch == branch_before && lets_next_begin;
    const std::string known_as = behind ? name + " behind another" : name;
    if (!known.contains(known_as)) {
      const AnyProblem::Candidate kernel = [&] {
        for (const auto& one : part.problem->implementations())
          if (one.device == DeviceKind::simt && one.name == part.implementation) return one;
        return AnyProblem::Candidate{part.implementation, Origin::ours, DeviceKind::simt};
      }();
      PredictOptions within = options;
      within.behind_kernel = behind;
      known.emplace(known_as, predict_case(*part.problem, kernel, gpu, within));
    }
    const CasePrediction& one = known.at(known_as);
    branch_before = part.branch;
    lets_next_begin = lets_the_next_begin(one.hot);
    PartPrediction said{part.name, name, one.no_ground, part.branch};
    if (one.no_ground.empty()) {
      said.hot_s = within_a_graph(one.hot, gpu);
      said.cold_s = within_a_graph(one.cold, gpu);
      const auto branch = static_cast<std::size_t>(part.branch);
      hot.seconds.at(branch) += said.hot_s;
      cold.seconds.at(branch) += said.cold_s;
      append(all.hot, one.hot);
      append(all.cold, one.cold);
      said.bound = bound_of(one.hot).bound;
      all.checked = all.checked && one.checked;
    }
    all.parts.push_back(std::move(said));
  }
  if (all.hot.launches.empty()) {
    all.no_ground = all.parts.empty() ? "it has no parts"
                                      : fmt::format("{}: {}", all.parts.front().name, all.parts.front().no_ground);
    return all;
  }
  all.hot.seconds = hot.all(gpu);
  if (gpu.dram_latency > 0) all.cold.seconds = cold.all(gpu);
  return all;
}

GraphBound bound_of(const StatePrediction& state) {
  std::map<std::string, double> seconds;
  double all = 0;
  for (const predict::LaunchPrediction& launch : state.launches) {
    seconds[launch.bound] += launch.seconds() * launch.bound_share;
    all += launch.seconds();
  }
  if (seconds.empty()) return {};
  const auto most = std::ranges::max_element(seconds, {}, [](const auto& one) { return one.second; });
  return {most->first, most->second / all};
}

}  // namespace kernelgate
