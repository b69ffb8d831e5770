// The arithmetic from readings to figures, on a GPU that is made up of known figures.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "bench/silicon/measure/gpu_file.h"
#include "bench/silicon/measure/measures.h"
#include "bench/silicon/measure/slopes.h"
#include "harness/base/error.h"
#include "harness/predict/model/gpu.h"

namespace kernelgate::silicon {
namespace {

using microbench::ClockedRun;
using ::testing::HasSubstr;

TEST(Slopes, AreThoseOfTheLine) {
  EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_THROW(median({}), HarnessError);
  const std::pair<double, double> points[] = {{1, 5}, {2, 7}, {4, 11}};
  EXPECT_DOUBLE_EQ(fit_line(points).slope, 2);
  EXPECT_DOUBLE_EQ(fit_line(points).intercept, 3);
  EXPECT_THROW(fit_line({points, 1}), HarnessError);
  EXPECT_DOUBLE_EQ(per_step(103, 10, 203, 60), 2);
}

/// Its every operation takes what `cost` says, and each run 1000 cycles or 3 us besides.
class MadeUpGpu final : public Bench {
 public:
  std::map<std::string, double> cost;

  MadeUpGpu() {
    device_.kind = DeviceKind::cuda;
    device_.compute_capability = 90;
    device_.multiprocessors = 132;
    device_.l2_bytes = 50 << 20;
    device_.name = "NVIDIA H200";
    device_.flop_per_s = 1e15;
  }
  const Device& device() const override { return device_; }
  void* memory(std::size_t, Data) override { return &device_; }
  void run(const std::string&, const ClockedRun& run) override { chain_ = run.n[2]; }
  Readings read(const std::string& kernel, ClockedRun run, CacheState state) override {
    const double n = run.n[0];
    if (kernel == "spin") return {n, 0};
    if (kernel == "code_64k") return {50'000, 50'000 - 512 * cost["cold_code"]};
    if (kernel == "load_chain")
      return {1000 + n * cost[chain_ < 4096 ? "l1" : state == CacheState::cold ? "dram" : "l2"], 0};
    if (kernel.starts_with("mma_")) return {1000 + n * 4 * (kernel.ends_with("rate") ? 8 : 1) * cost[kernel], 0};
    return {1000 + n * cost[kernel], 1000 + n * cost[kernel]};
  }
  double seconds(const std::string& kernel, const ClockedRun& run, CacheState, int launches) override {
    if (kernel == "spin") return run.n[0] / 1.9e9;
    if (kernel == "bulk_stream") return 3e-6 + run.n[0] * run.n[2] * 1024.0 / cost["bytes_per_s"];
    return 2e-6 + launches * 1e-6 + (run.blocks + 131) / 132 * 1e-7;
  }
  double graph_seconds(const std::string&, const ClockedRun&, int launches) override { return 1e-6 + launches * 5e-7; }
  Sustained sustain(const std::string&, const ClockedRun&, double) override { return {0.01, 1.5e7, 650}; }

 private:
  Device device_;
  unsigned chain_ = 0;
};

std::map<std::string, double> figures_of(void (*measure)(Bench&, const Give&), MadeUpGpu& gpu) {
  std::map<std::string, double> all;
  measure(gpu, [&](const Figure& figure) {
    EXPECT_TRUE(all.emplace(figure.key, figure.value).second) << figure.key << " is given twice";
    EXPECT_FALSE(figure.how.empty());
  });
  return all;
}

TEST(Measures, FindTheFiguresThatTheGpuIsMadeOf) {
  MadeUpGpu gpu;
  gpu.cost = {{"l1", 33},           {"l2", 265},           {"dram", 1590},
              {"cold_code", 12},    {"mma_16816_rate", 6}, {"mma_16816_chain", 24},
              {"mma_1688_rate", 3}, {"shared_chain", 29},  {"cp_async", 4},
              {"bytes_per_s", 4e12}};
  EXPECT_DOUBLE_EQ(figures_of(measure_clock, gpu)["clock_hz"], 1.9e9);
  auto latency = figures_of(measure_latency, gpu);
  EXPECT_DOUBLE_EQ(latency["l1_latency"], 33);
  EXPECT_DOUBLE_EQ(latency["l2_latency"], 265);
  EXPECT_DOUBLE_EQ(latency["dram_latency"], 1590);
  EXPECT_DOUBLE_EQ(latency["async_copy_issue"], 4);
  EXPECT_DOUBLE_EQ(figures_of(measure_code, gpu)["cold_code"], 12);
  auto mma = figures_of(measure_mma, gpu);
  EXPECT_DOUBLE_EQ(mma["hmma_16816"], 6);
  EXPECT_DOUBLE_EQ(mma["hmma_16816_latency"], 24);
  EXPECT_DOUBLE_EQ(mma["hmma_1688"], 3);
  EXPECT_DOUBLE_EQ(figures_of(measure_chains, gpu)["shared_latency"], 29);
  EXPECT_NEAR(figures_of(measure_dram_bandwidth, gpu)["dram_bytes_per_s"], 4e12, 1e6);
  EXPECT_NEAR(figures_of(measure_dram_bandwidth, gpu)["dram_fixed_s"], 3e-6, 1e-12);
  EXPECT_NEAR(figures_of(measure_l2_bandwidth, gpu)["l2_bytes_per_s"], 4e12, 1e6);
  auto launch = figures_of(measure_launch, gpu);
  EXPECT_NEAR(launch["launch_s"], 3.1e-6, 1e-12);
  EXPECT_NEAR(launch["launch_next_s"], 1e-6, 1e-12);
  EXPECT_NEAR(launch["launch_graph_s"], 5e-7, 1e-12);
  EXPECT_NEAR(launch["blocks_wave_s"], 1e-7, 1e-12);
  EXPECT_DOUBLE_EQ(figures_of(measure_sustained, gpu)["sustained_normal_clock_hz"], 1.5e9);
}

TEST(Measures, AskOnlyForKernelsThatThereAre) {
  class Asking final : public Bench {
   public:
    Device device_;
    const Device& device() const override { return device_; }
    void* memory(std::size_t, Data) override { return &device_; }
    void ask(const std::string& kernel) {
      EXPECT_TRUE(microbench::find_clocked(DeviceKind::simt, kernel)) << "no kernel " << kernel;
      ++asked_;
    }
    void run(const std::string& kernel, const ClockedRun&) override { ask(kernel); }
    Readings read(const std::string& kernel, ClockedRun run, CacheState) override {
      ask(kernel);
      return {1.0 + run.n[0], 1.0 + run.n[0]};
    }
    double seconds(const std::string& kernel, const ClockedRun& run, CacheState, int launches) override {
      ask(kernel);
      return launches + run.n[0] + run.n[2];
    }
    double graph_seconds(const std::string& kernel, const ClockedRun&, int launches) override {
      ask(kernel);
      return launches;
    }
    Sustained sustain(const std::string& kernel, const ClockedRun&, double) override {
      ask(kernel);
      return {1, 1, 1};
    }
    int asked_ = 0;
  } bench;
  bench.device_.compute_capability = 90;
  bench.device_.multiprocessors = 132;
  bench.device_.l2_bytes = 50 << 20;
  int before = 0;
  for (const Microbenchmark& one : microbenchmarks()) {
    one.run(bench, [](const Figure&) {});
    EXPECT_GT(bench.asked_, before) << one.name;
    before = bench.asked_;
  }
}

GpuHere an_h200() {
  GpuHere here;
  here.device.compute_capability = 90;
  here.device.multiprocessors = 132;
  here.device.name = "NVIDIA H200";
  here.device.flop_per_s = 1e15;
  here.driver = "580.65.06";
  return here;
}

TEST(GpuFile, IsReadByTheModelWithWhatWasMeasured) {
  const std::string text = gpu_file(an_h200(),
                                    {{"clock_hz", 1.9e9, "Hz", "spun"},
                                     {"l2_latency", 281.5, "cycles", "a chain"},
                                     {"wgmma_ss_n64", 32, "cycles", "no key of the model's"}},
                                    "2026-12-01");
  const predict::Gpu gpu = predict::parse_gpu(text, "test");
  EXPECT_EQ(gpu.name, "h200-sxm-measured");
  EXPECT_EQ(gpu.as_of, "2026-12-01");
  EXPECT_DOUBLE_EQ(gpu.l2_latency, 281.5);
  EXPECT_DOUBLE_EQ(gpu.clock_hz, 1.9e9);
  EXPECT_NEAR(gpu.peak_flops, 4096 * 132 * 1.9e9, 1e9);
  EXPECT_DOUBLE_EQ(gpu.shared_latency, predict::find_gpu("h200-sxm").shared_latency);
  EXPECT_EQ(gpu.median_error, 0);
  EXPECT_THAT(text, HasSubstr("measured 2026-12-01, driver 580.65.06, SM clock 1900 MHz: a chain"));
  EXPECT_THAT(text, Not(HasSubstr("wgmma_ss_n64")));
}

TEST(GpuFile, BeginsFromTheGpuThatIsMostAlike) {
  Device gpu;
  gpu.compute_capability = 90;
  gpu.name = "NVIDIA H100 80GB HBM3";
  EXPECT_EQ(most_alike(gpu), "h100-sxm");
  gpu.name = "NVIDIA GH200 480GB";
  EXPECT_EQ(most_alike(gpu), "h200-sxm");
  gpu.name = "NVIDIA H800";
  EXPECT_EQ(most_alike(gpu), "h100-sxm");
  gpu.compute_capability = 75;
  EXPECT_EQ(most_alike(gpu), "");
  GpuHere turing;
  turing.device = gpu;
  EXPECT_THROW(gpu_file(turing, {}, "2026-12-01"), HarnessError);
}

TEST(Moved, IsWhatTheModelAssumedAndWhatWasMeasured) {
  const auto all = moved("h200-sxm", {{"l2_latency", 300, "", ""}, {"not_the_model's", 1, "", ""}});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].key, "l2_latency");
  EXPECT_DOUBLE_EQ(all[0].assumed, predict::find_gpu("h200-sxm").l2_latency);
  EXPECT_DOUBLE_EQ(all[0].measured, 300);
}

}  // namespace
}  // namespace kernelgate::silicon
