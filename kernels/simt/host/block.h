#pragma once
// One block of a grid: its threads, its shared memory and what is kept beside it.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "kernels/op/random.h"
#include "kernels/simt/host/block_counters.h"
#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/fiber.h"
#include "kernels/simt/host/global_memory.h"
#include "kernels/simt/host/mbarrier_state.h"
#include "kernels/simt/host/proxy_tracker.h"
#include "kernels/simt/host/register_pool.h"
#include "kernels/simt/host/shared_memory.h"
#include "kernels/simt/host/thread.h"
#include "kernels/simt/host/wgmma_registers.h"
#include "kernels/simt/shape.h"

namespace kernelgate::simt::executor {

/// What all blocks of a launch share.
struct Grid {
  LaunchShape shape;
  const char* file = "";
  unsigned line = 0;
  const std::function<void()>* kernel = nullptr;
  std::uint64_t seed = 0;
  std::vector<GuardedGlobal> tensors;  ///< between guard bands
  /// The lowest cluster that failed: the ones behind it need not go on.
  std::atomic<std::size_t> first_fault{SIZE_MAX};
  /// Whether its blocks count what they do, and what those counted that have ended.
  bool counting = false;
  std::mutex counters_mutex;
  Counters counters;
  MemoryCalls memory_calls;
};

/// A barrier of the block; 0 is that of sync_threads.
struct Barrier {
  unsigned expected = 0;  ///< threads
  unsigned arrived = 0;
  std::uint32_t warps = 0;    ///< that have arrived
  std::uint32_t waiting = 0;  ///< the ones of them that wait
  Operation first;
};

/// Four warps that execute wgmma and the like together.
struct Warpgroup {
  unsigned arrived = 0;  ///< warps that wait at `operation` for the rest of the group
  Operation operation;
  std::array<void*, 128> arguments{};
  WgmmaRegisters wgmma;
};

class Cluster;

/// The coordinates of element `linear` of a box, x fastest.
Dim3 unravel(std::size_t linear, const Dim3& size);

class Block {
 public:
  static constexpr unsigned named_barriers = 16;

  /// Ready to run as block `rank` of the cluster; `index` is that in the grid. Reusable.
  void begin(Cluster& cluster, const Grid& grid, unsigned rank, const Dim3& index);

  const Dim3& index() const { return index_; }
  const LaunchShape& shape() const { return grid_->shape; }
  const std::vector<GuardedGlobal>& tensors() const { return grid_->tensors; }
  Cluster& cluster() const { return *cluster_; }
  unsigned rank() const { return rank_; }
  SharedMemory& shared() { return shared_; }
  const SharedMemory& shared() const { return shared_; }
  MbarrierTable& mbarriers() { return mbarriers_; }
  ProxyTracker& proxies() { return proxies_; }
  RegisterPool& registers() { return registers_; }
  Random& random();
  Landing landing() const;
  /// Null where nobody counts.
  BlockCounters* counters() { return counting_ ? &counters_ : nullptr; }
  Barrier& barrier(unsigned id) { return barriers_[id]; }
  const Barrier& barrier(unsigned id) const { return barriers_[id]; }
  Warp& warp(unsigned number) { return warps_[number]; }
  const Warp& warp(unsigned number) const { return warps_[number]; }
  Warp& warp_of(const Thread& thread) { return warps_[thread.linear / 32]; }
  Warpgroup& warpgroup(unsigned number) { return warpgroups_[number]; }
  const Warpgroup& warpgroup(unsigned number) const { return warpgroups_[number]; }
  Thread& thread(unsigned number) { return threads_[number]; }
  const Thread& thread(unsigned number) const { return threads_[number]; }
  const Stack& stack(unsigned number) const { return stacks_[number]; }
  unsigned thread_count() const { return thread_count_; }
  unsigned warp_count() const { return warp_count_; }
  unsigned exited() const { return exited_; }
  bool has_exited() const { return exited_ == thread_count_; }
  /// "kernel sm80_multistage (launched at kernels/matmul/x.cu:210), block (0,1,0)"
  std::string describe() const;

  /// Lets other threads run until somebody makes this one ready. Throws when the cluster ends.
  void suspend(Thread& thread);
  void make_ready(unsigned warp, std::uint32_t lanes);
  void make_ready(const Thread& thread) { make_ready(thread.linear / 32, 1u << thread.lane); }
  /// Something happened that is not polling.
  void progress();
  /// The next thread to run is drawn from all warps.
  void leave_warp();

  /// The thread returns from the kernel.
  ///
  /// Errors  Fault when others wait for it, or something is under way that needs its block.
  void exit(Thread& thread);
  /// grid_dependency_wait was called.
  void waited_for_grid() { waited_for_grid_ = true; }

 private:
  void end(const Thread& last);

  Cluster* cluster_ = nullptr;
  const Grid* grid_ = nullptr;
  unsigned rank_ = 0;
  Dim3 index_;
  unsigned thread_count_ = 0;
  unsigned warp_count_ = 0;
  unsigned exited_ = 0;
  bool waited_for_grid_ = false;
  std::vector<Thread> threads_;
  std::vector<Stack> stacks_;
  std::array<Warp, 32> warps_;
  std::array<Warpgroup, 8> warpgroups_;
  std::array<Barrier, named_barriers> barriers_;
  SharedMemory shared_;
  MbarrierTable mbarriers_;
  ProxyTracker proxies_;
  RegisterPool registers_;
  bool counting_ = false;
  BlockCounters counters_;
};

}  // namespace kernelgate::simt::executor
