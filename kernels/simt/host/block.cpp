#include "kernels/simt/host/block.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "kernels/simt/host/async_copy.h"
#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"

namespace kernelgate::simt::executor {

Dim3 unravel(std::size_t linear, const Dim3& size) {
  return {static_cast<unsigned>(linear % size.x), static_cast<unsigned>(linear / size.x % size.y),
          static_cast<unsigned>(linear / size.x / size.y)};
}

std::string Block::describe() const {
  return fmt::format("kernel {} (launched at {}:{}), block {}",
                     grid_->shape.kernel_name != nullptr ? grid_->shape.kernel_name : "?", short_path(grid_->file),
                     grid_->line, executor::describe(index_));
}

void Block::begin(Cluster& cluster, const Grid& grid, unsigned rank, const Dim3& index) {
  cluster_ = &cluster;
  grid_ = &grid;
  rank_ = rank;
  index_ = index;
  thread_count_ = static_cast<unsigned>(grid.shape.block.count());
  warp_count_ = (thread_count_ + 31) / 32;
  exited_ = 0;
  waited_for_grid_ = false;
  barriers_.fill({});
  for (Warpgroup& group : warpgroups_) {
    group.arrived = 0;
    group.wgmma.begin();
  }
  shared_.begin_block(grid.shape.dynamic_shared_bytes);
  mbarriers_.begin(*this);
  proxies_.begin(shared_);
  registers_.begin(thread_count_);
  counting_ = grid.counting;
  if (counting_) counters_.begin_block();

  if (threads_.size() < thread_count_) threads_.resize(thread_count_);
  while (stacks_.size() < thread_count_) stacks_.emplace_back();
  for (unsigned i = 0; i < thread_count_; ++i) {
    Thread& thread = threads_[i];
    thread.block = this;
    thread.index = unravel(i, grid.shape.block);
    thread.linear = i;
    thread.lane = i % 32;
    thread.done = false;
    thread.copies.clear();
    thread.committed_groups = 0;
    thread.wait = nullptr;
    thread.arrivals.clear();
    thread.bulk.clear();
    thread.proxy_fences = 0;
    thread.init_fences = 0;
    thread.polled = nullptr;
    thread.in_cluster_barrier = false;
  }
  for (unsigned w = 0; w < warp_count_; ++w) {
    const unsigned lanes = std::min(32u, thread_count_ - 32 * w);
    warps_[w] = {};
    warps_[w].lanes = lanes == 32 ? ~0u : (1u << lanes) - 1;
    make_ready(w, warps_[w].lanes);
  }
}

void Block::exit(Thread& thread) {
  land_all(thread);
  finish_arrivals(thread);
  thread.bulk.check_exit(thread);
  const Warp& warp = warp_of(thread);
  const auto refuse = [&](const std::string& what) {
    throw Fault(fmt::format("{}, thread {} (warp {}, lane {}): returns from the kernel while {}", describe(),
                            executor::describe(thread.index), thread.linear / 32, thread.lane, what));
  };
  if (warp.arrived != 0)
    refuse(fmt::format("{} lanes of its warp wait for it at {}", std::popcount(warp.arrived),
                       executor::describe(warp.operation)));
  if (const Warpgroup& group = warpgroups_[thread.linear / 128]; group.arrived != 0)
    refuse(fmt::format("{} warps of its warpgroup wait for it at {}", std::popcount(group.arrived),
                       executor::describe(group.operation)));
  if (barriers_[0].arrived != 0)
    refuse(fmt::format("{} threads of its block wait for it at {}", barriers_[0].arrived,
                       executor::describe(barriers_[0].first)));
  warp_of(thread).exited |= 1u << thread.lane;
  ++exited_;
  cluster_->thread_exited();
  cluster_->barrier().thread_exits(thread);
  progress();
  if (has_exited()) end(thread);
}

// What would be written into, or read from, the shared memory of a block that is gone.
void Block::end(const Thread& last) {
  const auto refuse = [&](const std::string& what) {
    throw Fault(fmt::format("{}, thread {}, the last of its block to return from the kernel: {}", describe(),
                            executor::describe(last.index), what));
  };
  for (const Warpgroup& group : warpgroups_)
    if (!group.wgmma.under_way.empty())
      refuse(fmt::format("its warpgroup {} has not waited for {}: wgmma_commit, then wgmma_wait<0>",
                         &group - warpgroups_.data(), executor::describe(group.wgmma.under_way.front().operation)));
  if (const AsyncOperation* left = cluster_->engine().touching(*this))
    refuse(fmt::format("{} of block {}, thread {} is still under way in its shared memory",
                       executor::describe(left->operation), executor::describe(left->issuer->block->index()),
                       executor::describe(left->issuer->index)));
  if (const std::string left = mbarriers_.left_over(); !left.empty()) refuse(left);
  if (grid_->shape.overlaps_previous && !waited_for_grid_)
    refuse("no thread of it has called grid_dependency_wait, though the launch overlaps the kernel before it");
}

}  // namespace kernelgate::simt::executor
