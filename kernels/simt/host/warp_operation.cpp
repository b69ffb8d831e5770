#include "kernels/simt/host/warp_operation.h"

#include <fmt/format.h>

#include <bit>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"

namespace kernelgate::simt::executor {

bool arrive_in_warp(Thread& thread, const Operation& operation, void* mine) {
  if (!thread.arrivals.empty()) finish_arrivals(thread);
  Warp& warp = thread.block->warp_of(thread);
  if (warp.exited != 0)
    fault(thread, operation,
          fmt::format("needs the whole warp, but {} of its lanes have returned from the kernel",
                      std::popcount(warp.exited)));
  if (warp.arrived == 0) {
    warp.operation = operation;
  } else if (!same(warp.operation, operation)) {
    fault(thread, operation,
          fmt::format("the warp has diverged: {} of its lanes wait at {}", std::popcount(warp.arrived),
                      describe(warp.operation)));
  }
  warp.arrived |= 1u << thread.lane;
  warp.arguments[thread.lane] = mine;
  if (warp.arrived != warp.lanes) return false;
  if (BlockCounters* counters = thread.block->counters()) counters->note_rendezvous(thread.linear / 32);
  return true;
}

namespace {

void release(Thread& last) {
  Block& block = *last.block;
  Warp& warp = block.warp_of(last);
  block.make_ready(last.linear / 32, warp.arrived & ~(1u << last.lane));
  warp.arrived = 0;
  block.progress();
}

struct BarrierArguments {
  unsigned id;
  unsigned threads;
};

void require_uniform(Thread& thread, const Operation& operation, const BarrierArguments& mine) {
  const Warp& warp = thread.block->warp_of(thread);
  for (unsigned lane = 0; lane < 32; ++lane) {
    if ((warp.lanes >> lane & 1) == 0) continue;
    const auto& other = *static_cast<const BarrierArguments*>(warp.arguments[lane]);
    if (other.id != mine.id || other.threads != mine.threads)
      fault(thread, operation,
            fmt::format("barrier {} for {} threads here, barrier {} for {} in lane {} of the same warp", mine.id,
                        mine.threads, other.id, other.threads, lane));
  }
}

void require_same_barrier(Thread& thread, const Operation& operation, const BarrierArguments& mine, Barrier& at) {
  if (at.arrived == 0) {
    at.first = operation;
    at.expected = mine.threads;
  } else if (at.expected != mine.threads) {
    fault(thread, operation,
          fmt::format("barrier {} is for {} threads here, for {} at {}", mine.id, mine.threads, at.expected,
                      describe(at.first)));
  } else if (mine.id == 0 && !same(at.first, operation)) {
    fault(thread, operation,
          fmt::format("the block has diverged: {} threads wait at {}; where parts of a block take different ways, "
                      "use named_barrier_sync",
                      at.arrived, describe(at.first)));
  }
  if ((at.warps >> thread.linear / 32 & 1) != 0)
    fault(thread, operation,
          fmt::format("its warp has arrived at barrier {} already, {} of {} threads are there", mine.id, at.arrived,
                      at.expected));
}

// The arrival of a whole warp, by the last of its lanes. True if the barrier is complete, and so open again.
bool arrive_at_barrier(Thread& thread, const Operation& operation, const BarrierArguments& mine, bool waits) {
  Block& block = *thread.block;
  const unsigned number = thread.linear / 32;
  Barrier& at = block.barrier(mine.id);
  require_uniform(thread, operation, mine);
  require_same_barrier(thread, operation, mine, at);
  at.arrived += 32;  // a barrier counts warps, also those with fewer threads
  at.warps |= 1u << number;
  if (waits) {
    at.waiting |= 1u << number;
    block.warp(number).barrier = static_cast<int>(mine.id);
  }
  block.progress();
  if (at.arrived != at.expected) return false;
  for (std::uint32_t left = at.waiting; left != 0; left &= left - 1) {
    const auto waiting = static_cast<unsigned>(std::countr_zero(left));
    block.warp(waiting).barrier = -1;
    block.warp(waiting).arrived = 0;
    block.make_ready(waiting, block.warp(waiting).lanes);
  }
  at = {};
  if (BlockCounters* counters = block.counters())
    ++(mine.id == 0 ? counters->values.block_barriers : counters->values.named_barriers);
  block.leave_warp();
  return true;
}

void barrier(const Operation& operation, BarrierArguments mine) {
  Thread& thread = current_thread();
  if (arrive_in_warp(thread, operation, &mine)) arrive_at_barrier(thread, operation, mine, true);
  // Also the last one to arrive: who goes on first is for the seed to say.
  thread.block->suspend(thread);
}

void check_named_barrier(const Operation& operation, unsigned id, unsigned threads) {
  if (id == 0 || id >= Block::named_barriers)
    fault(operation, fmt::format("barrier {}: a named barrier is 1 to {}", id, Block::named_barriers - 1));
  const unsigned most = 32 * current_thread().block->warp_count();
  if (threads == 0 || threads % 32 != 0 || threads > most)
    fault(operation, fmt::format("barrier {} for {} threads: must be a multiple of 32, and at most the {} of the block",
                                 id, threads, most));
}

struct ShuffleArguments {
  std::uint32_t bits;
  unsigned source;
  std::uint32_t result;
};

}  // namespace

void warp_operation(const Operation& operation, void* mine, Perform perform) {
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const unsigned number = thread.linear / 32;
  if (block.warp(number).lanes != ~0u)
    fault(thread, operation,
          fmt::format("needs a warp of 32, this one has {} threads", std::popcount(block.warp(number).lanes)));
  if (!arrive_in_warp(thread, operation, mine)) return block.suspend(thread);
  perform(block, number, operation, block.warp(number).arguments.data());
  release(thread);
}

bool meet_in_warp(const Operation& operation) {
  Thread& thread = current_thread();
  if (!arrive_in_warp(thread, operation, nullptr)) {
    thread.block->suspend(thread);
    return false;
  }
  release(thread);
  return true;
}

void sync_warp(const Operation& operation) {
  if (!meet_in_warp(operation)) return;
  if (BlockCounters* counters = current_thread().block->counters()) ++counters->values.warp_barriers;
}

void sync_threads(const Operation& operation) {
  const Block& block = *current_thread().block;
  if (block.exited() > 0)
    fault(operation,
          fmt::format("needs the whole block, but {} of its threads have returned from the kernel", block.exited()));
  barrier(operation, {0, 32 * block.warp_count()});
}

void named_barrier_sync(const Operation& operation, unsigned id, unsigned threads) {
  check_named_barrier(operation, id, threads);
  barrier(operation, {id, threads});
}

void named_barrier_arrive(const Operation& operation, unsigned id, unsigned threads) {
  check_named_barrier(operation, id, threads);
  Thread& thread = current_thread();
  BarrierArguments mine{id, threads};
  if (!arrive_in_warp(thread, operation, &mine)) return thread.block->suspend(thread);
  arrive_at_barrier(thread, operation, mine, false);
  release(thread);
}

bool elect_one(const Operation& operation) {
  warp_operation(operation, nullptr, [](Block&, unsigned, const Operation&, void* const*) {});
  const Thread& thread = current_thread();
  return thread.lane == thread.block->cluster().elected_lane();
}

std::uint32_t shuffle(const Operation& operation, std::uint32_t bits, unsigned source) {
  ShuffleArguments mine{bits, source, 0};
  warp_operation(operation, &mine, [](Block&, unsigned, const Operation&, void* const* arguments) {
    for (unsigned lane = 0; lane < 32; ++lane) {
      auto& to = *static_cast<ShuffleArguments*>(arguments[lane]);
      to.result = static_cast<const ShuffleArguments*>(arguments[to.source])->bits;
    }
  });
  return mine.result;
}

std::uint32_t reduce(const Operation& operation, std::uint32_t bits,
                     std::uint32_t (*combine)(std::uint32_t, std::uint32_t)) {
  struct Arguments {
    std::uint32_t bits;
    std::uint32_t (*combine)(std::uint32_t, std::uint32_t);
  } mine{bits, combine};
  warp_operation(operation, &mine, [](Block&, unsigned, const Operation&, void* const* arguments) {
    auto all = *static_cast<const Arguments*>(arguments[0]);
    for (unsigned lane = 1; lane < 32; ++lane)
      all.bits = all.combine(all.bits, static_cast<const Arguments*>(arguments[lane])->bits);
    for (unsigned lane = 0; lane < 32; ++lane) static_cast<Arguments*>(arguments[lane])->bits = all.bits;
  });
  return mine.bits;
}

std::uint32_t ballot(const Operation& operation, bool predicate) {
  ShuffleArguments mine{predicate ? 1u : 0u, 0, 0};
  warp_operation(operation, &mine, [](Block&, unsigned, const Operation&, void* const* arguments) {
    std::uint32_t votes = 0;
    for (unsigned lane = 0; lane < 32; ++lane)
      votes |= static_cast<const ShuffleArguments*>(arguments[lane])->bits << lane;
    for (unsigned lane = 0; lane < 32; ++lane) static_cast<ShuffleArguments*>(arguments[lane])->result = votes;
  });
  return mine.result;
}

}  // namespace kernelgate::simt::executor
