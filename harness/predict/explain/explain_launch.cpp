#include "harness/predict/explain/explain_launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace kernelgate::predict {
namespace {

struct Wait {
  Reason reason;
  double cycles;
};

std::vector<Wait> sorted(const std::array<double, reason_count>& cycles) {
  std::vector<Wait> waits;
  for (std::size_t i = 0; i < reason_count; ++i)
    if (cycles[i] > 0) waits.push_back({static_cast<Reason>(i), cycles[i]});
  std::ranges::stable_sort(waits, std::greater<>(), &Wait::cycles);
  return waits;
}

std::string loop_text(const Loop& loop, bool outside) {
  const auto rounds = static_cast<double>(loop.iterations);
  std::string text = outside ? fmt::format("  outside loops: {:.0f} cycles", loop.cycles)
                             : fmt::format("  loop of {} instructions, {} rounds: {:.1f} cycles a round",
                                           loop.last - loop.first + 1, loop.iterations, loop.cycles / rounds);
  const char* between = ": ";
  for (const Wait& wait : sorted(loop.cycles_by_reason)) {
    if (wait.cycles < 0.02 * loop.cycles) break;
    text += fmt::format("{}{:.0f} {}", between, wait.cycles / rounds, to_string(wait.reason));
    between = ", ";
  }
  return text + "\n";
}

/// How far a launch is from what the Tensor Cores could do at the clock that the power cap leaves them.
std::string power_text(const LaunchPrediction& prediction, const Gpu& gpu) {
  if (prediction.power_s <= 0) return "";
  return fmt::format(
      "  The power cap leaves the Tensor Cores {:.0f} of {:.0f} TFLOP/s, as at {:.0f} MHz: {:.2f} us at least; "
      "predicted {:+.1f} %\n",
      gpu.sustained_flops * 1e-12, gpu.peak_flops * 1e-12, gpu.clock_hz * 1e-6 * gpu.sustained_flops / gpu.peak_flops,
      prediction.power_s * 1e6, 100 * (prediction.seconds() / prediction.power_s - 1));
}

/// The instructions of one warp between two passes of the loop's last branch, in the middle of all.
std::string steady_round(const LaunchPrediction& prediction, const Loop& loop) {
  const auto& issues = prediction.replay.issues.at(prediction.replay.slowest_warp);
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < issues.size(); ++i)
    if (issues[i].instruction == loop.last) ends.push_back(i);
  if (ends.size() < 3) return "";
  const std::size_t begin = ends[ends.size() / 2] + 1, end = ends[ends.size() / 2 + 1];
  std::string text =
      fmt::format("\n  One round in the middle, warp {}: cycle, cycles since the one before, instruction\n",
                  prediction.replay.slowest_warp);
  for (std::size_t i = begin; i <= end; ++i) {
    const Issue& one = issues[i];
    text += fmt::format("  {:7.0f} {:5.0f}  {}", one.at - issues[begin].at, one.waited,
                        prediction.kernel->instructions[one.instruction].text);
    // A stall count of a few cycles is every instruction's.
    text += one.reason == Reason::issue || one.waited < 8 ? "\n" : fmt::format("    <- {}\n", to_string(one.reason));
  }
  return text;
}

}  // namespace

std::string explain(const LaunchPrediction& prediction, const Gpu& gpu) {
  const double us = 1e6;
  std::string text = fmt::format(
      "  {} blocks, {} at once on a multiprocessor, {:.2f} waves\n"
      "  {:.2f} us: launch {:.2f}, blocks {:.2f} ({:.0f} cycles of {:.0f} MHz); {} takes {:.2f} at least\n",
      prediction.blocks, prediction.at_once, prediction.waves, prediction.seconds() * us, prediction.launch_s * us,
      prediction.blocks_s * us, prediction.blocks_s * gpu.clock_hz, gpu.clock_hz * 1e-6, prediction.bandwidth,
      prediction.bandwidth_s * us);
  text += power_text(prediction, gpu);
  for (const Loop& loop : prediction.loops) text += loop_text(loop, &loop == &prediction.loops.back());
  const std::vector<Wait> waits = sorted(prediction.replay.cycles_by_reason);
  if (waits.size() > 1)
    text += fmt::format("  Without the {}, {:.0f} % of the blocks' time, most would be spent on: {}\n",
                        to_string(waits[0].reason), 100 * waits[0].cycles / prediction.replay.cycles,
                        to_string(waits[1].reason));
  if (!prediction.replay.issues.empty() && prediction.loops.size() > 1)
    text += steady_round(prediction, prediction.loops.front());
  return text;
}

nlohmann::json trace(const LaunchPrediction& prediction, const Gpu& gpu, std::size_t most) {
  nlohmann::json events = nlohmann::json::array();
  const double us = 1e6 / gpu.clock_hz;
  const std::size_t warps = std::max<std::size_t>(prediction.replay.issues.size(), 1);
  for (std::size_t w = 0; w < prediction.replay.issues.size(); ++w) {
    const auto& issues = prediction.replay.issues[w];
    for (std::size_t i = 0; i < issues.size() && i < most / warps; ++i) {
      const Issue& one = issues[i];
      events.push_back({{"name", prediction.kernel->instructions[one.instruction].opcode},
                        {"cat", to_string(one.reason)},
                        {"ph", "X"},
                        {"pid", 1},
                        {"tid", w},
                        {"ts", (one.at - one.waited) * us},
                        {"dur", one.waited * us},
                        {"args",
                         {{"instruction", prediction.kernel->instructions[one.instruction].text},
                          {"waited for", to_string(one.reason)},
                          {"cycles", one.waited}}}});
    }
  }
  return {{"displayTimeUnit", "ns"}, {"otherData", {{"predicted", true}, {"gpu", gpu.name}}}, {"traceEvents", events}};
}

}  // namespace kernelgate::predict
