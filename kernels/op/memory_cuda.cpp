#include <cuda_runtime_api.h>

#include <string>

#include "kernels/op/error.h"
#include "kernels/op/memory_backend.h"

namespace kernelgate::gpu_memory {
namespace {

void expect(cudaError_t status, const std::string& call) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // a sticky error would be blamed on the next call
  throw DeviceError(call + ": " + cudaGetErrorString(status) + " (" + cudaGetErrorName(status) + ")");
}

}  // namespace

void* allocate(int ordinal, std::size_t bytes) {
  expect(cudaSetDevice(ordinal), "cudaSetDevice(" + std::to_string(ordinal) + ")");
  void* data = nullptr;
  expect(cudaMalloc(&data, bytes), "cudaMalloc of " + std::to_string(bytes) + " bytes");
  return data;
}

void release(void* data) noexcept { cudaFree(data); }

void fill(void* data, std::uint8_t byte, std::size_t bytes) { expect(cudaMemset(data, byte, bytes), "cudaMemset"); }

void upload(void* to, const void* from, std::size_t bytes) {
  expect(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy to the GPU");
}

void download(void* to, const void* from, std::size_t bytes) {
  expect(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "cudaMemcpy from the GPU");
}

void fill(void* data, std::uint8_t byte, std::size_t bytes, Stream stream) {
  expect(cudaMemsetAsync(data, byte, bytes, stream), "cudaMemsetAsync");
}

void copy(void* to, const void* from, std::size_t bytes, Stream stream) {
  expect(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream), "cudaMemcpyAsync on the GPU");
}

void synchronize() { expect(cudaDeviceSynchronize(), "cudaDeviceSynchronize"); }

}  // namespace kernelgate::gpu_memory
