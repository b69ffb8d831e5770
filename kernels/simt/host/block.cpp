#include "kernels/simt/host/block.h"

#include <fmt/format.h>

#include <bit>
#include <cassert>

#include "kernels/simt/host/async_copy.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate::simt::executor {
namespace {

unsigned random_member(Random& random, std::uint32_t set) {
  for (std::uint64_t skip = random.bits() % static_cast<unsigned>(std::popcount(set)); skip > 0; --skip) set &= set - 1;
  return static_cast<unsigned>(std::countr_zero(set));
}

Dim3 unravel(std::size_t linear, const Dim3& size) {
  return {static_cast<unsigned>(linear % size.x), static_cast<unsigned>(linear / size.x % size.y),
          static_cast<unsigned>(linear / size.x / size.y)};
}

}  // namespace

constinit thread_local Thread* running_thread = nullptr;

void fault_outside_kernel() { throw Fault("a device function of simt:: was called outside a kernel"); }

std::string Block::describe() const {
  return fmt::format("kernel {} (launched at {}:{}), block {}",
                     grid_->shape.kernel_name != nullptr ? grid_->shape.kernel_name : "?", short_path(grid_->file),
                     grid_->line, executor::describe(index_));
}

void Block::begin(Grid& grid, std::size_t linear) {
  grid_ = &grid;
  linear_ = linear;
  index_ = unravel(linear, grid.shape.grid);
  thread_count_ = static_cast<unsigned>(grid.shape.block.count());
  warp_count_ = (thread_count_ + 31) / 32;
  exited_ = 0;
  error_.reset();
  ending_ = false;
  polls_ = 0;
  // Two draws apart, so that neighbouring blocks and neighbouring seeds have nothing in common.
  random_ = Random(Random(grid.seed).bits() ^ Random(~static_cast<std::uint64_t>(linear)).bits());
  constexpr Landing landings[] = {Landing::late, Landing::late, Landing::early, Landing::mixed};
  landing_ = landings[random_.bits() % 4];
  // Deep: a warp runs on until it must wait, as far ahead of the others as barriers let it.
  runs_deep_ = random_.bits() % 4 != 0;
  leave_warp_ = true;
  barriers_.fill({});
  shared_.begin_block(grid.shape.dynamic_shared_bytes);

  if (threads_.size() < thread_count_) threads_.resize(thread_count_);
  while (stacks_.size() < thread_count_) stacks_.emplace_back();
  ready_warps_ = 0;
  for (unsigned w = 0; w < warp_count_; ++w) {
    const unsigned lanes = std::min(32u, thread_count_ - 32 * w);
    warps_[w] = {};
    warps_[w].lanes = lanes == 32 ? ~0u : (1u << lanes) - 1;
    make_ready(w, warps_[w].lanes);
  }
  for (unsigned i = 0; i < thread_count_; ++i) {
    Thread& thread = threads_[i];
    thread.block = this;
    thread.index = unravel(i, grid.shape.block);
    thread.linear = i;
    thread.lane = i % 32;
    thread.done = false;
    thread.copies.clear();
    thread.committed_groups = 0;
    thread.fiber.start(stacks_[i], &Block::body, &thread);
  }
}

void Block::run(Grid& grid, std::size_t linear) {
  begin(grid, linear);
  while (exited_ < thread_count_ && !error_) {
    Thread* thread = next();
    if (thread == nullptr) {
      error_ = deadlock();
      break;
    }
    running_thread = thread;
    thread->fiber.resume();
    running_thread = nullptr;
  }
  if (error_) end_threads();
  const auto damage = shared_.guard_damage();
  if (!error_ && damage) error_ = describe() + ": " + *damage;
  if (error_ && grid.first_fault > linear) throw Fault(*error_);
}

Thread* Block::next() {
  if (ready_warps_ == 0) return nullptr;
  if (leave_warp_ || !runs_deep_ || (ready_warps_ >> running_warp_ & 1) == 0)
    running_warp_ = random_member(random_, ready_warps_);
  leave_warp_ = false;
  Warp& warp = warps_[running_warp_];
  const unsigned lane = random_member(random_, warp.ready);
  warp.ready &= ~(1u << lane);
  if (warp.ready == 0) ready_warps_ &= ~(1u << running_warp_);
  return &threads_[running_warp_ * 32 + lane];
}

// On the thread's own stack. No exception may leave it, and none may be in flight at a switch.
void Block::body(void* argument) {
  Thread& thread = *static_cast<Thread*>(argument);
  Block& block = *thread.block;
  try {
    if (!block.ending_) {
      (*block.grid_->kernel)();
      block.exit(thread);
    }
  } catch (const Unwind&) {
  } catch (const Fault& problem) {
    if (!block.error_) block.error_ = problem.what();
  } catch (const std::exception& problem) {
    if (!block.error_)
      block.error_ = fmt::format("{}, thread {}: the kernel threw: {}", block.describe(),
                                 executor::describe(thread.index), problem.what());
  }
  thread.done = true;
}

void Block::exit(Thread& thread) {
  land_all(thread);
  Warp& warp = warp_of(thread);
  const auto refuse = [&](const std::string& what) {
    throw Fault(fmt::format("{}, thread {} (warp {}, lane {}): returns from the kernel while {}", describe(),
                            executor::describe(thread.index), thread.linear / 32, thread.lane, what));
  };
  if (warp.arrived != 0)
    refuse(fmt::format("{} lanes of its warp wait for it at {}", std::popcount(warp.arrived),
                       executor::describe(warp.operation)));
  if (barriers_[0].arrived != 0)
    refuse(fmt::format("{} threads of its block wait for it at {}", barriers_[0].arrived,
                       executor::describe(barriers_[0].first)));
  warp.exited |= 1u << thread.lane;
  ++exited_;
  progress();
}

// What lives on the threads' stacks is destroyed by unwinding them.
void Block::end_threads() {
  ending_ = true;
  for (unsigned i = 0; i < thread_count_; ++i) {
    Thread& thread = threads_[i];
    if (thread.done) continue;
    running_thread = &thread;
    thread.fiber.resume();
    running_thread = nullptr;
    assert(thread.done);
  }
}

void Block::suspend(Thread& thread) {
  thread.fiber.suspend();
  if (ending_) throw Unwind{};
}

void Block::make_ready(unsigned warp, std::uint32_t lanes) {
  warps_[warp].ready |= lanes;
  if (lanes != 0) ready_warps_ |= 1u << warp;
}

void Block::poll(Thread& thread, const Operation& operation) {
  constexpr std::uint64_t look_at_the_clock = 1 << 14;
  if (++polls_ == 1) polls_since_ = std::chrono::steady_clock::now();
  if (polls_ % look_at_the_clock == 0) {
    if (grid_->first_fault < linear_) throw Unwind{};  // what it waits for may never come
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - polls_since_;
    if (waited.count() > poll_limit())
      fault(thread, operation,
            fmt::format("for {:.0f} s the block has done nothing but poll memory. {}", waited.count(), deadlock()));
  }
  make_ready(thread.linear / 32, 1u << thread.lane);
  leave_warp_ = true;
  suspend(thread);
}

std::string Block::waiting(const Warp& warp) const {
  if (warp.exited == warp.lanes) return "exited";
  if (warp.barrier >= 0) {
    const Barrier& barrier = barriers_[static_cast<unsigned>(warp.barrier)];
    return fmt::format("at {}, barrier {}: {} of {} threads have arrived", executor::describe(warp.operation),
                       warp.barrier, barrier.arrived, barrier.expected);
  }
  if (warp.arrived != 0)
    return fmt::format("{} of {} lanes at {}", std::popcount(warp.arrived), std::popcount(warp.lanes),
                       executor::describe(warp.operation));
  return "running";
}

std::string Block::deadlock() const {
  std::string text = describe() + ": deadlock:";
  for (unsigned first = 0; first < warp_count_;) {
    const std::string what = waiting(warps_[first]);
    unsigned last = first;
    while (last + 1 < warp_count_ && waiting(warps_[last + 1]) == what) ++last;
    text += fmt::format("{} {} {}", first == 0 ? "" : ";",
                        first == last ? fmt::format("warp {}", first) : fmt::format("warps {}-{}", first, last), what);
    first = last + 1;
  }
  return text;
}

}  // namespace kernelgate::simt::executor
