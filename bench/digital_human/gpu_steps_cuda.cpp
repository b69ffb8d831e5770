#include <cuda_runtime_api.h>

#include <fmt/format.h>

#include "bench/digital_human/gpu_steps.h"
#include "harness/base/error.h"
#include "kernels/op/any_op.h"
#include "kernels/op/memory.h"
#include "kernels/pipeline/windows.h"

namespace kernelgate {
namespace {

void expect_step(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  throw HarnessError(ExitCode::refused, fmt::format("{}: {}", call, cudaGetErrorString(status)));
}

}  // namespace

// The runtime opens libcuda and calls cuInit when it is asked for anything.
void load_driver() {
  int count = 0;
  expect_step(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
}

void make_context(int ordinal) {
  expect_step(cudaSetDevice(ordinal), "cudaSetDevice");
  expect_step(cudaFree(nullptr), "cudaFree(nullptr)");  // before CUDA 12 cudaSetDevice made none
}

void launch_first_kernel(const Device& device) {
  using pipeline::Windows;
  const TypedProblem<Windows> smallest({Windows::Problem{.rows = 8}, "first", {}});
  const Memory a(device, 256), y(device, 256);
  void* const pointers[] = {a.data(), y.data()};
  for (const auto& one : smallest.implementations())
    if (one.device == device.kind) smallest.prepare(one, device, pointers)(nullptr);
  synchronize(device);
}

PinnedMemory::PinnedMemory(std::size_t bytes) : bytes_(bytes) {
  expect_step(cudaHostAlloc(&data_, bytes, cudaHostAllocDefault), "cudaHostAlloc");
}
PinnedMemory::~PinnedMemory() { cudaFreeHost(data_); }

void copy_to_gpu(void* to, const PinnedMemory& from) {
  expect_step(cudaMemcpyAsync(to, from.data(), from.size(), cudaMemcpyHostToDevice, nullptr), "cudaMemcpyAsync");
  expect_step(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
}

}  // namespace kernelgate
