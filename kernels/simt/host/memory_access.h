#pragma once
// Checked access to global memory, and the block's shared memory.

#include <cstdint>
#include <cstring>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void* dynamic_shared(const Operation& operation);

[[noreturn]] void fault_global(const Operation& operation, const void* address, std::size_t bytes);

inline void check_global(const Operation& operation, const void* address, std::size_t bytes) {
  if (address == nullptr || reinterpret_cast<std::uintptr_t>(address) % bytes != 0 ||
      current_thread().block->shared().contains(address, 1))
    fault_global(operation, address, bytes);
}

template <class T>
T load(const Operation& operation, const void* from) {
  check_global(operation, from, sizeof(T));
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <class T>
void store(const Operation& operation, void* to, const T& value) {
  check_global(operation, to, sizeof(T));
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace kernelgate::simt::executor
