#pragma once
// GPU memory and graphs, as memory.cpp and launch_graph.cpp need them. memory_cuda.cpp and graph_cuda.cpp have them;
// memory_nocuda.cpp refuses.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

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

/// A captured graph, ready to be launched. `beside` runs side by side with `first`, `then` behind both.
using Enqueue = std::function<void(Stream)>;
std::shared_ptr<void> capture(const Enqueue& first, const Enqueue& beside, const Enqueue& then);
void replay(void* graph, Stream stream);

}  // namespace kernelgate::gpu_memory
