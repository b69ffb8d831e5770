#pragma once
// One GPU through CUDA's driver, in the process that owns it: memory, streams, events, kernels of this program. No CUDA
// runtime, so that what is measured is one thing, and made-up drivers can stand in for it.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/accept/own_code.h"
#include "harness/check/machine/cuda_driver.h"

namespace kernelgate::accept {

/// A call of the driver that failed: "cuLaunchKernel: CUDA_ERROR_LAUNCH_FAILED (719)".
struct DriverError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Address = unsigned long long;

class DriverGpu {
 public:
  /// The GPU that CUDA calls `ordinal`; its primary context becomes this thread's.
  DriverGpu(SymbolSource cuda, int ordinal);
  ~DriverGpu();
  DriverGpu(const DriverGpu&) = delete;
  DriverGpu& operator=(const DriverGpu&) = delete;

  template <class... Args>
  void call(const char* name, Args... args) const {
    expect(driver_.call(name, args...), name);
  }
  /// The code instead of an error.
  template <class... Args>
  CuResult try_call(const char* name, Args... args) const {
    return driver_.call(name, args...);
  }
  /// 0 where the driver does not tell.
  int attribute(int which) const;
  void expect(CuResult code, const char* name) const;

  int device() const { return device_; }
  int compute_capability() const { return compute_capability_; }
  int multiprocessors() const { return multiprocessors_; }
  const std::string& pci_bus_id() const { return pci_bus_id_; }
  std::size_t free_bytes() const;
  void use() const;  ///< makes its context this thread's again

 private:
  SymbolSource symbols_;
  CudaDriver driver_{symbols_};
  int device_ = 0, compute_capability_ = 0, multiprocessors_ = 0;
  void* context_ = nullptr;
  std::string pci_bus_id_;
};

/// Memory of the GPU, or pinned memory of the host.
class GpuMemory {
 public:
  GpuMemory(const DriverGpu& gpu, std::size_t bytes);
  ~GpuMemory();
  GpuMemory(const GpuMemory&) = delete;
  GpuMemory& operator=(const GpuMemory&) = delete;
  Address address() const { return address_; }
  /// The same as the kernels' parameters want it.
  template <class T>
  T* as() const {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the driver gives addresses as numbers
    return reinterpret_cast<T*>(address_);
  }
  std::size_t bytes() const { return bytes_; }
  void upload(const void* from, std::size_t bytes) const;
  void download(void* to, std::size_t bytes, std::size_t offset = 0) const;

 private:
  const DriverGpu& gpu_;
  Address address_ = 0;
  std::size_t bytes_;
};

class PinnedMemory {
 public:
  PinnedMemory(const DriverGpu& gpu, std::size_t bytes);
  ~PinnedMemory();
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  void* data() const { return data_; }

 private:
  const DriverGpu& gpu_;
  void* data_ = nullptr;
};

/// A stream of its own with two events around what is put into it.
class TimedStream {
 public:
  explicit TimedStream(const DriverGpu& gpu);
  ~TimedStream();
  TimedStream(const TimedStream&) = delete;
  TimedStream& operator=(const TimedStream&) = delete;
  void* stream() const { return stream_; }
  void* begin_event() const { return begin_; }
  void* end_event() const { return end_; }
  void begin() const;
  void end() const;
  double wait() const;  ///< seconds from begin to end on the GPU

 private:
  const DriverGpu& gpu_;
  void* stream_ = nullptr;
  void* begin_ = nullptr;
  void* end_ = nullptr;
};

/// A kernel of this program, loaded; it has one parameter.
class LoadedKernel {
 public:
  LoadedKernel(const DriverGpu& gpu, const OwnKernel& kernel);
  ~LoadedKernel();
  LoadedKernel(const LoadedKernel&) = delete;
  LoadedKernel& operator=(const LoadedKernel&) = delete;
  template <class Parameter>
  void launch(unsigned blocks, unsigned threads, unsigned shared_bytes, void* stream, Parameter parameter) const {
    start(blocks, threads, shared_bytes, stream, &parameter);
  }

 private:
  void start(unsigned blocks, unsigned threads, unsigned shared_bytes, void* stream, void* parameter) const;
  const DriverGpu& gpu_;
  void* module_ = nullptr;
  void* function_ = nullptr;
};

}  // namespace kernelgate::accept
