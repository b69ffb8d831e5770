#pragma once
// Checked access to the block's own shared memory.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/simt/host/memory_access.h"

namespace kernelgate::simt::executor {

[[noreturn]] void fault_shared(const Operation& operation, const void* address, std::size_t bytes);

inline void check_shared(const Operation& operation, const void* address, std::size_t bytes) {
  if (!current_thread().block->shared().contains(address, bytes) ||
      reinterpret_cast<std::uintptr_t>(address) % bytes != 0)
    fault_shared(operation, address, bytes);
}

template <class T>
T load_shared(const Operation& operation, const void* from) {
  check_shared(operation, from, sizeof(T));
  note_access(operation, Access::shared_load, from, sizeof(T));
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <class T>
void store_shared(const Operation& operation, void* to, const T& value) {
  check_shared(operation, to, sizeof(T));
  note_access(operation, Access::shared_store, to, sizeof(T));
  std::memcpy(to, &value, sizeof(T));
  Thread& thread = current_thread();
  thread.block->proxies().generic_write(thread, operation, to, sizeof(T));
}

}  // namespace kernelgate::simt::executor
