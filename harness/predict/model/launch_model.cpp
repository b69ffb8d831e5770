#include "harness/predict/model/launch_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "harness/base/error.h"
#include "harness/predict/model/loops.h"

namespace kernelgate::predict {
namespace {

// Registers are given to a warp by 256, shared memory to a block by 128 bytes, 1 KiB of which is the driver's from
// compute capability 8.0 on. Source  CUDA C++ Programming Guide, and the occupancy calculator.
constexpr int register_unit = 256, shared_unit = 128, reserved_shared = 1024;

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

std::int64_t count(const std::array<std::uint32_t, 3>& size) { return std::int64_t{size[0]} * size[1] * size[2]; }

/// The blocks of the cluster that has most to do.
std::span<const BlockTrace> heaviest(const LaunchQuestion& question) {
  const std::span<const BlockTrace> all(*question.blocks);
  const std::size_t cluster = question.launch->cluster_blocks();
  std::span<const BlockTrace> most;
  std::uint64_t instructions = 0;
  for (std::size_t i = 0; i + cluster <= all.size(); i += cluster) {
    std::uint64_t sum = 0;
    for (const BlockTrace& block : all.subspan(i, cluster)) sum += block.instructions;
    if (!most.empty() && sum <= instructions) continue;
    most = all.subspan(i, cluster);
    instructions = sum;
  }
  return most;
}

/// What TMA asks for, a byte of the tensors, how often.
double times_asked(const LaunchQuestion& question, std::int64_t blocks) {
  double bytes = 0;
  for (const BlockTrace& block : *question.blocks) bytes += static_cast<double>(block.counts.tma_read_bytes);
  bytes *= static_cast<double>(blocks) / static_cast<double>(question.blocks->size());
  return std::max(bytes / std::max(question.unique_bytes, 1.0), 1.0);
}

bool loads_boxes(const LaunchQuestion& question) {
  return std::ranges::any_of(*question.blocks, [](const BlockTrace& one) { return one.counts.tma_read_bytes > 0; });
}

/// All blocks of a multiprocessor are taken to be like the heaviest.
Replay replay_some(const LaunchQuestion& question, const Gpu& gpu, int clusters, double busy_multiprocessors,
                   std::int64_t blocks, bool cold, double previous_ends) {
  std::vector<const BlockTrace*> together;
  for (int i = 0; i < clusters; ++i)
    for (const BlockTrace& block : heaviest(question)) together.push_back(&block);
  ReplayOptions options;
  options.cold = cold;
  options.cluster = question.launch->cluster_blocks();
  options.registers = question.needs.registers;
  options.keep_issues = question.keep_issues;
  options.previous_ends = previous_ends;
  options.boxes_from_dram = loads_boxes(question) && (cold || question.unique_bytes > gpu.l2_bytes);
  FirstReads elsewhere;
  if (cold || options.boxes_from_dram) {
    elsewhere = first_reads(*question.blocks);
    options.elsewhere = &elsewhere;
  }
  const double share = gpu.clock_hz * busy_multiprocessors;
  options.l2_bytes_per_cycle = std::min(gpu.l2_bytes_per_cycle, gpu.l2_bytes_per_s / share);
  options.dram_bytes_per_cycle = gpu.dram_bytes_per_s / share * times_asked(question, blocks);
  return replay(*question.kernel, together, gpu, options);
}

void name_bound(LaunchPrediction& prediction) {
  if (prediction.power_s > std::max(prediction.blocks_s, prediction.bandwidth_s)) {
    prediction.bound = "power";
    prediction.bound_share = prediction.power_s / prediction.seconds();
    return;
  }
  if (prediction.bandwidth_s > prediction.blocks_s) {
    prediction.bound = prediction.bandwidth + " bandwidth";
    prediction.bound_share = prediction.bandwidth_s / prediction.seconds();
    return;
  }
  const auto& reasons = prediction.replay.cycles_by_reason;
  const auto most = std::ranges::max_element(reasons);
  double sum = 0;
  for (const double cycles : reasons) sum += cycles;
  const double share = sum > 0 ? *most / sum : 0;
  prediction.bound = to_string(static_cast<Reason>(most - reasons.begin()));
  prediction.bound_share = share * prediction.blocks_s / prediction.seconds();
  if (prediction.launch_s > prediction.bound_share * prediction.seconds()) {
    prediction.bound = "launch";
    prediction.bound_share = prediction.launch_s / prediction.seconds();
  }
}

}  // namespace

int blocks_at_once(const LaunchFacts& launch, const KernelNeeds& needs, const Gpu& gpu) {
  const auto threads = static_cast<int>(count(launch.block));
  const int warps = (threads + 31) / 32;
  const int by_registers = gpu.registers / (round_up(std::max(needs.registers, 1) * 32, register_unit) * warps);
  const int shared = round_up(
      static_cast<int>(launch.dynamic_shared_bytes) + needs.static_shared_bytes + reserved_shared, shared_unit);
  const int blocks =
      std::min({by_registers, gpu.shared_bytes / shared, gpu.max_threads / (32 * warps), gpu.max_blocks});
  if (blocks < 1)
    throw HarnessError(
        ExitCode::invalid,
        fmt::format("a block of {} threads with {} registers each and {} bytes of shared memory does not "
                    "fit on a multiprocessor of {}",
                    threads, needs.registers, shared, gpu.title));
  return blocks;
}

int cluster_places(unsigned cluster, const Gpu& gpu) {
  const auto blocks = static_cast<int>(cluster);
  if (gpu.gpcs.empty()) return gpu.multiprocessors / blocks;
  int places = 0;
  for (const int multiprocessors : gpu.gpcs) places += multiprocessors / blocks;
  if (places < 1)
    throw HarnessError(ExitCode::invalid, fmt::format("no cluster of {} blocks fits on {}", blocks, gpu.title));
  return places;
}

LaunchPrediction predict_launch(const LaunchQuestion& question, const Gpu& gpu) {
  LaunchPrediction prediction;
  prediction.kernel = question.kernel;
  prediction.blocks = count(question.launch->grid);
  prediction.cluster = static_cast<int>(question.launch->cluster_blocks());
  prediction.at_once = blocks_at_once(*question.launch, question.needs, gpu);
  const std::int64_t clusters = prediction.blocks / prediction.cluster;
  const int places = cluster_places(question.launch->cluster_blocks(), gpu);
  const std::int64_t on_busiest = (clusters + places - 1) / places;
  const auto busy = static_cast<double>(std::min<std::int64_t>(clusters, places) * prediction.cluster);
  prediction.waves = static_cast<double>(clusters) / places / prediction.at_once;
  const std::int64_t full = on_busiest / prediction.at_once;
  const int rest = static_cast<int>(on_busiest % prediction.at_once);
  // Its first blocks are there when the kernel before leaves their multiprocessors, and may do what does not depend on
  // it until it has ended everywhere, which takes as long as a graph takes from one kernel to the next.
  prediction.overlaps = question.launch->overlaps_previous;
  prediction.launch_s = prediction.overlaps && gpu.graph_node_s > 0 ? gpu.graph_node_s : gpu.launch_s;
  const double previous_ends = prediction.overlaps ? prediction.launch_s * gpu.clock_hz : 0;
  const auto replay_wave = [&](int at_once, bool cold, double from = 0) {
    return replay_some(question, gpu, at_once, busy, prediction.blocks, cold, from);
  };
  // Only the first wave finds nothing in L2; what it does not hold for the later ones is in the bound by DRAM below.
  // What TMA brings, each wave asks for itself.
  const bool stays_cold = question.cold && loads_boxes(question);
  prediction.replay = replay_wave(full > 0 ? prediction.at_once : rest, question.cold, previous_ends);
  double cycles = std::max(prediction.replay.cycles - previous_ends, 0.0);
  if (full > 1) {
    const double later = prediction.overlaps || (question.cold && !stays_cold)
                             ? replay_wave(prediction.at_once, stays_cold).cycles
                             : prediction.replay.cycles;
    cycles += static_cast<double>(full - 1) * later;
  }
  if (full > 0 && rest > 0) cycles += replay_wave(rest, stays_cold).cycles;
  prediction.error_unknown = prediction.cluster > 1 || std::ranges::any_of(*question.blocks, [](const BlockTrace& one) {
                               return one.counts.tma_read_bytes > 0 || one.counts.wgmma > 0;
                             });
  prediction.loops = loops_of(*question.kernel, prediction.replay);
  prediction.blocks_s = cycles / gpu.clock_hz;
  double sectors = 0;
  for (const BlockTrace& one : heaviest(question))
    sectors += static_cast<double>(one.counts.global_read_sectors + one.counts.global_written_sectors);
  const double l2_s = 32 * sectors * static_cast<double>(clusters) / gpu.l2_bytes_per_s;
  const bool from_dram = question.cold || question.unique_bytes > gpu.l2_bytes;
  const double dram_s = from_dram ? question.unique_bytes / gpu.dram_bytes_per_s : 0;
  prediction.bandwidth_s = std::max(l2_s, dram_s);
  prediction.bandwidth = dram_s > l2_s ? "DRAM" : "L2";
  if (gpu.sustained_flops > 0 && std::max(prediction.blocks_s, prediction.bandwidth_s) > gpu.power_after_s)
    prediction.power_s = question.flop / gpu.sustained_flops;
  name_bound(prediction);
  return prediction;
}

}  // namespace kernelgate::predict
