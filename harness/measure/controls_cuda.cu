// The control kernels of a GPU: their memory, their timing, and whether they computed what they must.

#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/error.h"
#include "harness/measure/control_kernels.cuh"
#include "harness/measure/controls.h"

namespace kernelgate {
namespace {

void expect(cudaError_t status, const std::string& call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a sticky error would be blamed on the next call
  throw HarnessError(ExitCode::usage, "the control kernels: " + call + ": " + cudaGetErrorString(status) + " (" +
                                          cudaGetErrorName(status) + ")");
}

/// GPU memory. Errors  HarnessError.
template <class T>
class Buffer {
 public:
  explicit Buffer(std::size_t count) {
    expect(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc of " + std::to_string(count * sizeof(T)) + " bytes");
  }
  ~Buffer() { cudaFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  T* data() const { return data_; }
  void upload(const std::vector<T>& from) const {
    expect(cudaMemcpy(data_, from.data(), from.size() * sizeof(T), cudaMemcpyHostToDevice), "cudaMemcpy");
    // It may return while the bytes are still on their way, and the kernels' stream would not wait for them.
    expect(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }
  std::vector<T> download(std::size_t count) const {
    std::vector<T> to(count);
    expect(cudaMemcpy(to.data(), data_, count * sizeof(T), cudaMemcpyDeviceToHost), "cudaMemcpy");
    return to;
  }

 private:
  T* data_ = nullptr;
};

[[noreturn]] void wrong(ControlKernel kernel, const std::string& what) {
  throw HarnessError(ExitCode::wrong, std::string("the control ") + to_string(kernel) + " " + what +
                                          ": this GPU computes wrongly; look at its ECC errors before anything else");
}

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  expect(cudaDeviceGetAttribute(&value, which, ordinal), "cudaDeviceGetAttribute");
  return value;
}

/// Twice the L2, at least 64 MiB, in pieces of 16 bytes.
std::size_t copy_count(int ordinal) {
  const auto l2 = static_cast<std::size_t>(attribute(cudaDevAttrL2CacheSize, ordinal));
  return std::max(2 * l2, std::size_t{64} << 20) / sizeof(uint4);
}

/// Random, between -1 and 1, with a fixed seed: zeros draw less power.
std::vector<__half> random_halves(std::size_t count, unsigned seed) {
  std::vector<__half> halves;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * multiplier + increment;
    halves.push_back(__float2half(static_cast<float>(seed >> 16) / 32768.0f - 1.0f));
  }
  return halves;
}

/// What was made of the device, in the order in which it is undone.
class Timeline {
 public:
  explicit Timeline(int ordinal) {
    expect(cudaSetDevice(ordinal), "cudaSetDevice");
    expect(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
    expect(cudaEventCreate(&begin_), "cudaEventCreate");
    expect(cudaEventCreate(&end_), "cudaEventCreate");
  }
  ~Timeline() {
    if (end_ != nullptr) cudaEventDestroy(end_);
    if (begin_ != nullptr) cudaEventDestroy(begin_);
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }
  Timeline(const Timeline&) = delete;
  Timeline& operator=(const Timeline&) = delete;

  cudaStream_t stream() const { return stream_; }

  /// Of the second of two launches: the first keeps the GPU busy while the host enqueues the rest.
  template <class Launch>
  double time(const Launch& launch) const {
    launch();
    expect(cudaEventRecord(begin_, stream_), "cudaEventRecord");
    launch();
    expect(cudaEventRecord(end_, stream_), "cudaEventRecord");
    expect(cudaGetLastError(), "a launch");
    expect(cudaEventSynchronize(end_), "cudaEventSynchronize");
    float ms = 0;
    expect(cudaEventElapsedTime(&ms, begin_, end_), "cudaEventElapsedTime");
    return ms * 1e-3;
  }

  void wait() const {
    expect(cudaGetLastError(), "a launch");
    expect(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

class CudaControls final : public Controls {
 public:
  explicit CudaControls(int ordinal)
      : timeline_(ordinal),
        multiprocessors_(attribute(cudaDevAttrMultiProcessorCount, ordinal)),
        copy_count_(copy_count(ordinal)),
        host_a_(random_halves(mma_m * mma_k, 1)),
        host_b_(random_halves(mma_n * mma_k, 2)),
        state_(chain_count()),
        a_(host_a_.size()),
        b_(host_b_.size()),
        d_(mma_count()),
        from_(copy_count_),
        to_(copy_count_),
        counter_(1) {
    std::vector<unsigned> states(chain_count());
    for (std::size_t i = 0; i < states.size(); ++i) states[i] = static_cast<unsigned>(i) * multiplier;
    state_.upload(states);
    a_.upload(host_a_);
    b_.upload(host_b_);
    fill_kernel<<<copy_blocks(), copy_threads, 0, timeline_.stream()>>>(from_.data(), copy_count_);
    timeline_.wait();
  }

  ControlWork work(ControlKernel kernel) const override {
    ControlWork work;
    if (kernel == ControlKernel::tensor_core) work.flop = 2.0 * mma_k * mma_steps * static_cast<double>(mma_count());
    if (kernel == ControlKernel::dram_copy) work.bytes = 2.0 * sizeof(uint4) * static_cast<double>(copy_count_);
    return work;
  }

  double time(ControlKernel kernel) override {
    switch (kernel) {
      case ControlKernel::alu:
        return timeline_.time([this] { launch_chain(); });
      case ControlKernel::tensor_core:
        return timeline_.time([this] { launch_mma(); });
      case ControlKernel::dram_copy:
        return timeline_.time([this] { launch_copy(); });
      case ControlKernel::launch:
        return time_launches();
    }
    return 0;
  }

  void verify() override {
    verify_chain();
    verify_mma();
    verify_copy();
    clear_counter();
    time_launches();
    if (const unsigned count = counter_.download(1)[0]; count != launches)
      wrong(ControlKernel::launch, "ran " + std::to_string(count) + " times of " + std::to_string(launches));
  }

 private:
  std::size_t chain_count() const { return static_cast<std::size_t>(multiprocessors_) * chain_threads; }
  std::size_t mma_count() const { return static_cast<std::size_t>(multiprocessors_) * mma_warps * mma_m * mma_n; }
  int copy_blocks() const { return multiprocessors_ * copy_blocks_per_sm; }

  void launch_chain() const {
    chain_kernel<<<multiprocessors_, chain_threads, 0, timeline_.stream()>>>(state_.data(), multiplier, increment);
  }
  void launch_mma() const {
    mma_kernel<<<multiprocessors_, mma_warps * 32, 0, timeline_.stream()>>>(a_.data(), b_.data(), d_.data());
  }
  void launch_copy() const {
    copy_kernel<<<copy_blocks(), copy_threads, 0, timeline_.stream()>>>(from_.data(), to_.data(), copy_count_);
  }

  /// The host's time: what a driver does is in it.
  double time_launches() const {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < launches; ++i) {
      launch_kernel<<<1, 1, 0, timeline_.stream()>>>(counter_.data());
      timeline_.wait();
    }
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / launches;
  }

  void clear_counter() const { counter_.upload({0}); }

  void verify_chain() const {
    const std::vector<unsigned> before = state_.download(chain_count());
    launch_chain();
    timeline_.wait();
    const std::vector<unsigned> after = state_.download(chain_count());
    for (std::size_t i = 0; i < before.size(); ++i)
      if (after[i] != end_of_chain(before[i])) wrong(ControlKernel::alu, "ended elsewhere than it must");
  }

  void verify_mma() const {
    launch_mma();
    timeline_.wait();
    const std::vector<float> d = d_.download(mma_count());
    for (std::size_t i = 0; i < d.size(); ++i) {
      const std::size_t row = i / mma_n % mma_m, column = i % mma_n;
      double product = 0, size = 0;
      for (std::size_t k = 0; k < mma_k; ++k) {
        const double one = static_cast<double>(__half2float(host_a_[row * mma_k + k])) *
                           static_cast<double>(__half2float(host_b_[column * mma_k + k]));
        product += one;
        size += std::abs(one);
      }
      // Each step may round by 2^-23 of a sum that is at most mma_steps * size: 1.2e-4 of it after all of them.
      if (!(std::abs(d[i] - mma_steps * product) <= 1e-3 * mma_steps * size))
        wrong(ControlKernel::tensor_core,
              "came to " + std::to_string(d[i]) + " instead of " + std::to_string(mma_steps * product));
    }
  }

  void verify_copy() const {
    expect(cudaMemsetAsync(to_.data(), 0, copy_count_ * sizeof(uint4), timeline_.stream()), "cudaMemsetAsync");
    clear_counter();
    launch_copy();
    compare_kernel<<<copy_blocks(), copy_threads, 0, timeline_.stream()>>>(to_.data(), copy_count_, counter_.data());
    timeline_.wait();
    if (const unsigned differences = counter_.download(1)[0]; differences != 0)
      wrong(ControlKernel::dram_copy,
            "left " + std::to_string(differences) + " pieces of 16 bytes unlike the original");
  }

  Timeline timeline_;
  int multiprocessors_;
  std::size_t copy_count_;
  std::vector<__half> host_a_, host_b_;
  Buffer<unsigned> state_;
  Buffer<__half> a_, b_;
  Buffer<float> d_;
  Buffer<uint4> from_, to_;
  Buffer<unsigned> counter_;
};

}  // namespace

std::unique_ptr<Controls> cuda_controls(int ordinal) { return std::make_unique<CudaControls>(ordinal); }

}  // namespace kernelgate
