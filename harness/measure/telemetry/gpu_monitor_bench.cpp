// What watching a GPU costs the host: one sample, the counters around a region, the question for XIDs.
//
//   build/gpu_monitor_bench            (Google Benchmark: --benchmark_filter=, --benchmark_repetitions=)

#include <benchmark/benchmark.h>

#include "harness/measure/telemetry/gpu_monitor.h"

namespace kernelgate {
namespace {

/// The first that NVML lists, or why there is none.
class FirstGpu {
 public:
  static FirstGpu& instance() {
    static FirstGpu gpu;
    return gpu;
  }

  const std::string& error() const { return error_; }
  GpuMonitor& monitor() { return monitor_; }

 private:
  FirstGpu()
      : symbols_(nvml::open_library(error_)),
        nvml_(symbols_, error_),
        device_(first()),
        monitor_(nvml_, device_, error_, GpuMonitor::Events::watched) {}

  nvml::Handle first() {
    nvml::Handle device = nullptr;
    if (!nvml_.ready())
      error_ = nvml_.error();
    else if (const auto code = nvml_.api().call("nvmlDeviceGetHandleByIndex_v2", 0U, &device); code != nvml::success)
      error_ = nvml::reason_text(code);
    return device;
  }

  std::string error_;
  SymbolSource symbols_;
  nvml::Session nvml_;
  nvml::Handle device_;
  GpuMonitor monitor_;
};

template <class Read>
void measure(benchmark::State& state, Read read) {
  FirstGpu& gpu = FirstGpu::instance();
  if (!gpu.error().empty()) return state.SkipWithError(gpu.error().c_str());
  for (auto _ : state) read(gpu.monitor());
}

void sample(benchmark::State& state) {
  measure(state, [](GpuMonitor& gpu) { benchmark::DoNotOptimize(gpu.state()); });
}

void counters(benchmark::State& state) {
  measure(state, [](GpuMonitor& gpu) { benchmark::DoNotOptimize(gpu.counters()); });
}

void xids(benchmark::State& state) {
  measure(state, [](GpuMonitor& gpu) {
    bool lost = false;
    benchmark::DoNotOptimize(gpu.new_xids(lost));
  });
}

BENCHMARK(sample)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(counters)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(xids)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace kernelgate

BENCHMARK_MAIN();
