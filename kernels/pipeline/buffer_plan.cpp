#include "kernels/pipeline/buffer_plan.h"

#include <algorithm>
#include <numeric>

namespace kernelgate::pipeline {

BufferPlan plan_buffers(std::span<const Lifetime> buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return buffers[i].bytes; });
  BufferPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<std::size_t> placed;
  for (const std::size_t i : order) {
    const std::size_t bytes =
        (buffers[i].bytes + BufferPlan::alignment - 1) / BufferPlan::alignment * BufferPlan::alignment;
    const auto meets = [&](std::size_t other) {
      return buffers[i].first <= buffers[other].last && buffers[other].first <= buffers[i].last;
    };
    std::size_t at = 0;
    std::ranges::sort(placed, {}, [&](std::size_t other) { return plan.offsets[other]; });
    for (const std::size_t other : placed)
      if (meets(other) && plan.offsets[other] < at + bytes)
        at = std::max(at, plan.offsets[other] + (buffers[other].bytes + BufferPlan::alignment - 1) /
                                                    BufferPlan::alignment * BufferPlan::alignment);
    plan.offsets[i] = at;
    plan.bytes = std::max(plan.bytes, at + bytes);
    placed.push_back(i);
  }
  return plan;
}

}  // namespace kernelgate::pipeline
