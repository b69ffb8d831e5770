#include "bench/silicon/measure/measures.h"

namespace kernelgate::silicon {

std::span<const Microbenchmark> microbenchmarks() {
  static const Microbenchmark all[] = {
      {"clock", "the clock while little is done", 75, false, measure_clock},
      {"latency", "L1, both halves of L2, DRAM behind a flush, cp.async", 75, false, measure_latency},
      {"bulk_latency", "bulk copies of 16 B to 16 KiB, from L2 and DRAM", 90, false, measure_bulk_latency},
      {"dram_bandwidth", "8 to 512 MiB behind a flush", 90, false, measure_dram_bandwidth},
      {"l2_bandwidth", "8 to 48 MiB again and again", 90, false, measure_l2_bandwidth},
      {"launch", "streams, graphs, overlap, waves of blocks", 75, false, measure_launch},
      {"wgmma", "n from 8 to 256, A in shared memory and in registers", 90, true, measure_wgmma},
      {"mma", "products and their chains", 75, false, measure_mma},
      {"bulk_in_flight", "how many bytes are under way, to one block and to two", 90, false, measure_bulk_in_flight},
      {"chains", "shared memory, shuffles, barriers, ldmatrix", 75, false, measure_chains},
      {"mbarriers", "arrivals and waits", 90, false, measure_mbarriers},
      {"code", "code for the first time", 75, false, measure_code},
      {"tensor_map", "a map for the first time, prefetched and not", 90, false, measure_tensor_map},
      {"mixed", "cp.async, ldmatrix and mma in one loop", 80, false, measure_mixed},
      {"cluster", "cluster barriers, sums over another block's memory", 90, false, measure_cluster},
      {"sustained", "clock and power of wgmma that lasts, by data and duty", 90, true, measure_sustained},
  };
  return all;
}

}  // namespace kernelgate::silicon
