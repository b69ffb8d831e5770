// Device time between two CUDA events.

#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

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
  }

  ~CudaStopwatch() override {
    cudaFree(eviction_);
    cudaEventDestroy(end_);
    cudaEventDestroy(begin_);
    cudaStreamDestroy(stream_);
  }

  CudaStopwatch(const CudaStopwatch&) = delete;
  CudaStopwatch& operator=(const CudaStopwatch&) = delete;

  Sample time(const TimedWork& work, int launches, CacheState state, double slowdown) override {
    // What is enqueued before the first event keeps the GPU busy while the host enqueues the rest, so that no launch
    // latency of the host is inside the region. One run of short work does not last: a library's call can take the
    // host 10 us. So the hot state, too, begins with the flush, and the work then brings its data back.
    for (int pass = 0; pass < flushes(); ++pass)
      expect(cudaMemsetAsync(eviction_, fill_++, eviction_bytes_, stream_), "cudaMemsetAsync");
    const auto enqueue_begin = std::chrono::steady_clock::now();
    if (state == CacheState::hot) work(stream_);
    expect(cudaEventRecord(begin_, stream_), "cudaEventRecord");
    for (int i = 0; i < launches; ++i) work(stream_);
    expect(cudaEventRecord(end_, stream_), "cudaEventRecord");
    enqueue_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - enqueue_begin).count();
    const double clock_hz = telemetry_->sm_clock_hz();  // read while the work runs, or just after
    expect(cudaEventSynchronize(end_), "the measured work");
    float ms = 0;
    expect(cudaEventElapsedTime(&ms, begin_, end_), "cudaEventElapsedTime");
    return {ms * 1e-3 / launches * slowdown, clock_hz};
  }

  void run(const TimedWork& work) override {
    work(stream_);
    expect(cudaStreamSynchronize(stream_), "the measured work");
  }

  double shortest_region_s() const override { return 20 * event_resolution_s; }

 private:
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
  double enqueue_s_ = 0;  ///< the host's time for the last sample's launches
};

}  // namespace

std::unique_ptr<Stopwatch> cuda_stopwatch(int ordinal) { return std::make_unique<CudaStopwatch>(ordinal); }

}  // namespace kernelgate
