// Latencies and bandwidths of the levels of memory.

#include <algorithm>
#include <array>
#include <string>

#include "bench/silicon/measure/measures.h"
#include "bench/silicon/measure/slopes.h"

namespace kernelgate::silicon {
namespace {

using microbench::ClockedRun;

constexpr std::size_t MiB = std::size_t{1} << 20;

/// Cycles of one load of a chain through so many bytes, each step on a line of its own.
double chained(Bench& bench, std::size_t bytes, CacheState state, unsigned warm_up) {
  const auto count = static_cast<unsigned>(bytes / 16);
  // An odd number of 16-byte elements, 33 KiB where there is room: it meets every element before it returns.
  const unsigned stride = count > 65536 ? 2113 : 9;
  ClockedRun run{1, 32, {0, warm_up, count, stride}, bench.memory(bytes)};
  bench.run("make_chain", run);
  run.n[0] = 256;
  const double few = bench.read("load_chain", run, state).first;
  run.n[0] = 1280;
  return per_step(few, 256, bench.read("load_chain", run, state).first, 1280);
}

std::string kib(std::size_t bytes) { return std::to_string(bytes / 1024) + "k"; }

/// Bytes a second by which all multiprocessors read the same `bytes` again and again.
double read_rate(Bench& bench, std::size_t bytes) {
  const auto blocks = static_cast<unsigned>(bench.device().multiprocessors);
  ClockedRun run{blocks, 32, {4, 16384, static_cast<unsigned>(bytes / 1024)}, bench.memory(bytes)};
  const double few = bench.seconds("bulk_stream", run, CacheState::hot);
  run.n[0] = 24;
  const double many = bench.seconds("bulk_stream", run, CacheState::hot);
  return static_cast<double>(bytes) / per_step(few, 4, many, 24);
}

}  // namespace

void measure_latency(Bench& bench, const Give& give) {
  give({"l1_latency", chained(bench, 16384, CacheState::hot, 1024), "cycles",
        "a chain of loads through 16 KiB, each with the sum that makes its address"});
  give({"l2_latency", chained(bench, 8 * MiB, CacheState::hot, 0), "cycles", "the same through 8 MiB"});
  const std::size_t l2 = bench.device().l2_bytes;
  if (l2 > 0)
    give({"l2_far_latency", chained(bench, l2 / 16 * 16 * 6 / 10, CacheState::hot, 0), "cycles",
          "a chain of loads through six tenths of the L2"});
  give({"dram_latency", chained(bench, 64 * MiB, CacheState::cold, 0), "cycles",
        "a chain of loads through 64 MiB behind a flush"});
  if (bench.device().compute_capability < 80) return;
  void* memory = bench.memory(MiB);
  const double few = bench.read("cp_async", {1, 32, {4}, memory}, CacheState::hot).first;
  give({"async_copy_issue", per_step(few, 4, bench.read("cp_async", {1, 32, {20}, memory}, CacheState::hot).first, 20),
        "cycles", "one more cp.async of 16 bytes of a warp, until it is issued"});
  for (CacheState state : {CacheState::hot, CacheState::cold})
    give({std::string("cp_async_latency_") + to_string(state),
          bench.read("cp_async", {1, 32, {1}, memory}, state).second, "cycles",
          "512 bytes by cp.async, until they are there"});
}

void measure_bulk_latency(Bench& bench, const Give& give) {
  void* memory = bench.memory(MiB);
  for (CacheState state : {CacheState::hot, CacheState::cold})
    for (std::size_t bytes : {16u, 1024u, 2048u, 4096u, 8192u, 16384u})
      give({std::string("bulk_latency_") + std::to_string(bytes) + "_" + to_string(state),
            bench.read("bulk_at_once", {1, 32, {1, static_cast<unsigned>(bytes)}, memory}, state).second, "cycles",
            "one bulk copy, until it is there"});
}

void measure_bulk_in_flight(Bench& bench, const Give& give) {
  void* memory = bench.memory(MiB);
  for (const char* kernel : {"bulk_at_once", "bulk_at_once_for_two"})
    for (std::size_t bytes : {8192u, 16384u, 32768u}) {
      const std::string of = (std::string(kernel).ends_with("two") ? "bulk_multicast_" : "bulk_") + kib(bytes);
      std::vector<std::pair<double, double>> issued, there;
      for (unsigned count : {1u, 2u, 4u, 6u}) {
        const auto cycles = bench.read(kernel, {2, 32, {count, static_cast<unsigned>(bytes)}, memory}, CacheState::hot);
        issued.emplace_back(count, cycles.first);
        there.emplace_back(static_cast<double>(count * bytes), cycles.second);
      }
      give({of + "_issue", fit_line(issued).slope, "cycles", "one more of these copies, until it is issued"});
      give({of + "_bytes_per_cycle", 1 / fit_line(there).slope, "B/cycle", "of one multiprocessor, from L2"});
      give({of + "_fixed", fit_line(there).intercept, "cycles", "what copies take besides their bytes"});
    }
}

void measure_l2_bandwidth(Bench& bench, const Give& give) {
  for (std::size_t mib : {8u, 16u, 32u, 40u, 48u}) {
    const double rate = read_rate(bench, mib * MiB);
    give({"l2_bytes_per_s_" + std::to_string(mib) + "m", rate, "B/s", "bulk copies of all multiprocessors"});
    if (mib == 16) give({"l2_bytes_per_s", rate, "B/s", "bulk copies of all multiprocessors, of 16 MiB"});
  }
}

void measure_dram_bandwidth(Bench& bench, const Give& give) {
  const auto blocks = static_cast<unsigned>(bench.device().multiprocessors);
  void* memory = bench.memory(512 * MiB);
  std::vector<std::pair<double, double>> points;
  for (std::size_t mib : {8u, 32u, 64u, 128u, 256u, 512u}) {
    const ClockedRun run{blocks, 32, {1, 16384, static_cast<unsigned>(mib * 1024)}, memory};
    points.emplace_back(static_cast<double>(mib * MiB), bench.seconds("bulk_stream", run, CacheState::cold));
    give({"dram_s_" + std::to_string(mib) + "m", points.back().second, "s", "so many MiB behind a flush, once"});
  }
  const Line line = fit_line(std::span(points).subspan(1));
  give({"dram_bytes_per_s", 1 / line.slope, "B/s", "the slope from 32 to 512 MiB"});
  give({"dram_fixed_s", line.intercept, "s", "what is left of that line with no bytes"});
}

}  // namespace kernelgate::silicon
