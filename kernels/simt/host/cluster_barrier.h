#pragma once
// The barrier of all threads of a cluster, with arrival and wait apart.

#include <cstdint>
#include <vector>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

class Cluster;

class ClusterBarrier {
 public:
  void begin(unsigned threads);

  /// Of the thread that runs; its whole warp executes them together.
  ///
  /// Errors  Fault: a second arrival without a wait between, a wait without an arrival.
  void arrive(const Operation& operation);
  void wait(const Operation& operation);
  /// A thread that returns from the kernel is not waited for.
  void thread_exits(Thread& thread);

  /// How often all have arrived.
  std::uint64_t phase() const { return phase_; }

 private:
  void end_phase_if_complete(Cluster& cluster);

  unsigned expected_ = 0;
  unsigned arrived_ = 0;
  std::uint64_t phase_ = 0;
  std::vector<Thread*> waiters_;
};

/// cluster_arrive also releases what the thread wrote, cluster_arrive_relaxed does not.
void cluster_arrive(const Operation& operation, bool releases);
void cluster_wait(const Operation& operation);
void cluster_sync(const Operation& operation);

}  // namespace kernelgate::simt::executor
