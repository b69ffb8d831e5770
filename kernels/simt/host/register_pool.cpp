#include "kernels/simt/host/register_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/warpgroup_operation.h"

namespace kernelgate::simt::executor {
namespace {

constexpr unsigned registers_of_block = 65536;
constexpr unsigned step = 8;
constexpr unsigned least = 24;
constexpr unsigned most_registers = 256;

struct Arguments {
  unsigned registers;
  bool more;
  bool granted;
};

void wake(RegisterPool& pool) {
  for (const Thread* thread : std::exchange(pool.waiters, {})) thread->block->make_ready(*thread);
}

void perform(Block& block, unsigned group, const Operation& operation, void* const* arguments) {
  auto& first = *static_cast<Arguments*>(arguments[0]);
  RegisterPool& pool = block.registers();
  const Thread& thread = block.thread(128 * group);
  for (unsigned i = 1; i < 128; ++i)
    if (const auto& other = *static_cast<const Arguments*>(arguments[i]); other.registers != first.registers)
      fault(thread, operation,
            fmt::format("{} registers here, {} in thread {} of the same warpgroup", first.registers, other.registers,
                        describe(block.thread(128 * group + i).index)));
  const unsigned held = pool.of(group);
  if (first.more ? first.registers < held : first.registers > held)
    fault(thread, operation,
          fmt::format("{} registers, the warpgroup holds {}: {}", first.registers, held,
                      first.more ? "it can't be raised to less" : "it can't be lowered to more"));
  bool granted = true;
  if (first.more) {
    granted = pool.raise(group, first.registers);
  } else {
    pool.lower(group, first.registers);
    wake(pool);
  }
  for (unsigned i = 0; i < 128; ++i) static_cast<Arguments*>(arguments[i])->granted = granted;
}

}  // namespace

void RegisterPool::begin(unsigned threads) {
  const unsigned each = std::min(most_registers, registers_of_block / threads / step * step);
  held_.fill(each);
  free_ = 0;
  waiters.clear();
}

void RegisterPool::lower(unsigned warpgroup, unsigned registers) {
  free_ += held_[warpgroup] - registers;
  held_[warpgroup] = registers;
}

bool RegisterPool::raise(unsigned warpgroup, unsigned registers) {
  const unsigned wanted = registers - held_[warpgroup];
  if (wanted > free_) return false;
  free_ -= wanted;
  held_[warpgroup] = registers;
  return true;
}

void set_max_registers(const Operation& operation, unsigned registers, bool more) {
  if (registers < least || registers > most_registers || registers % step != 0)
    fault(operation,
          fmt::format("{} registers: must be {} to {}, a multiple of {}", registers, least, most_registers, step));
  Thread& thread = current_thread();
  Block& block = *thread.block;
  Arguments mine{registers, more, false};
  warpgroup_operation(operation, &mine, perform);
  if (mine.granted) return;

  const unsigned group = thread.linear / 128;
  RegisterPool& pool = block.registers();
  const auto what = [&] {
    return fmt::format("warpgroup {} wants {} registers a thread and holds {}, {} are free", group, registers,
                       pool.of(group), pool.free());
  };
  const Wait wait{operation, std::cref(what)};  // by reference, so that no wait allocates
  thread.wait = &wait;
  // The first of the group that can takes them for all.
  while (pool.of(group) != registers && !pool.raise(group, registers)) {
    pool.waiters.push_back(&thread);
    block.suspend(thread);
  }
  thread.wait = nullptr;
  block.progress();
}

}  // namespace kernelgate::simt::executor
