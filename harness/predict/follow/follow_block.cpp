#include "harness/predict/follow/follow_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "harness/base/error.h"
#include "harness/predict/follow/warp.h"

namespace kernelgate::predict {

// Source  nvcc 13.0's code for each architecture.
unsigned parameters_at(const std::string& arch) {
  const int number = std::stoi(arch.substr(2));
  if (number >= 70 && number < 90) return 0x160;
  if (number == 90) return 0x210;
  throw HarnessError(ExitCode::invalid, fmt::format("where {} keeps a kernel's parameters is not known", arch));
}

namespace {

/// The order of a block's warps: each as far as the next barrier, and on when that is complete.
class Meetings {
 public:
  explicit Meetings(std::vector<Warp>& warps) : warps_(warps), waits_at_(warps.size(), none) {}

  void run_all() {
    while (std::ranges::any_of(warps_, [](const Warp& warp) { return warp.live_threads() > 0; })) {
      bool ran = false;
      for (std::size_t w = 0; w < warps_.size(); ++w) {
        if (warps_[w].live_threads() == 0 || waits_at_[w] != none) continue;
        ran = true;
        for (const Warp::Arrival& arrival : warps_[w].run()) add(w, arrival);
      }
      open_complete();
      // In the replay a wait that never ends is an error that says why; here all of them end.
      if (!ran) waits_at_.assign(warps_.size(), none);
    }
  }

 private:
  static constexpr std::uint32_t none = ~0u;
  struct Meeting {
    std::uint32_t threads = 0, wanted = 0;
  };

  void add(std::size_t warp, const Warp::Arrival& arrival) {
    Meeting& meeting = meetings_[arrival.number];
    meeting.threads += arrival.threads;
    meeting.wanted = std::max(meeting.wanted, arrival.wanted);
    if (arrival.waits) waits_at_[warp] = arrival.number;
  }

  void open_complete() {
    std::uint32_t all = 0;
    for (const Warp& warp : warps_) all += warp.live_threads();
    for (auto& [number, meeting] : meetings_) {
      if (meeting.threads == 0 || meeting.threads < (meeting.wanted != 0 ? meeting.wanted : all)) continue;
      std::ranges::replace(waits_at_, number, none);
      meeting = {};
    }
  }

  std::vector<Warp>& warps_;
  std::vector<std::uint32_t> waits_at_;
  std::map<std::uint32_t, Meeting> meetings_;
};

}  // namespace

BlockTrace follow_block(const SassKernel& kernel, const LaunchFacts& launch, std::array<std::uint32_t, 3> block_index) {
  ConstantBank constants;
  constants.parameters = launch.parameters;
  const unsigned unit = launch.parameters_alignment;
  constants.parameters_at = (parameters_at(kernel.arch) + unit - 1) / unit * unit;
  constants.block = launch.block;
  constants.grid = launch.grid;
  constants.in_cluster = launch.cluster_blocks() > 1;
  const unsigned threads = launch.block[0] * launch.block[1] * launch.block[2];
  SharedContents shared;
  std::vector<Warp> warps;
  warps.reserve((threads + warp_lanes - 1) / warp_lanes);
  for (unsigned first = 0; first < threads; first += warp_lanes)
    warps.emplace_back(kernel, constants, launch, shared, block_index, first, std::min(threads - first, warp_lanes));
  Meetings(warps).run_all();
  BlockTrace trace;
  for (Warp& warp : warps) {
    trace.warps.push_back(warp.finish(trace.counts));
    trace.instructions += trace.warps.back().steps.size();
  }
  // Each warp counted it once.
  const std::uint64_t count = std::max<std::uint64_t>(trace.warps.size(), 1);
  trace.counts.block_barriers /= count;
  trace.counts.cluster_barriers /= count;
  return trace;
}

}  // namespace kernelgate::predict
