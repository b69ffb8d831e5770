#pragma once
// Which buffers may share memory: those that are never needed at the same time.

#include <cstddef>
#include <span>
#include <vector>

namespace kernelgate::pipeline {

/// A buffer is written in step `first`, and read in step `last` for the last time.
struct Lifetime {
  std::size_t bytes = 0;
  int first = 0, last = 0;
};

struct BufferPlan {
  static constexpr std::size_t alignment = 256;  ///< of each buffer, as cudaMalloc's

  std::vector<std::size_t> offsets;  ///< of each buffer
  std::size_t bytes = 0;             ///< of them all
};

/// The largest first, each at the lowest place that no buffer has that lives at the same time. Buffers of one step
/// never meet: a step reads while it writes.
BufferPlan plan_buffers(std::span<const Lifetime> buffers);

}  // namespace kernelgate::pipeline
