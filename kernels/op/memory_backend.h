#pragma once
// GPU memory as memory.cpp needs it. memory_cuda.cpp has it; memory_nocuda.cpp refuses.

#include <cstddef>
#include <cstdint>

#include "kernels/op/device.h"

namespace kernelgate::gpu_memory {

void* allocate(int ordinal, std::size_t bytes);
void release(void* data) noexcept;
void fill(void* data, std::uint8_t byte, std::size_t bytes);
void upload(void* to, const void* from, std::size_t bytes);
void download(void* to, const void* from, std::size_t bytes);
/// In the stream's order.
void fill(void* data, std::uint8_t byte, std::size_t bytes, Stream stream);
void copy(void* to, const void* from, std::size_t bytes, Stream stream);
void synchronize();

}  // namespace kernelgate::gpu_memory
