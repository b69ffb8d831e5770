#include "kernels/simt/host/mbarrier_access.h"

#include <fmt/format.h>

#include <functional>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {
namespace {

// The table of the thread's own block: these instructions reach no other.
MbarrierTable& own_table(Thread& thread, const Operation& operation, const void* mbarrier) {
  Block& block = *thread.block;
  if (!block.shared().contains(mbarrier, 1)) {
    if (const Block* other = block.cluster().block_of(mbarrier); other != nullptr)
      fault(thread, operation,
            fmt::format("the mbarrier is in the shared memory of block {}, must be in its own",
                        describe(other->index())));
    fault(thread, operation, fmt::format("out of bounds: the mbarrier is {}", block.shared().locate(mbarrier)));
  }
  return block.mbarriers();
}

[[noreturn]] void lags(Thread& thread, const Operation& operation, const MbarrierTable& table, const void* mbarrier,
                       std::uint64_t waited_for, std::uint64_t now) {
  fault(thread, operation,
        fmt::format("{}: waits for the end of phase {}, but before it looked again phase {} has ended too, and a wait "
                    "by parity takes it for not over; the phases must not go on without this thread",
                    table.locate(mbarrier), waited_for, now - 1));
}

bool look(Thread& thread, const Operation& operation, const void* mbarrier, std::uint32_t parity) {
  MbarrierTable& table = own_table(thread, operation, mbarrier);
  MbarrierState& state = table.find(thread, operation, mbarrier);
  if (thread.polled == mbarrier && (thread.polled_phase & 1) == (parity & 1) && state.phase >= thread.polled_phase + 2)
    lags(thread, operation, table, mbarrier, thread.polled_phase, state.phase);
  if (state.is_over(parity)) {
    state.seen = state.phase;
    if (thread.polled == mbarrier) thread.polled = nullptr;
    return true;
  }
  thread.polled = mbarrier;
  thread.polled_phase = state.phase;
  return false;
}

}  // namespace

void mbarrier_init(const Operation& operation, void* mbarrier, std::uint32_t count) {
  Thread& thread = current_thread();
  thread.block->mbarriers().init(thread, operation, mbarrier, count);
}

void mbarrier_invalidate(const Operation& operation, void* mbarrier) {
  Thread& thread = current_thread();
  own_table(thread, operation, mbarrier).invalidate(thread, operation, mbarrier);
}

void mbarrier_arrive(const Operation& operation, void* mbarrier) {
  Thread& thread = current_thread();
  finish_arrivals(thread);
  own_table(thread, operation, mbarrier).arrive(thread, operation, mbarrier);
}

void mbarrier_expect_tx(const Operation& operation, void* mbarrier, std::uint32_t bytes) {
  Thread& thread = current_thread();
  own_table(thread, operation, mbarrier).expect(thread, operation, mbarrier, bytes);
}

void mbarrier_arrive_expect_tx(const Operation& operation, void* mbarrier, std::uint32_t bytes) {
  Thread& thread = current_thread();
  finish_arrivals(thread);
  MbarrierTable& table = own_table(thread, operation, mbarrier);
  table.expect(thread, operation, mbarrier, bytes);
  table.arrive(thread, operation, mbarrier);
}

bool mbarrier_test(const Operation& operation, const void* mbarrier, std::uint32_t parity, bool again) {
  Thread& thread = current_thread();
  if (look(thread, operation, mbarrier, parity)) return true;
  const MbarrierTable& table = thread.block->mbarriers();
  const auto what = [&] {
    return table.locate(mbarrier) + ": " + thread.block->mbarriers().find(thread, operation, mbarrier).describe();
  };
  const Wait wait{operation, std::cref(what)};  // by reference, so that no wait allocates
  thread.wait = &wait;
  thread.block->cluster().poll(thread, operation, Polls::mbarrier);
  thread.wait = nullptr;
  return again && look(thread, operation, mbarrier, parity);
}

void mbarrier_wait(const Operation& operation, const void* mbarrier, std::uint32_t parity) {
  Thread& thread = current_thread();
  if (BlockCounters* counters = thread.block->counters()) ++counters->values.mbarrier_waits;
  if (look(thread, operation, mbarrier, parity)) return;
  thread.polled = nullptr;
  MbarrierTable& table = thread.block->mbarriers();
  MbarrierState& state = table.find(thread, operation, mbarrier);
  MbarrierWaiter waiter{&thread, state.phase};
  state.waiters.push_back(&waiter);
  const auto what = [&] { return table.locate(mbarrier) + ": " + state.describe(); };
  const Wait wait{operation, std::cref(what)};  // by reference, so that no wait allocates
  thread.wait = &wait;
  thread.block->suspend(thread);
  thread.wait = nullptr;
  // Found again: it may have been invalidated since its phase ended.
  MbarrierState& now = table.find(thread, operation, mbarrier);
  if (now.phase >= waiter.phase + 2) lags(thread, operation, table, mbarrier, waiter.phase, now.phase);
  now.seen = now.phase;
}

void mbarrier_arrive_cluster(const Operation& operation, void* mbarrier) {
  Thread& thread = current_thread();
  Cluster& cluster = thread.block->cluster();
  Block& block = cluster.reach(thread, operation, mbarrier, 8);
  if (&block == thread.block) return mbarrier_arrive(operation, mbarrier);
  check_async_mbarrier(thread, operation, block, mbarrier);
  Thread* issuer = &thread;
  const auto arrive = [issuer, operation, &block, mbarrier] { block.mbarriers().arrive(*issuer, operation, mbarrier); };
  const AsyncTicket ticket =
      cluster.engine().issue({operation, issuer, reinterpret_cast<std::uintptr_t>(issuer), {arrive}, &block});
  thread.arrivals.push_back(ticket);
}

void fence_mbarrier_init() { ++current_thread().init_fences; }

void check_async_mbarrier(const Thread& issuer, const Operation& operation, Block& block, const void* mbarrier) {
  const MbarrierState& state = block.mbarriers().find(issuer, operation, mbarrier);
  if (state.maker->init_fences > state.maker_init_fences) return;
  // In its own block the fence between the proxies will do.
  if (issuer.block == &block && state.maker->proxy_fences > state.maker_proxy_fences) return;
  fault(issuer, operation,
        fmt::format("{} was made by thread {} of block {} with {}, which has not executed fence_mbarrier_init since",
                    block.mbarriers().locate(mbarrier), describe(state.maker->index),
                    describe(state.maker->block->index()), describe(state.made)));
}

void complete_tx(Block& block, const Thread& issuer, const Operation& operation, void* mbarrier, std::uint32_t bytes) {
  if (block.has_exited())
    fault(issuer, operation,
          fmt::format("its {} bytes arrive at block {}, which has exited", bytes, describe(block.index())));
  block.mbarriers().complete(issuer, operation, mbarrier, bytes);
}

void complete_tx(Block& block, const AsyncOperation& cause, void* mbarrier, std::uint32_t bytes) {
  complete_tx(block, *cause.issuer, cause.operation, mbarrier, bytes);
}

void finish_arrivals(Thread& thread) {
  if (thread.arrivals.empty()) return;
  for (const AsyncTicket ticket : thread.arrivals) thread.block->cluster().engine().finish(ticket);
  thread.arrivals.clear();
}

}  // namespace kernelgate::simt::executor
