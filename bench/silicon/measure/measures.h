#pragma once
// The functions of the table in microbenchmarks.cpp, by what they measure.

#include "bench/silicon/measure/microbenchmark.h"

namespace kernelgate::silicon {

void measure_launch(Bench& bench, const Give& give);
void measure_clock(Bench& bench, const Give& give);
void measure_code(Bench& bench, const Give& give);
void measure_tensor_map(Bench& bench, const Give& give);

void measure_latency(Bench& bench, const Give& give);
void measure_bulk_latency(Bench& bench, const Give& give);
void measure_bulk_in_flight(Bench& bench, const Give& give);
void measure_l2_bandwidth(Bench& bench, const Give& give);
void measure_dram_bandwidth(Bench& bench, const Give& give);

void measure_mma(Bench& bench, const Give& give);
void measure_wgmma(Bench& bench, const Give& give);
void measure_chains(Bench& bench, const Give& give);
void measure_mbarriers(Bench& bench, const Give& give);
void measure_mixed(Bench& bench, const Give& give);
void measure_cluster(Bench& bench, const Give& give);
void measure_sustained(Bench& bench, const Give& give);

}  // namespace kernelgate::silicon
