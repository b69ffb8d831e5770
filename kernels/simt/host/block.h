#pragma once
// One block of a grid: its threads, its shared memory, and the scheduler that runs them on one core.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/random.h"
#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/fiber.h"
#include "kernels/simt/host/shared_memory.h"
#include "kernels/simt/host/thread.h"
#include "kernels/simt/shape.h"

namespace kernelgate::simt::executor {

/// What all blocks of a launch share.
struct Grid {
  LaunchShape shape;
  const char* file = "";
  unsigned line = 0;
  const std::function<void()>* kernel = nullptr;
  std::uint64_t seed = 0;
  /// The lowest block that failed: the ones behind it need not go on.
  std::atomic<std::size_t> first_fault{SIZE_MAX};
};

/// When asynchronous copies land; the seed chooses for each block.
enum class Landing { early, late, mixed };

/// A barrier of the block; 0 is that of sync_threads.
struct Barrier {
  unsigned expected = 0;  ///< threads
  unsigned arrived = 0;
  std::uint32_t warps = 0;  ///< that wait
  Operation first;
};

class Block {
 public:
  static constexpr unsigned named_barriers = 16;

  /// Runs every thread of block `linear` of the grid to its end. Reusable.
  ///
  /// Errors  Fault; then all threads have been unwound.
  void run(Grid& grid, std::size_t linear);

  const Dim3& index() const { return index_; }
  const LaunchShape& shape() const { return grid_->shape; }
  SharedMemory& shared() { return shared_; }
  Random& random() { return random_; }
  Landing landing() const { return landing_; }
  Barrier& barrier(unsigned id) { return barriers_[id]; }
  Warp& warp(unsigned number) { return warps_[number]; }
  Warp& warp_of(const Thread& thread) { return warps_[thread.linear / 32]; }
  Thread& thread(unsigned number) { return threads_[number]; }
  unsigned warp_count() const { return warp_count_; }
  unsigned exited() const { return exited_; }
  /// "kernel sm80_multistage (launched at kernels/matmul/x.cu:210), block (0,1,0)"
  std::string describe() const;

  /// Lets other threads run until somebody makes this one ready. Throws Unwind when the block ends.
  void suspend(Thread& thread);
  void make_ready(unsigned warp, std::uint32_t lanes);
  /// Lets others run; the thread stays ready. For threads that wait by reading memory.
  void poll(Thread& thread, const Operation& operation);
  /// Something happened that is not polling.
  void progress() { polls_ = 0; }
  /// The next thread to run is drawn from all warps.
  void leave_warp() { leave_warp_ = true; }

 private:
  struct Unwind {};

  void begin(Grid& grid, std::size_t linear);
  Thread* next();
  static void body(void* thread);
  void exit(Thread& thread);
  void end_threads();
  std::string deadlock() const;
  std::string waiting(const Warp& warp) const;

  Grid* grid_ = nullptr;
  std::size_t linear_ = 0;
  Dim3 index_;
  unsigned thread_count_ = 0;
  unsigned warp_count_ = 0;
  unsigned exited_ = 0;
  std::vector<Thread> threads_;
  std::vector<Stack> stacks_;
  std::array<Warp, 32> warps_;
  std::array<Barrier, named_barriers> barriers_;
  SharedMemory shared_;

  Random random_{0};
  Landing landing_ = Landing::late;
  bool runs_deep_ = false;
  std::uint32_t ready_warps_ = 0;
  unsigned running_warp_ = 0;
  bool leave_warp_ = false;
  std::uint64_t polls_ = 0;
  std::chrono::steady_clock::time_point polls_since_;
  bool ending_ = false;
  std::optional<std::string> error_;
};

}  // namespace kernelgate::simt::executor
