#include <cuda_runtime_api.h>

#include <string>

#include "kernels/op/expect_cuda.h"
#include "kernels/op/memory_backend.h"

namespace kernelgate::gpu_memory {

void* allocate(int ordinal, std::size_t bytes) {
  expect_cuda(cudaSetDevice(ordinal), "cudaSetDevice(" + std::to_string(ordinal) + ")");
  void* data = nullptr;
  expect_cuda(cudaMalloc(&data, bytes), "cudaMalloc of " + std::to_string(bytes) + " bytes");
  return data;
}

void release(void* data) noexcept { cudaFree(data); }

void fill(void* data, std::uint8_t byte, std::size_t bytes) {
  expect_cuda(cudaMemset(data, byte, bytes), "cudaMemset");
}

void upload(void* to, const void* from, std::size_t bytes) {
  expect_cuda(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "cudaMemcpy to the GPU");
}

void download(void* to, const void* from, std::size_t bytes) {
  expect_cuda(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "cudaMemcpy from the GPU");
}

void fill(void* data, std::uint8_t byte, std::size_t bytes, Stream stream) {
  expect_cuda(cudaMemsetAsync(data, byte, bytes, stream), "cudaMemsetAsync");
}

void copy(void* to, const void* from, std::size_t bytes, Stream stream) {
  expect_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream), "cudaMemcpyAsync on the GPU");
}

void synchronize() { expect_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize"); }

}  // namespace kernelgate::gpu_memory
