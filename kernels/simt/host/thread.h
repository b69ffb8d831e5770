#pragma once
// A CUDA thread and a warp, as the host executor keeps them.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/simt/host/async_engine.h"
#include "kernels/simt/host/bulk_groups.h"
#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/fiber.h"
#include "kernels/simt/shape.h"

namespace kernelgate::simt::executor {

class Block;

/// A cp.async that was issued and has not landed.
struct AsyncCopy {
  Operation operation;
  void* to = nullptr;
  const void* from = nullptr;
  int bytes = 0;
  int source_bytes = 0;
  unsigned group = 0;
};

/// Why one thread waits by itself: for the text of a deadlock.
struct Wait {
  Operation operation;
  std::function<std::string()> what;  ///< "mbarrier at offset 16: ..."
};

struct Thread {
  Block* block = nullptr;
  Dim3 index;
  unsigned linear = 0;
  unsigned lane = 0;
  bool done = false;
  Fiber fiber;
  std::vector<AsyncCopy> copies;
  unsigned committed_groups = 0;
  const Wait* wait = nullptr;  ///< on the thread's own stack while it waits
  /// Its arrivals at barriers of other blocks that may not have got there.
  std::vector<AsyncTicket> arrivals;
  std::uint64_t proxy_fences = 0;  ///< how many fence_proxy_async it has executed
  std::uint64_t init_fences = 0;   ///< and fence_mbarrier_init
  const void* polled = nullptr;    ///< the mbarrier whose phase was not over when it looked last
  std::uint64_t polled_phase = 0;
  BulkGroups bulk;
  bool in_cluster_barrier = false;  ///< has arrived and not waited
  std::uint64_t cluster_phase = 0;  ///< of the cluster's barrier, at which it arrived
};

/// Lane sets are bit masks.
struct Warp {
  std::uint32_t lanes = 0;  ///< that the block has: all 32, but for a block's last warp
  std::uint32_t ready = 0;  ///< may run
  std::uint32_t exited = 0;
  std::uint32_t arrived = 0;  ///< wait at `operation` for the rest of the warp
  Operation operation;
  std::array<void*, 32> arguments{};
  int barrier = -1;  ///< the block's barrier at which the whole warp waits
};

extern thread_local constinit Thread* running_thread;

/// The CUDA thread that runs now.
///
/// Errors  Fault outside a kernel.
[[noreturn]] void fault_outside_kernel();
inline Thread& current_thread() {
  if (running_thread == nullptr) fault_outside_kernel();
  return *running_thread;
}

}  // namespace kernelgate::simt::executor
