// Device time between two CUDA events.

#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/measure/stopwatch.h"
#include "harness/measure/telemetry/telemetry.h"

namespace kernelgate {
namespace {

// cudaEventElapsedTime resolves about half a microsecond (CUDA runtime API, event management).
constexpr double event_resolution_s = 0.5e-6;

void expect(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw HarnessError(ExitCode::usage, std::string(call) + ": " + cudaGetErrorString(status) + " (" +
                                          cudaGetErrorName(status) + "); the case can't be timed");
}

class CudaStopwatch final : public Stopwatch {
 public:
  explicit CudaStopwatch(int ordinal) : telemetry_(cuda_telemetry(ordinal, GpuMonitor::Events::ignored)) {
    expect(cudaSetDevice(ordinal), "cudaSetDevice");
    int l2 = 0;
    expect(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, ordinal), "cudaDeviceGetAttribute(L2CacheSize)");
    // Twice the L2: one pass over exactly its size leaves lines behind.
    eviction_bytes_ = 2 * static_cast<std::size_t>(l2);
    expect(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
    expect(cudaEventCreate(&begin_), "cudaEventCreate");
    expect(cudaEventCreate(&end_), "cudaEventCreate");
    expect(cudaMalloc(&eviction_, eviction_bytes_), "cudaMalloc of the buffer that flushes the L2");
    std::vector<double> waits;
    const TimedWork nothing = [](cudaStream_t) {};
    for (int i = 0; i < 20; ++i) waits.push_back(time({.work = nothing}).late_s);
    std::ranges::nth_element(waits, waits.begin() + 10);
    idle_s_ = waits[10];
  }

  ~CudaStopwatch() override {
    cudaFree(eviction_);
    cudaEventDestroy(end_);
    cudaEventDestroy(begin_);
    cudaStreamDestroy(stream_);
  }

  CudaStopwatch(const CudaStopwatch&) = delete;
  CudaStopwatch& operator=(const CudaStopwatch&) = delete;

  Sample time(const TimedRegion& region) override {
    drop_persisting_lines();
    // What is enqueued before the first event keeps the GPU busy while the host enqueues the rest, so that no launch
    // latency of the host is inside the region. One run of short work does not last: a library's call can take the
    // host 10 us. So the hot state, too, begins with the flush, and the work then brings its data back.
    if (region.before && region.state == CacheState::cold) {
      flush();
      region.before(stream_);  // what it writes the next flush drives out
    }
    flush();
    const auto enqueue_begin = Clock::now();
    if (region.state == CacheState::hot) {
      region.work(stream_);
      if (region.before) region.before(stream_);
    }
    expect(cudaEventRecord(begin_, stream_), "cudaEventRecord");
    for (int i = 0; i < region.launches; ++i) region.work(stream_);
    expect(cudaEventRecord(end_, stream_), "cudaEventRecord");
    enqueue_s_ = seconds_since(enqueue_begin);
    if (region.after) region.after(stream_);
    const double clock_hz = telemetry_->sm_clock_hz();  // read while the work runs, or just after
    expect(cudaEventSynchronize(end_), "the measured work");
    const auto ended = Clock::now();
    expect(cudaDeviceSynchronize(), "the measured work");
    // What `after` started is no lateness of the work.
    const double late_s = region.after ? 0 : seconds_since(ended);
    float ms = 0;
    expect(cudaEventElapsedTime(&ms, begin_, end_), "cudaEventElapsedTime");
    return {ms * 1e-3 / region.launches * region.slowdown, clock_hz, std::max(late_s - idle_s_, 0.0)};
  }

  double settle() override {
    const auto begin = Clock::now();
    expect(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    return seconds_since(begin);
  }

  void run(const TimedWork& work) override {
    work(stream_);
    expect(cudaStreamSynchronize(stream_), "the measured work");
  }

  double shortest_region_s() const override { return 20 * event_resolution_s; }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  // Lines that a kernel has marked as persisting outlive a flush: "cold" would be hot. Not every GPU has such lines,
  // and a refusal is none of the measured work's.
  static void drop_persisting_lines() {
    cudaCtxResetPersistingL2Cache();
    std::size_t limit = 0;
    if (cudaDeviceGetLimit(&limit, cudaLimitPersistingL2CacheSize) == cudaSuccess && limit != 0)
      cudaDeviceSetLimit(cudaLimitPersistingL2CacheSize, 0);
    cudaGetLastError();
  }

  void flush() {
    for (int pass = 0; pass < flushes(); ++pass)
      expect(cudaMemsetAsync(eviction_, fill_++, eviction_bytes_, stream_), "cudaMemsetAsync");
  }

  // As many as take twice the time that the host took to enqueue the last sample, on a GPU that writes 5 TB/s.
  int flushes() const {
    constexpr double fastest_bytes_per_s = 5e12;
    const double flush_s = static_cast<double>(eviction_bytes_) / fastest_bytes_per_s;
    return static_cast<int>(std::clamp(std::ceil(2 * enqueue_s_ / flush_s), 1.0, 16.0));
  }

  std::unique_ptr<Telemetry> telemetry_;
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
  void* eviction_ = nullptr;
  std::size_t eviction_bytes_ = 0;
  unsigned char fill_ = 0;
  double idle_s_ = 0;     ///< how long a wait for an idle device takes
  double enqueue_s_ = 0;  ///< the host's time for the last sample's launches
};

}  // namespace

std::unique_ptr<Stopwatch> cuda_stopwatch(int ordinal) { return std::make_unique<CudaStopwatch>(ordinal); }

}  // namespace kernelgate
