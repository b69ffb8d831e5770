#pragma once
// The blocks of a cluster, and the scheduler that runs all their threads on one core. A launch without
// clusters is one of clusters of a single block.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/op/random.h"
#include "kernels/simt/host/async_engine.h"
#include "kernels/simt/host/block.h"
#include "kernels/simt/host/cluster_barrier.h"

namespace kernelgate::simt::executor {

/// What a thread that polls looks at. Where nothing but mbarriers is polled nobody outside the cluster can
/// help, and a deadlock is known at once.
enum class Polls { memory, mbarrier, clock };

class Cluster {
 public:
  /// Runs every thread of cluster `number` of the grid to its end. Reusable.
  ///
  /// Errors  Fault; then all threads have been unwound.
  void run(Grid& grid, std::size_t number);

  unsigned size() const { return size_; }
  Block& block(unsigned rank) { return *blocks_[rank]; }
  const Block& block(unsigned rank) const { return *blocks_[rank]; }
  /// Whose shared memory the address is in; null if nobody's.
  Block* block_of(const void* address);
  /// The block in whose shared memory those bytes are, if `thread` may reach them now.
  ///
  /// Errors  Fault: they are nobody's, or of another block that may not have started (no barrier of the cluster has
  ///         been passed) or has exited.
  Block& reach(const Thread& thread, const Operation& operation, const void* address, std::size_t bytes);
  AsyncEngine& engine() { return engine_; }
  const AsyncEngine& engine() const { return engine_; }
  ClusterBarrier& barrier() { return barrier_; }
  const ClusterBarrier& barrier() const { return barrier_; }
  Random& random() { return random_; }
  const Grid& grid() const { return *grid_; }
  /// The lane that elect_one picks, the same for the whole run.
  unsigned elected_lane() const { return elected_lane_; }
  /// Thread switches so far: the only time that the same seed repeats.
  std::uint64_t switches() const { return switches_; }
  unsigned live_threads() const { return live_threads_; }
  void thread_exited() { --live_threads_; }

  void suspend(Thread& thread);
  void make_ready(Block& block, unsigned warp, std::uint32_t lanes) {
    if (lanes == 0) return;
    block.warp(warp).ready |= lanes;
    ready_warps_[block.rank()] |= 1u << warp;
    ready_blocks_ |= 1u << block.rank();
  }
  /// Lets others run; the thread stays ready.
  ///
  /// Errors  Fault when all threads have only polled for too long.
  void poll(Thread& thread, const Operation& operation, Polls what);
  void progress() {
    polls_ = 0;
    polled_memory_ = polled_mbarrier_ = false;
  }
  void leave_warp() { leave_warp_ = true; }

 private:
  struct Unwind {};

  void begin(Grid& grid, std::size_t number);
  Thread* next();
  void draw_warp();
  static void body(void* thread);
  template <class Act>
  void outside(Act act);
  bool land();
  void drift();
  void drain();
  void end_threads();
  void look_at_the_clock(Thread& thread, const Operation& operation);

  Grid* grid_ = nullptr;
  std::size_t number_ = 0;
  unsigned size_ = 0;
  std::vector<std::unique_ptr<Block>> blocks_;
  AsyncEngine engine_;
  ClusterBarrier barrier_;

  Random random_{0};
  unsigned elected_lane_ = 0;
  bool runs_deep_ = false;
  std::array<std::uint32_t, max_cluster_blocks> ready_warps_{};
  std::uint32_t ready_blocks_ = 0;
  unsigned running_rank_ = 0;
  Block* running_block_ = nullptr;
  unsigned running_warp_ = 0;
  bool leave_warp_ = false;
  std::uint64_t switches_ = 0;
  unsigned live_threads_ = 0;
  std::uint64_t polls_ = 0;
  bool polled_memory_ = false;
  bool polled_mbarrier_ = false;
  std::chrono::steady_clock::time_point polls_since_;
  bool ending_ = false;
  std::optional<std::string> error_;
};

inline Random& Block::random() { return cluster_->random(); }
inline Landing Block::landing() const { return cluster_->engine().landing(); }
inline void Block::progress() { cluster_->progress(); }
inline void Block::leave_warp() { cluster_->leave_warp(); }
inline void Block::suspend(Thread& thread) { cluster_->suspend(thread); }
inline void Block::make_ready(unsigned warp, std::uint32_t lanes) { cluster_->make_ready(*this, warp, lanes); }

}  // namespace kernelgate::simt::executor
