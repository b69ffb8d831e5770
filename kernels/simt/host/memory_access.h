#pragma once
// Checked access to global memory, and the block's shared memory.

#include <cstdint>
#include <cstring>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void* dynamic_shared(const Operation& operation);

[[noreturn]] void fault_global(const Operation& operation, const void* address, std::size_t bytes);

/// Counts an access of the thread that runs, if anybody counts.
inline void note_access(const Operation& operation, Access access, const void* address, std::size_t bytes) {
  const Thread& thread = current_thread();
  if (BlockCounters* counters = thread.block->counters())
    counters->note_access(thread, operation, access, address, bytes);
}

[[noreturn]] void fault_beside(const Operation& operation, const GuardedGlobal& tensor, const void* address,
                               std::size_t bytes);

/// Errors  Fault: the bytes are in the guard bands of a tensor, or reach into them.
inline void check_bounds(const Operation& operation, const void* address, std::size_t bytes) {
  if (const GuardedGlobal* tensor = beside(current_thread().block->tensors(), address, bytes))
    fault_beside(operation, *tensor, address, bytes);
}

inline void check_global(const Operation& operation, const void* address, std::size_t bytes) {
  if (address == nullptr || reinterpret_cast<std::uintptr_t>(address) % bytes != 0 ||
      current_thread().block->shared().contains(address, 1))
    fault_global(operation, address, bytes);
  check_bounds(operation, address, bytes);
}

template <class T>
T load(const Operation& operation, const void* from) {
  check_global(operation, from, sizeof(T));
  note_access(operation, Access::global_read, from, sizeof(T));
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <class T>
void store(const Operation& operation, void* to, const T& value) {
  check_global(operation, to, sizeof(T));
  note_access(operation, Access::global_write, to, sizeof(T));
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace kernelgate::simt::executor
