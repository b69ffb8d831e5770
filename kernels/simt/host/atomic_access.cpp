#include "kernels/simt/host/atomic_access.h"

#include <fmt/format.h>

#include <cmath>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/memory_access.h"

namespace kernelgate::simt::executor {

void before_atomic(const Operation& operation, const void* address) {
  Thread& thread = current_thread();
  if (address == nullptr) fault(operation, "the address is null");
  if (reinterpret_cast<std::uintptr_t>(address) % 4 != 0)
    fault(operation, fmt::format("misaligned: the address is {} bytes past a multiple of 4",
                                 reinterpret_cast<std::uintptr_t>(address) % 4));
  check_bounds(operation, address, 4);
  thread.block->cluster().poll(thread, operation, Polls::memory);
}

void before_update(const Operation& operation, const void* address) {
  before_atomic(operation, address);
  if (BlockCounters* counters = current_thread().block->counters()) ++counters->values.atomics;
}

bool in_shared_memory(const void* address) { return current_thread().block->shared().contains(address, 4); }

float atomic_add_flushed(float* at, float value) {
  const auto flushed = [](float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; };
  const std::atomic_ref<float> cell(*at);
  float old = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(old, flushed(flushed(old) + flushed(value)), std::memory_order_relaxed)) {
  }
  return old;
}

void after_atomic_write(const Operation& operation, const void* address) {
  Thread& thread = current_thread();
  if (thread.block->shared().contains(address, 4)) thread.block->proxies().generic_write(thread, operation, address, 4);
}

}  // namespace kernelgate::simt::executor
