// Signatures and numbers from NVIDIA's cuda.h.
#include "bench/accept/driver_gpu.h"

#include <array>

#include <fmt/format.h>

#include "harness/check/machine/driver_libraries.h"

namespace kernelgate::accept {

DriverGpu::DriverGpu(SymbolSource cuda, int ordinal) : symbols_(std::move(cuda)) {
  call("cuInit", 0U);
  call("cuDeviceGet", &device_, ordinal);
  call("cuDevicePrimaryCtxRetain", &context_, device_);
  use();
  compute_capability_ = 10 * attribute(static_cast<int>(CuDeviceAttribute::major)) +
                        attribute(static_cast<int>(CuDeviceAttribute::minor));
  multiprocessors_ = attribute(static_cast<int>(CuDeviceAttribute::sm_count));
  std::array<char, 64> text{};
  if (try_call("cuDeviceGetPCIBusId", text.data(), static_cast<int>(text.size()) - 1, device_) == 0)
    pci_bus_id_ = normal_pci_bus_id(text.data());
}

DriverGpu::~DriverGpu() { try_call("cuDevicePrimaryCtxRelease_v2", device_); }

void DriverGpu::use() const { call("cuCtxSetCurrent", context_); }

int DriverGpu::attribute(int which) const {
  int value = 0;
  return try_call("cuDeviceGetAttribute", &value, which, device_) == 0 ? value : 0;
}

void DriverGpu::expect(CuResult code, const char* name) const {
  if (code == 0) return;
  const char* text = nullptr;
  driver_.call("cuGetErrorName", code, &text);
  throw DriverError(fmt::format("{}: {} ({})", name, text ? text : "error", code));
}

std::size_t DriverGpu::free_bytes() const {
  std::size_t free = 0, total = 0;
  call("cuMemGetInfo_v2", &free, &total);
  return free;
}

GpuMemory::GpuMemory(const DriverGpu& gpu, std::size_t bytes) : gpu_(gpu), bytes_(bytes) {
  gpu.call("cuMemAlloc_v2", &address_, bytes);
}
GpuMemory::~GpuMemory() { gpu_.try_call("cuMemFree_v2", address_); }
void GpuMemory::upload(const void* from, std::size_t bytes) const {
  gpu_.call("cuMemcpyHtoD_v2", address_, from, bytes);
}
void GpuMemory::download(void* to, std::size_t bytes, std::size_t offset) const {
  gpu_.call("cuMemcpyDtoH_v2", to, address_ + offset, bytes);
}

PinnedMemory::PinnedMemory(const DriverGpu& gpu, std::size_t bytes) : gpu_(gpu) {
  gpu.call("cuMemHostAlloc", &data_, bytes, 0U);
}
PinnedMemory::~PinnedMemory() { gpu_.try_call("cuMemFreeHost", data_); }

TimedStream::TimedStream(const DriverGpu& gpu) : gpu_(gpu) {
  constexpr unsigned non_blocking = 1;
  gpu.call("cuStreamCreate", &stream_, non_blocking);
  gpu.call("cuEventCreate", &begin_, 0U);
  gpu.call("cuEventCreate", &end_, 0U);
}
TimedStream::~TimedStream() {
  if (begin_) gpu_.try_call("cuEventDestroy_v2", begin_);
  if (end_) gpu_.try_call("cuEventDestroy_v2", end_);
  if (stream_) gpu_.try_call("cuStreamDestroy_v2", stream_);
}
void TimedStream::begin() const { gpu_.call("cuEventRecord", begin_, stream_); }
void TimedStream::end() const { gpu_.call("cuEventRecord", end_, stream_); }
double TimedStream::wait() const {
  gpu_.call("cuEventSynchronize", end_);
  float milliseconds = 0;
  gpu_.call("cuEventElapsedTime", &milliseconds, begin_, end_);
  return 1e-3 * static_cast<double>(milliseconds);
}

LoadedKernel::LoadedKernel(const DriverGpu& gpu, const OwnKernel& kernel) : gpu_(gpu) {
  gpu.call("cuModuleLoadData", &module_, static_cast<const void*>(kernel.image->bytes.data()));
  gpu.call("cuModuleGetFunction", &function_, module_, kernel.symbol.c_str());
}
LoadedKernel::~LoadedKernel() {
  if (module_) gpu_.try_call("cuModuleUnload", module_);
}
void LoadedKernel::start(unsigned blocks, unsigned threads, unsigned shared_bytes, void* stream,
                         void* parameter) const {
  std::array<void*, 1> parameters = {parameter};
  gpu_.call("cuLaunchKernel", function_, blocks, 1U, 1U, threads, 1U, 1U, shared_bytes, stream, parameters.data(),
            static_cast<void**>(nullptr));
}

}  // namespace kernelgate::accept
