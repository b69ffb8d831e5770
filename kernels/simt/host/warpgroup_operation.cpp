#include "kernels/simt/host/warpgroup_operation.h"

#include <fmt/format.h>

#include <bit>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/warp_operation.h"

namespace kernelgate::simt::executor {
namespace {

constexpr unsigned warps_of_group = 4;

// The group's warp that waits elsewhere or is gone, so that this one would wait for ever or meet another call.
void require_group(const Thread& thread, const Operation& operation, const Warpgroup& group) {
  const Block& block = *thread.block;
  const unsigned first = thread.linear / 128 * warps_of_group;
  if (block.thread_count() < (first + warps_of_group) * 32)
    fault(thread, operation,
          fmt::format("needs a warpgroup of 128 threads, the last one of a block of {} has {}", block.thread_count(),
                      block.thread_count() - first * 32));
  for (unsigned w = first; w < first + warps_of_group; ++w)
    if (block.warp(w).exited != 0)
      fault(thread, operation,
            fmt::format("needs the whole warpgroup, but threads of its warp {} have returned from the kernel", w));
  if (group.arrived != 0 && !same(group.operation, operation))
    fault(thread, operation,
          fmt::format("the warpgroup has diverged: {} of its warps wait at {}", std::popcount(group.arrived),
                      describe(group.operation)));
}

}  // namespace

void warpgroup_operation(const Operation& operation, void* mine, PerformGroup perform) {
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const unsigned number = thread.linear / 128;
  Warpgroup& group = block.warpgroup(number);
  require_group(thread, operation, group);
  group.arguments[thread.linear % 128] = mine;
  if (!arrive_in_warp(thread, operation, mine)) return block.suspend(thread);
  if (group.arrived == 0) group.operation = operation;
  group.arrived |= 1u << thread.linear / 32 % warps_of_group;
  if (group.arrived != 0xf) return block.suspend(thread);

  perform(block, number, operation, group.arguments.data());
  group.arrived = 0;
  for (unsigned w = number * warps_of_group; w < (number + 1) * warps_of_group; ++w) {
    block.warp(w).arrived = 0;
    block.make_ready(w, w == thread.linear / 32 ? ~(1u << thread.lane) : ~0u);
  }
  block.progress();
}

}  // namespace kernelgate::simt::executor
