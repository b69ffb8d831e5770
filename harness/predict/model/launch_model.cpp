#include "harness/predict/model/launch_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/base/error.h"
#include "harness/predict/model/loops.h"

namespace kernelgate::predict {
namespace {

// Registers are given to a warp by 256, shared memory to a block by 128 bytes, 1 KiB of which is the driver's from
// compute capability 8.0 on. Source  CUDA C++ Programming Guide, and the occupancy calculator.
constexpr int register_unit = 256, shared_unit = 128, reserved_shared = 1024;

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

std::int64_t count(const std::array<std::uint32_t, 3>& size) { return std::int64_t{size[0]} * size[1] * size[2]; }

const BlockTrace& heaviest(const std::vector<BlockTrace>& blocks) {
  return *std::ranges::max_element(blocks, {}, &BlockTrace::instructions);
}

/// All blocks of a multiprocessor are taken to be like the heaviest.
Replay replay_some(const LaunchQuestion& question, const Gpu& gpu, int blocks, double busy_multiprocessors, bool cold) {
  const std::vector<const BlockTrace*> together(static_cast<std::size_t>(blocks), &heaviest(*question.blocks));
  ReplayOptions options;
  options.cold = cold;
  options.keep_issues = question.keep_issues;
  FirstReads elsewhere;
  if (cold) {
    elsewhere = first_reads(*question.blocks);
    options.elsewhere = &elsewhere;
  }
  const double share = gpu.clock_hz * busy_multiprocessors;
  options.l2_bytes_per_cycle = std::min(gpu.l2_bytes_per_cycle, gpu.l2_bytes_per_s / share);
  return replay(*question.kernel, together, gpu, options);
}

void name_bound(LaunchPrediction& prediction) {
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

LaunchPrediction predict_launch(const LaunchQuestion& question, const Gpu& gpu) {
  LaunchPrediction prediction;
  prediction.kernel = question.kernel;
  prediction.blocks = count(question.launch->grid);
  prediction.at_once = blocks_at_once(*question.launch, question.needs, gpu);
  const std::int64_t on_busiest = (prediction.blocks + gpu.multiprocessors - 1) / gpu.multiprocessors;
  const double busy = static_cast<double>(std::min<std::int64_t>(prediction.blocks, gpu.multiprocessors));
  prediction.waves = static_cast<double>(prediction.blocks) / gpu.multiprocessors / prediction.at_once;
  const std::int64_t full = on_busiest / prediction.at_once;
  const int rest = static_cast<int>(on_busiest % prediction.at_once);
  const auto replay_wave = [&](int blocks, bool cold) { return replay_some(question, gpu, blocks, busy, cold); };
  // Only the first wave finds nothing in L2; what it does not hold for the later ones is in the bound by DRAM below.
  prediction.replay = replay_wave(full > 0 ? prediction.at_once : rest, question.cold);
  double cycles = prediction.replay.cycles;
  if (full > 1) {
    const double later = question.cold ? replay_wave(prediction.at_once, false).cycles : cycles;
    cycles += static_cast<double>(full - 1) * later;
  }
  if (full > 0 && rest > 0) cycles += replay_wave(rest, false).cycles;
  prediction.loops = loops_of(*question.kernel, prediction.replay);
  prediction.launch_s = gpu.launch_s;
  prediction.blocks_s = cycles / gpu.clock_hz;
  const BlockTrace& one = heaviest(*question.blocks);
  const double asked = 32.0 * static_cast<double>(one.counts.global_read_sectors + one.counts.global_written_sectors) *
                       static_cast<double>(prediction.blocks);
  const double l2_s = asked / gpu.l2_bytes_per_s;
  const bool from_dram = question.cold || question.unique_bytes > gpu.l2_bytes;
  const double dram_s = from_dram ? question.unique_bytes / gpu.dram_bytes_per_s : 0;
  prediction.bandwidth_s = std::max(l2_s, dram_s);
  prediction.bandwidth = dram_s > l2_s ? "DRAM" : "L2";
  name_bound(prediction);
  return prediction;
}

}  // namespace kernelgate::predict
