#include "kernels/simt/host/cluster_barrier.h"

#include <fmt/format.h>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"
#include "kernels/simt/host/warp_operation.h"

namespace kernelgate::simt::executor {

void ClusterBarrier::begin(unsigned threads) {
  expected_ = threads;
  arrived_ = 0;
  phase_ = 0;
  waiters_.clear();
}

void ClusterBarrier::arrive(const Operation& operation) {
  Thread& thread = current_thread();
  if (thread.in_cluster_barrier)
    fault(thread, operation, "has arrived at the cluster's barrier already: cluster_wait must come in between");
  thread.in_cluster_barrier = true;
  thread.cluster_phase = phase_;
  ++arrived_;
  end_phase_if_complete(thread.block->cluster());
}

void ClusterBarrier::wait(const Operation& operation) {
  Thread& thread = current_thread();
  Cluster& cluster = thread.block->cluster();
  if (!thread.in_cluster_barrier)
    fault(thread, operation, "has not arrived at the cluster's barrier: cluster_arrive must come first");
  if (phase_ == thread.cluster_phase) {
    const Wait wait{operation, [this] {
                      return fmt::format("the cluster's barrier: {} of {} threads have arrived", arrived_, expected_);
                    }};
    thread.wait = &wait;
    waiters_.push_back(&thread);
    cluster.suspend(thread);
    thread.wait = nullptr;
  } else {
    // Who goes on first is for the seed to say.
    thread.block->make_ready(thread);
    cluster.leave_warp();
    cluster.suspend(thread);
  }
  thread.in_cluster_barrier = false;
}

void ClusterBarrier::thread_exits(Thread& thread) {
  --expected_;
  if (thread.in_cluster_barrier && thread.cluster_phase == phase_) --arrived_;
  if (expected_ > 0) end_phase_if_complete(thread.block->cluster());
}

void ClusterBarrier::end_phase_if_complete(Cluster& cluster) {
  cluster.progress();
  if (arrived_ < expected_) return;
  arrived_ = 0;
  ++phase_;
  if (BlockCounters* counters = cluster.block(0).counters()) ++counters->values.cluster_barriers;
  for (const Thread* waiter : waiters_) waiter->block->make_ready(*waiter);
  waiters_.clear();
  cluster.leave_warp();
}

void cluster_arrive(const Operation& operation, bool releases) {
  meet_in_warp(operation);
  Thread& thread = current_thread();
  if (releases) finish_arrivals(thread);
  thread.block->cluster().barrier().arrive(operation);
}

void cluster_sync(const Operation& operation) {
  cluster_arrive(operation, true);
  current_thread().block->cluster().barrier().wait(operation);
}

void cluster_wait(const Operation& operation) {
  meet_in_warp(operation);
  current_thread().block->cluster().barrier().wait(operation);
}

}  // namespace kernelgate::simt::executor
