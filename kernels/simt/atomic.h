#pragma once
// Atomic access to global and shared memory, fences, and loads for threads that wait for each other.
//
// On the host each of these is also a point where another thread may run, so that a thread that polls
// does not keep the others from running.

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/atomic_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

template <class T>
concept AtomicInteger = std::same_as<T, int> || std::same_as<T, unsigned>;
template <class T>
concept AtomicNumber = AtomicInteger<T> || std::same_as<T, float>;

/// Each returns the value from before. Relaxed order, visible to the whole device.
///
/// Types   float sums in global memory take subnormals for zeros of their sign, also as results; in shared memory not.
/// Errors  host: the address is not a multiple of 4.
/// Source  PTX ISA, atom.
template <AtomicNumber T>
SIMT_DEVICE T atomic_add(T* at, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return atomicAdd(at, value);
#else
  return executor::atomic_add({"atomic_add", where}, at, value);
#endif
}

template <AtomicInteger T>
SIMT_DEVICE T atomic_max(T* at, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return atomicMax(at, value);
#else
  return executor::atomic_update({"atomic_max", where}, at, [value](T old) { return old < value ? value : old; });
#endif
}

template <AtomicInteger T>
SIMT_DEVICE T atomic_min(T* at, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return atomicMin(at, value);
#else
  return executor::atomic_update({"atomic_min", where}, at, [value](T old) { return value < old ? value : old; });
#endif
}

template <AtomicNumber T>
SIMT_DEVICE T atomic_exchange(T* at, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return atomicExch(at, value);
#else
  return executor::atomic_update({"atomic_exchange", where}, at, [value](T) { return value; });
#endif
}

/// Counts 0, 1, ..., `last`, 0, ...: the next value is 0 after `last`, else one more.
SIMT_DEVICE unsigned atomic_inc(unsigned* at, unsigned last, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return atomicInc(at, last);
#else
  return executor::atomic_update({"atomic_inc", where}, at,
                                 [last](unsigned old) { return old >= last ? 0u : old + 1; });
#endif
}

/// What this thread wrote before is seen by whoever sees what it writes after, on the whole device.
///
/// Source  CUDA C++ Programming Guide, __threadfence; PTX ISA, fence.sc.gpu / membar.gl.
SIMT_DEVICE void thread_fence() {
#if SIMT_ON_GPU
  __threadfence();
#else
  executor::thread_fence();
#endif
}

/// A value that other threads may write meanwhile. No order with other accesses.
template <AtomicNumber T>
SIMT_DEVICE T load_volatile(const T* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return *const_cast<const volatile T*>(from);
#else
  return executor::atomic_load({"load_volatile", where}, from);
#endif
}

/// The same, and what was written before the matching store_release is seen after it.
///
/// Source  PTX ISA, ld.acquire.gpu.u32.
template <AtomicInteger T>
SIMT_DEVICE T load_acquire(const T* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  unsigned value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(__cvta_generic_to_global(from)) : "memory");
  return static_cast<T>(value);
#else
  return executor::atomic_load({"load_acquire", where}, from);
#endif
}

/// Source  PTX ISA, st.release.gpu.u32.
template <AtomicInteger T>
SIMT_DEVICE void store_release(T* to, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(__cvta_generic_to_global(to)),
               "r"(static_cast<unsigned>(value))
               : "memory");
#else
  executor::atomic_store({"store_release", where}, to, value);
#endif
}

/// Adds, and what this thread wrote before is seen by whoever reads the sum with load_acquire.
///
/// Source  PTX ISA, red.release.gpu.add.u32.
template <AtomicInteger T>
SIMT_DEVICE void red_release_add(T* at, std::type_identity_t<T> value,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(__cvta_generic_to_global(at)),
               "r"(static_cast<unsigned>(value))
               : "memory");
#else
  executor::atomic_add_release({"red_release_add", where}, at, value);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
