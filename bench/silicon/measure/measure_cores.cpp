// Tensor Cores, shared memory, barriers: what a multiprocessor does within itself.

#include <string>
#include <vector>

#include "bench/silicon/measure/measures.h"
#include "bench/silicon/measure/slopes.h"

namespace kernelgate::silicon {
namespace {

using microbench::ClockedRun;

/// Cycles of one more of n0.
double step_of(Bench& bench, const std::string& kernel, ClockedRun run, unsigned few, unsigned many,
               double Bench::Readings::*which = &Bench::Readings::first) {
  run.n[0] = few;
  const double of_few = bench.read(kernel, run, CacheState::hot).*which;
  run.n[0] = many;
  return per_step(of_few, few, bench.read(kernel, run, CacheState::hot).*which, many);
}

}  // namespace

void measure_mma(Bench& bench, const Give& give) {
  // A round is four products of each chain; four warps are one for each scheduler.
  for (const char* shape : {"16816", "1688"}) {
    const std::string mma = std::string("mma_") + shape, key = std::string("hmma_") + shape;
    give({key, step_of(bench, mma + "_rate", {1, 128, {}}, 16, 144) / (4 * 8), "cycles",
          "one more independent product of a scheduler"});
    give({key + "_latency", step_of(bench, mma + "_chain", {1, 128, {}}, 16, 144) / 4, "cycles",
          "one more product on the same sums"});
  }
}

void measure_wgmma(Bench& bench, const Give& give) {
  void* memory = bench.memory(std::size_t{1} << 20);
  for (const char* kind : {"ss", "rs"})
    for (int n : {8, 16, 32, 64, 128, 256}) {
      const std::string kernel = std::string("wgmma_") + kind + "_n" + std::to_string(n);
      std::vector<std::pair<double, double>> issued, done;
      for (unsigned rounds : {1u, 4u, 16u}) {
        const auto cycles = bench.read(kernel, {1, 128, {rounds}, memory}, CacheState::hot);
        issued.emplace_back(4 * rounds, cycles.first);
        done.emplace_back(4 * rounds, cycles.second);
      }
      give({kernel, fit_line(done).slope, "cycles", "one more product of one warpgroup, in one group"});
      give({kernel + "_fixed", fit_line(done).intercept, "cycles", "what a group takes besides its products"});
      give({kernel + "_issue", fit_line(issued).slope, "cycles", "one more product, until it is issued"});
      give({kernel + "_two", step_of(bench, kernel, {1, 256, {}, memory}, 2, 18, &Bench::Readings::second) / 4,
            "cycles", "one more product of each of two warpgroups"});
    }
}

void measure_chains(Bench& bench, const Give& give) {
  give({"shared_latency", step_of(bench, "shared_chain", {1, 32, {}}, 64, 576), "cycles",
        "a chain of loads, each with the sum that makes its address"});
  give({"shuffle_latency", step_of(bench, "shuffle_chain", {1, 32, {}}, 64, 576), "cycles", "a chain of shuffles"});
  for (unsigned warps : {1u, 4u, 8u, 16u}) {
    const ClockedRun run{1, 32 * warps, {}};
    const std::string of = "_" + std::to_string(warps) + "_warps";
    const double barrier = step_of(bench, "barrier_chain", run, 32, 288);
    give({"barrier" + of, barrier, "cycles", "one more bar.sync of a block"});
    if (warps == 4) give({"barrier_release", barrier, "cycles", "one more bar.sync of a block of four warps"});
    give({"ldmatrix" + of, step_of(bench, "ldmatrix", run, 8, 72) / (8 * warps), "cycles",
          "one more independent ldmatrix.x4 of the multiprocessor"});
  }
  give({"ldmatrix_latency", step_of(bench, "ldmatrix", {1, 32, {0, 1}}, 32, 288), "cycles", "a chain of ldmatrix.x4"});
}

void measure_mbarriers(Bench& bench, const Give& give) {
  const ClockedRun run{1, 32, {}};
  give({"mbarrier_phase", step_of(bench, "mbarrier_chain", run, 32, 288), "cycles",
        "one more arrival that ends a phase, and the wait for it"});
  give({"mbarrier_wait", step_of(bench, "mbarrier_chain", run, 32, 288, &Bench::Readings::second), "cycles",
        "one more wait for a phase that is over"});
}

void measure_mixed(Bench& bench, const Give& give) {
  void* memory = bench.memory(std::size_t{1} << 20);
  static constexpr const char* names[] = {"", "copies", "ldmatrix", "", "mma", "", "", "all"};
  for (unsigned which : {1u, 2u, 4u, 7u})
    for (unsigned warps : {4u, 8u})
      give({std::string("mixed_") + names[which] + "_" + std::to_string(warps) + "_warps",
            step_of(bench, "mixed", {1, 32 * warps, {0, which}, memory}, 16, 144), "cycles",
            "one more round of 4 cp.async, 4 ldmatrix.x4 and 16 mma of each warp, or of these alone"});
}

void measure_cluster(Bench& bench, const Give& give) {
  for (unsigned blocks : {2u, 4u, 8u})
    give({"cluster_barrier_" + std::to_string(blocks),
          step_of(bench, "cluster_barriers", {blocks, 128, {0, blocks}}, 16, 144), "cycles",
          "one more cluster barrier of blocks of four warps"});
  give({"cluster_add_64x64", step_of(bench, "cluster_add", {2, 128, {}}, 1, 9), "cycles",
        "16 KiB of the other block's shared memory, read and added"});
}

void measure_sustained(Bench& bench, const Give& give) {
  const auto blocks = static_cast<unsigned>(bench.device().multiprocessors);
  struct Kind {
    const char* name;
    Data data;
    unsigned pause;
  };
  // A group of four products of two warpgroups takes about 600 cycles.
  static constexpr Kind kinds[] = {{"normal", Data::normal, 0},
                                   {"uniform", Data::uniform, 0},
                                   {"zeros", Data::zeros, 0},
                                   {"normal_half", Data::normal, 600},
                                   {"normal_fifth", Data::normal, 2400}};
  for (const Kind& kind : kinds) {
    const unsigned rounds = kind.pause == 0 ? 30000 : kind.pause < 1000 ? 15000 : 6000;
    const ClockedRun run{blocks, 256, {rounds, kind.pause}, bench.memory(std::size_t{1} << 20, kind.data)};
    const Sustained s = bench.sustain("wgmma_sustained", run, 0.7);
    const std::string of = std::string("sustained_") + kind.name;
    const double flop = 2.0 * 64 * 128 * 16 * 4 * 2 * rounds * blocks;
    give({of + "_clock_hz", s.cycles / s.launch_s, "Hz", "wgmma on all multiprocessors for 0.7 s"});
    give({of + "_flops", flop / s.launch_s, "FLOP/s", "the same"});
    if (s.watts > 0) give({of + "_watts", s.watts, "W", "the same, by the GPU's counter of energy"});
  }
}

}  // namespace kernelgate::silicon
