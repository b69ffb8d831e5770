#include "kernels/simt/host/cluster.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>

#include "kernels/simt/host/deadlock.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::simt::executor {
namespace {

// How many bits each byte of a set has, and from that the place of its n-th: without a branch, since this is drawn at
// every switch of threads. x86-64 as such has no instruction for either.
std::uint32_t count_in_bytes(std::uint32_t set) {
  set -= set >> 1 & 0x55555555u;
  set = (set & 0x33333333u) + (set >> 2 & 0x33333333u);
  return (set + (set >> 4)) & 0x0f0f0f0fu;
}

unsigned count(std::uint32_t set) { return count_in_bytes(set) * 0x01010101u >> 24; }

unsigned member(std::uint32_t set, unsigned n) {
  const std::uint32_t up_to_byte = count_in_bytes(set) * 0x01010101u;  // running sums
  // Three whole bytes at most lie before it.
  const unsigned before =
      (n >= (up_to_byte & 0xffu)) + (n >= (up_to_byte >> 8 & 0xffu)) + (n >= (up_to_byte >> 16 & 0xffu));
  n -= static_cast<unsigned>(std::uint64_t{up_to_byte} << 8 >> 8 * before & 0xffu);
  std::uint32_t rest = set >> 8 * before & 0xffu;
  for (; n > 0; --n) rest &= rest - 1;
  return 8 * before + static_cast<unsigned>(std::countr_zero(rest));
}

/// In [0, end), from 64 random bits.
unsigned below(std::uint64_t draw, unsigned end) { return static_cast<unsigned>((draw & 0xffffffffu) * end >> 32); }

}  // namespace

constinit thread_local Thread* running_thread = nullptr;

void fault_outside_kernel() { throw Fault("a device function of simt:: was called outside a kernel"); }

void Cluster::begin(Grid& grid, std::size_t number) {
  grid_ = &grid;
  number_ = number;
  error_.reset();
  ending_ = false;
  switches_ = 0;
  progress();
  // Two draws apart, so that neighbouring clusters and neighbouring seeds have nothing in common.
  random_ = Random(Random(grid.seed).bits() ^ Random(~static_cast<std::uint64_t>(number)).bits());
  constexpr Landing landings[] = {Landing::late, Landing::late, Landing::early, Landing::mixed};
  engine_.begin(landings[random_.bits() % 4], &random_);
  // Deep: a warp runs on until it must wait, as far ahead of the others as barriers let it.
  runs_deep_ = random_.bits() % 4 != 0;
  leave_warp_ = true;
  elected_lane_ = static_cast<unsigned>(Random(~grid.seed).bits() % 32);

  const LaunchShape& shape = grid.shape;
  const Dim3 clusters{shape.grid.x / shape.cluster.x, shape.grid.y / shape.cluster.y, shape.grid.z / shape.cluster.z};
  const Dim3 at = unravel(number, clusters);
  size_ = static_cast<unsigned>(shape.cluster.count());
  while (blocks_.size() < size_) blocks_.push_back(std::make_unique<Block>());
  ready_warps_.fill(0);
  ready_blocks_ = 0;
  running_rank_ = 0;
  running_block_ = blocks_[0].get();
  live_threads_ = size_ * static_cast<unsigned>(shape.block.count());
  barrier_.begin(live_threads_);
  for (unsigned rank = 0; rank < size_; ++rank) {
    const Dim3 inside = unravel(rank, shape.cluster);
    Block& block = *blocks_[rank];
    block.begin(
        *this, grid, rank,
        {at.x * shape.cluster.x + inside.x, at.y * shape.cluster.y + inside.y, at.z * shape.cluster.z + inside.z});
    for (unsigned i = 0; i < block.thread_count(); ++i)
      block.thread(i).fiber.start(block.stack(i), &Cluster::body, &block.thread(i));
  }
}

void Cluster::run(Grid& grid, std::size_t number) {
  begin(grid, number);
  while (live_threads_ > 0 && !error_) {
    Thread* thread = next();
    if (thread == nullptr) {
      if (!land() && !error_) error_ = deadlock(*this);
      continue;
    }
    ++switches_;
    running_thread = thread;
    thread->fiber.resume();
    running_thread = nullptr;
    if (engine_.drifts()) drift();
  }
  if (!error_) drain();
  if (error_) end_threads();
  for (unsigned rank = 0; rank < size_; ++rank) {
    const auto damage = blocks_[rank]->shared().guard_damage();
    if (!error_ && damage) error_ = blocks_[rank]->describe() + ": " + *damage;
  }
  if (error_ && grid.first_fault > number) throw Fault(*error_);
  if (grid.counting) {
    const std::lock_guard lock(grid.counters_mutex);
    for (unsigned rank = 0; rank < size_; ++rank)
      blocks_[rank]->counters()->end_block(grid.counters, grid.memory_calls);
  }
}

void Cluster::draw_warp() {
  unsigned ready = 0;
  for (unsigned rank = 0; rank < size_; ++rank) ready += count(ready_warps_[rank]);
  unsigned n = below(random_.bits(), ready);
  if (size_ > 1) {
    running_rank_ = 0;
    for (unsigned here = count(ready_warps_[0]); n >= here; here = count(ready_warps_[++running_rank_])) n -= here;
    running_block_ = blocks_[running_rank_].get();
  }
  running_warp_ = member(ready_warps_[running_rank_], n);
}

Thread* Cluster::next() {
  if (ready_blocks_ == 0) return nullptr;
  std::uint32_t* ready = &ready_warps_[running_rank_];
  if (leave_warp_ || !runs_deep_ || (*ready >> running_warp_ & 1) == 0) {
    draw_warp();
    ready = &ready_warps_[running_rank_];
  }
  leave_warp_ = false;
  Warp& warp = running_block_->warp(running_warp_);
  const unsigned lane = member(warp.ready, below(random_.bits(), count(warp.ready)));
  warp.ready &= ~(1u << lane);
  if (warp.ready == 0 && (*ready &= ~(1u << running_warp_)) == 0) ready_blocks_ &= ~(1u << running_rank_);
  return &running_block_->thread(running_warp_ * 32 + lane);
}

// On the thread's own stack. No exception may leave it, and none may be in flight at a switch.
void Cluster::body(void* argument) {
  Thread& thread = *static_cast<Thread*>(argument);
  Cluster& cluster = thread.block->cluster();
  try {
    if (!cluster.ending_) {
      (*cluster.grid_->kernel)();
      thread.block->exit(thread);
    }
  } catch (const Unwind&) {
  } catch (const Fault& problem) {
    if (!cluster.error_) cluster.error_ = problem.what();
  } catch (const std::exception& problem) {
    if (!cluster.error_)
      cluster.error_ = fmt::format("{}, thread {}: the kernel threw: {}", thread.block->describe(),
                                   describe(thread.index), problem.what());
  }
  thread.done = true;
}

// Outside any fiber: what a step throws is kept.
template <class Act>
void Cluster::outside(Act act) {
  try {
    act();
  } catch (const std::exception& problem) {
    if (!error_) error_ = problem.what();
  }
}

bool Cluster::land() {
  bool landed = false;
  outside([&] { landed = engine_.land_one(); });
  if (landed) progress();
  return landed;
}

void Cluster::drift() {
  outside([&] { engine_.drift(); });
}

// All threads have returned: what they left under way still happens.
void Cluster::drain() {
  while (!error_ && land()) {
  }
}

// What lives on the threads' stacks is destroyed by unwinding them.
void Cluster::end_threads() {
  ending_ = true;
  engine_.abandon();
  for (unsigned rank = 0; rank < size_; ++rank)
    for (unsigned i = 0; i < blocks_[rank]->thread_count(); ++i) {
      Thread& thread = blocks_[rank]->thread(i);
      if (thread.done) continue;
      running_thread = &thread;
      thread.fiber.resume();
      running_thread = nullptr;
      assert(thread.done);
    }
}

Block* Cluster::block_of(const void* address) {
  for (unsigned rank = 0; rank < size_; ++rank)
    if (blocks_[rank]->shared().contains(address, 1)) return blocks_[rank].get();
  return nullptr;
}

Block& Cluster::reach(const Thread& thread, const Operation& operation, const void* address, std::size_t bytes) {
  Block* block = block_of(address);
  if (block == nullptr)
    fault(thread, operation,
          fmt::format("out of bounds: the address is {}, and in no other's of the cluster",
                      thread.block->shared().locate(address)));
  if (!block->shared().contains(address, bytes))
    fault(thread, operation,
          fmt::format("out of bounds: {} bytes {} in block {}", bytes, block->shared().locate(address),
                      describe(block->index())));
  if (block == thread.block) return *block;
  if (barrier_.phase() == 0)
    fault(thread, operation,
          fmt::format("block {} may not have started yet: cluster_sync must come first", describe(block->index())));
  if (block->has_exited())
    fault(thread, operation,
          fmt::format("block {} has exited, and its shared memory with it", describe(block->index())));
  return *block;
}

void Cluster::suspend(Thread& thread) {
  thread.fiber.suspend();
  if (ending_) throw Unwind{};
}

void Cluster::poll(Thread& thread, const Operation& operation, Polls what) {
  if (++polls_ == 1) polls_since_ = std::chrono::steady_clock::now();
  polled_memory_ |= what == Polls::memory;
  polled_mbarrier_ |= what == Polls::mbarrier;
  // Long enough for whoever has something better to do to be drawn; then what is under way must help.
  if (polls_ % (std::uint64_t{8} * live_threads_) == 0 && engine_.land_one()) progress();
  const std::uint64_t hopeless = 10000 + std::uint64_t{100} * live_threads_;
  if (polled_mbarrier_ && !polled_memory_ && polls_ > hopeless)
    fault(thread, operation, fmt::format("the threads that could run only poll mbarriers. {}", deadlock(*this)));
  constexpr std::uint64_t polls_between_looks = 1 << 14;
  if (polls_ % polls_between_looks == 0) look_at_the_clock(thread, operation);
  thread.block->make_ready(thread);
  leave_warp_ = true;
  suspend(thread);
}

void Cluster::look_at_the_clock(Thread& thread, const Operation& operation) {
  if (grid_->first_fault < number_) throw Unwind{};  // what it waits for may never come
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - polls_since_;
  if (waited.count() > poll_limit())
    fault(thread, operation,
          fmt::format("for {:.0f} s the {} has done nothing but poll memory. {}", waited.count(),
                      size_ == 1 ? "block" : "cluster", deadlock(*this)));
}

}  // namespace kernelgate::simt::executor
