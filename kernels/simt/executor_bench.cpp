// How fast the host executor is: it must stay quick enough that every kernel is verified on every commit.
//
//   build/simt_bench            (Google Benchmark: --benchmark_filter=, --benchmark_repetitions=)

#include <benchmark/benchmark.h>

#include "kernels/simt/simt.h"

namespace kernelgate::simt {
namespace {

constexpr int operations = 1000;  // of each warp in one launch, so that starting the fibers counts for little

SIMT_KERNEL(32) void multiply(float* sink) {
  float d[4] = {};
  const std::uint32_t a[4] = {0x3c003c00u, 0x3c003c00u, 0x3c003c00u, 0x3c003c00u}, b[2] = {0x3c003c00u, 0x3c003c00u};
  for (int i = 0; i < operations; ++i) mma_m16n8k16(d, a, b);
  if (d[0] < 0) store_global(sink, d[0]);
}

SIMT_KERNEL(256) void meet() {
  for (int i = 0; i < operations; ++i) sync_threads();
}

SIMT_KERNEL(32) void exchange(unsigned* sink) {
  unsigned value = lane_idx();
  for (int i = 0; i < operations; ++i) value = shuffle_xor(value, 1);
  if (value > 31) store_global(sink, value);
}

SIMT_KERNEL(256) void nothing() {}

/// One block for each core that the executor uses.
LaunchShape shape(unsigned threads) { return {{static_cast<unsigned>(host_threads())}, {threads}, 0, "bench"}; }

void per_second(benchmark::State& state, const char* what, double in_one_launch) {
  state.counters[what] =
      benchmark::Counter(in_one_launch * host_threads(), benchmark::Counter::kIsIterationInvariantRate);
}

void mma(benchmark::State& state) {
  float sink = 0;
  for (auto _ : state) launch(multiply, shape(32), nullptr, &sink);
  per_second(state, "mma_per_second", operations);
}

void block_barrier(benchmark::State& state) {
  for (auto _ : state) launch(meet, shape(256), nullptr);
  per_second(state, "switches_per_second", 256.0 * operations);  // each thread leaves once at each barrier
}

void warp_shuffle(benchmark::State& state) {
  unsigned sink = 0;
  for (auto _ : state) launch(exchange, shape(32), nullptr, &sink);
  per_second(state, "switches_per_second", 31.0 * operations);  // the last lane to arrive goes on
}

void start_of_a_block(benchmark::State& state) {
  for (auto _ : state) launch(nothing, shape(256), nullptr);
  per_second(state, "threads_per_second", 256);
}

BENCHMARK(mma)->UseRealTime();
BENCHMARK(block_barrier)->UseRealTime();
BENCHMARK(warp_shuffle)->UseRealTime();
BENCHMARK(start_of_a_block)->UseRealTime();

}  // namespace
}  // namespace kernelgate::simt

BENCHMARK_MAIN();
