#include "bench/silicon/measure/cuda_bench.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "bench/silicon/measure/slopes.h"
#include "harness/base/error.h"
#include "harness/measure/telemetry/telemetry.h"
#include "kernels/op/f16.h"
#include "kernels/op/memory.h"
#include "kernels/op/random.h"

namespace kernelgate::silicon {
namespace {

using microbench::ClockedRun;

constexpr int samples = 9;

class CudaBench final : public Bench {
 public:
  explicit CudaBench(const Device& gpu)
      : gpu_(gpu), stopwatch_(cuda_stopwatch(gpu.ordinal)), readings_(gpu, std::size_t{1} << 20) {}

  const Device& device() const override { return gpu_; }

  void* memory(std::size_t bytes, Data data) override {
    if (memory_.size() >= bytes && data == data_) return memory_.data();
    if (memory_.size() < bytes) memory_ = {}, memory_ = Memory(gpu_, bytes);
    data_ = data;
    // The same numbers again and again: more are not worth their time.
    std::vector<f16> numbers(std::size_t{1} << 19);
    Random random(1);
    for (f16& one : numbers)
      one = to_f16(data == Data::zeros     ? 0.0f
                   : data == Data::uniform ? static_cast<float>(random.uniform() * 2 - 1)
                                           : static_cast<float>(random.normal()));
    const auto piece = std::as_bytes(std::span(numbers));
    for (std::size_t at = 0; at < memory_.size(); at += piece.size())
      memory_.upload(at, piece.first(std::min(piece.size(), memory_.size() - at)));
    return memory_.data();
  }

  void run(const std::string& kernel, const ClockedRun& run) override { stopwatch_->run(work_of(kernel, run)); }

  Readings read(const std::string& kernel, ClockedRun run, CacheState state) override {
    const TimedWork work = work_of(kernel, run);
    std::vector<double> first, second;
    for (int i = 0; i < samples; ++i) {
      readings_.fill(0);
      stopwatch_->time({.work = work, .state = state});
      const auto of_blocks = download(run.blocks);
      first.push_back(slowest(of_blocks, 0));
      second.push_back(slowest(of_blocks, 1));
    }
    return {median(first), median(second)};
  }

  double seconds(const std::string& kernel, const ClockedRun& run, CacheState state, int launches) override {
    const TimedWork work = work_of(kernel, run);
    std::vector<double> all;
    for (int i = 0; i < samples; ++i)
      all.push_back(stopwatch_->time({.work = work, .launches = launches, .state = state}).seconds * launches);
    return median(all);
  }

  double graph_seconds(const std::string& kernel, const ClockedRun& run, int launches) override {
    return silicon::graph_seconds(work_of(kernel, run), launches);
  }

  Sustained sustain(const std::string& kernel, const ClockedRun& run, double at_least_s) override {
    const TimedWork work = work_of(kernel, run);
    stopwatch_->run(work);
    const auto telemetry = cuda_telemetry(gpu_.ordinal, GpuMonitor::Events::ignored);
    std::vector<double> times, cycles;
    const auto watched = telemetry->watch([&] {
      using Clock = std::chrono::steady_clock;
      for (const auto begin = Clock::now(); std::chrono::duration<double>(Clock::now() - begin).count() < at_least_s;) {
        times.push_back(stopwatch_->time({.work = work, .launches = 4}).seconds);
        cycles.push_back(slowest(download(run.blocks), 0));
      }
    });
    if (watched.error) std::rethrow_exception(watched.error);
    // The first half is on the way to the clock that it settles at.
    const auto later = [](std::vector<double>& all) {
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2));
      return median(all);
    };
    const GpuRegion& region = watched.region;
    const auto &before = region.before.energy_j.value, &after = region.after.energy_j.value;
    return {later(times), later(cycles),
            before && after && region.seconds > 0 ? (*after - *before) / region.seconds : 0};
  }

 private:
  TimedWork work_of(const std::string& kernel, ClockedRun run) const {
    const microbench::Clocked* found = microbench::find_clocked(DeviceKind::cuda, kernel);
    if (!found)
      throw HarnessError(ExitCode::usage, "this build has no kernel " + kernel + " for a GPU; use the bundle's");
    run.readings = reinterpret_cast<std::int64_t*>(readings_.data());
    return [found, run](Stream stream) { found->launch(run, stream); };
  }

  std::vector<std::int64_t> download(unsigned blocks) const {
    std::vector<std::int64_t> all(4 * static_cast<std::size_t>(blocks));
    readings_.download(0, std::as_writable_bytes(std::span(all)));
    return all;
  }

  static double slowest(const std::vector<std::int64_t>& of_blocks, std::size_t which) {
    std::int64_t most = 0;
    for (std::size_t i = which; i < of_blocks.size(); i += 4) most = std::max(most, of_blocks[i]);
    return static_cast<double>(most);
  }

  Device gpu_;
  std::unique_ptr<Stopwatch> stopwatch_;
  Memory memory_, readings_;
  Data data_ = Data::normal;
};

}  // namespace

std::unique_ptr<Bench> cuda_bench(const Device& gpu) { return std::make_unique<CudaBench>(gpu); }

}  // namespace kernelgate::silicon
