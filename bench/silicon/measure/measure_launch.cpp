// Launches, code that is fetched, tensor maps that are fetched: what a kernel costs before it does anything.

#include "bench/silicon/measure/measures.h"
#include "bench/silicon/measure/slopes.h"

namespace kernelgate::silicon {
namespace {

double blocks(const Bench& bench) { return static_cast<double>(bench.device().multiprocessors); }

}  // namespace

void measure_launch(Bench& bench, const Give& give) {
  const auto of = [](double count) { return microbench::ClockedRun{static_cast<unsigned>(count), 128, {}}; };
  give({"launch_s", bench.seconds("nothing", of(1), CacheState::hot), "s", "an empty kernel between two events"});
  const double few = bench.seconds("nothing", of(1), CacheState::hot, 4);
  const double many = bench.seconds("nothing", of(1), CacheState::hot, 44);
  give({"launch_next_s", per_step(few, 4, many, 44), "s", "one more empty kernel in a stream"});
  give({"launch_graph_s",
        per_step(bench.graph_seconds("nothing", of(1), 4), 4, bench.graph_seconds("nothing", of(1), 44), 44), "s",
        "one more empty kernel in a graph"});
  if (bench.device().compute_capability >= 90) {
    const double few_over = bench.seconds("nothing_overlapping", of(1), CacheState::hot, 4);
    const double many_over = bench.seconds("nothing_overlapping", of(1), CacheState::hot, 44);
    give({"launch_overlapping_s", per_step(few_over, 4, many_over, 44), "s",
          "one more that may start before the one in front has ended"});
  }
  const double one = bench.seconds("nothing", of(blocks(bench)), CacheState::hot);
  const double ten = bench.seconds("nothing", of(11 * blocks(bench)), CacheState::hot);
  give({"blocks_wave_s", (ten - one) / 10, "s", "one more block of 128 threads on each multiprocessor"});
}

void measure_clock(Bench& bench, const Give& give) {
  constexpr unsigned cycles = 20'000'000;
  const microbench::ClockedRun run{1, 32, {cycles}};
  const double spun = bench.read("spin", run, CacheState::hot).first;
  give({"clock_hz", spun / bench.seconds("spin", run, CacheState::hot), "Hz", "cycles of a kernel that only waits"});
}

void measure_code(Bench& bench, const Give& give) {
  constexpr double lines = 65536.0 / 128;
  const auto cold = bench.read("code_64k", {1, 32, {}}, CacheState::cold);
  give({"cold_code", (cold.first - cold.second) / lines, "cycles",
        "128 bytes of code for the first time, beyond the second: 64 KiB in a row"});
}

void measure_tensor_map(Bench& bench, const Give& give) {
  void* memory = bench.memory(std::size_t{1} << 20);
  const auto without = bench.read("tensor_map", {1, 32, {0}, memory}, CacheState::cold);
  const auto with = bench.read("tensor_map", {1, 32, {1}, memory}, CacheState::cold);
  give({"tensor_map_first_load", without.first, "cycles", "8 KiB through a map and memory that are in no cache"});
  give({"tensor_map_prefetched_load", with.first, "cycles", "the same, the map prefetched 20000 cycles before"});
  give({"tensor_map_second_load", without.second, "cycles", "the next 8 KiB through the same map"});
}

}  // namespace kernelgate::silicon
