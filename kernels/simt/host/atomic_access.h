#pragma once
// Atomic operations on the host. Blocks run on several cores, so these are the host's own atomics.

#include <atomic>
#include <concepts>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

/// Lets other threads run, and checks the address.
void before_atomic(const Operation& operation, const void* address);
/// The same for what reads and writes.
void before_update(const Operation& operation, const void* address);

/// An atomic operation on shared memory has written through the generic proxy.
void after_atomic_write(const Operation& operation, const void* address);

/// As atom.add.f32 adds there: subnormals are zeros, and so is a result that would be one.
float atomic_add_flushed(float* at, float value);
bool in_shared_memory(const void* address);

template <class T>
T atomic_add(const Operation& operation, T* at, T value) {
  before_update(operation, at);
  if constexpr (std::same_as<T, float>)
    if (!in_shared_memory(at)) return atomic_add_flushed(at, value);
  const T old = std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_relaxed);
  after_atomic_write(operation, at);
  return old;
}

template <class T>
void atomic_add_release(const Operation& operation, T* at, T value) {
  before_update(operation, at);
  std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_release);
}

template <class T, class Update>
T atomic_update(const Operation& operation, T* at, Update update) {
  before_update(operation, at);
  std::atomic_ref<T> cell(*at);
  T old = cell.load(std::memory_order_relaxed);
  while (!cell.compare_exchange_weak(old, update(old), std::memory_order_relaxed)) {
  }
  after_atomic_write(operation, at);
  return old;
}

template <class T>
T atomic_load(const Operation& operation, const T* from) {
  before_atomic(operation, from);
  return std::atomic_ref<T>(*const_cast<T*>(from)).load(std::memory_order_acquire);
}

template <class T>
void atomic_store(const Operation& operation, T* to, T value) {
  before_atomic(operation, to);
  std::atomic_ref<T>(*to).store(value, std::memory_order_release);
}

inline void thread_fence() { std::atomic_thread_fence(std::memory_order_seq_cst); }

}  // namespace kernelgate::simt::executor
