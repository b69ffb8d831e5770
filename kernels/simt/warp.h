#pragma once
// Exchange of values within a warp. All 32 lanes must arrive.

#include <bit>
#include <concepts>
#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/warp_operation.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// A value that fits one register.
template <class T>
concept Register32 = sizeof(T) == 4;

/// The value of lane `source` modulo 32.
///
/// Source  PTX ISA, shfl.sync.idx.
template <Register32 T>
SIMT_DEVICE T shuffle(T value, unsigned source, [[maybe_unused]] Where where = Where::current()) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
#if SIMT_ON_GPU
  return std::bit_cast<T>(__shfl_sync(0xffffffffu, bits, static_cast<int>(source)));
#else
  return std::bit_cast<T>(executor::shuffle({"shuffle", where}, bits, source % 32));
#endif
}

/// The value of the lane whose number is this one's XOR `mask`.
///
/// Units   mask: 0 .. 31.
/// Source  PTX ISA, shfl.sync.bfly.
template <Register32 T>
SIMT_DEVICE T shuffle_xor(T value, unsigned mask, [[maybe_unused]] Where where = Where::current()) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
#if SIMT_ON_GPU
  return std::bit_cast<T>(__shfl_xor_sync(0xffffffffu, bits, static_cast<int>(mask)));
#else
  return std::bit_cast<T>(
      executor::shuffle({"shuffle_xor", where}, bits, (executor::current_thread().lane ^ mask) % 32));
#endif
}

/// The value of the lane `delta` further on; a lane that has none keeps its own.
///
/// Units   delta: modulo 32, which is all that the instruction looks at.
/// Source  PTX ISA, shfl.sync.down.
template <Register32 T>
SIMT_DEVICE T shuffle_down(T value, unsigned delta, [[maybe_unused]] Where where = Where::current()) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
#if SIMT_ON_GPU
  return std::bit_cast<T>(__shfl_down_sync(0xffffffffu, bits, delta));
#else
  const unsigned lane = executor::current_thread().lane, to = lane + delta % 32;
  return std::bit_cast<T>(executor::shuffle({"shuffle_down", where}, bits, to < 32 ? to : lane));
#endif
}

/// The value of the lane `delta` before; a lane that has none keeps its own.
///
/// Units   as shuffle_down.
/// Source  PTX ISA, shfl.sync.up.
template <Register32 T>
SIMT_DEVICE T shuffle_up(T value, unsigned delta, [[maybe_unused]] Where where = Where::current()) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
#if SIMT_ON_GPU
  return std::bit_cast<T>(__shfl_up_sync(0xffffffffu, bits, delta));
#else
  const unsigned lane = executor::current_thread().lane, by = delta % 32;
  return std::bit_cast<T>(executor::shuffle({"shuffle_up", where}, bits, by <= lane ? lane - by : lane));
#endif
}

/// True in one lane of the warp, always the same one: which, is not said.
///
/// Source  PTX ISA, elect.sync; before sm_90, which has none, lane 0.
SIMT_DEVICE bool elect_one([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  unsigned elected;
  asm volatile(
      "{\n"
      ".reg .pred p;\n"
      "elect.sync _|p, 0xffffffff;\n"
      "selp.u32 %0, 1, 0, p;\n"
      "}"
      : "=r"(elected));
  return elected != 0;
#else
  unsigned lane;
  asm("mov.u32 %0, %%laneid;" : "=r"(lane));
  return lane == 0;
#endif
#else
  return executor::elect_one({"elect_one", where});
#endif
}

template <class T>
concept Integer32 = std::same_as<T, int> || std::same_as<T, unsigned>;

/// The sum of all lanes' values, in every lane. It wraps around.
///
/// Source  PTX ISA, redux.sync.add (sm_80 on; five shuffles before).
template <Integer32 T>
SIMT_DEVICE T reduce_add(T value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  return static_cast<T>(__reduce_add_sync(0xffffffffu, static_cast<unsigned>(value)));
#else
  SIMT_UNROLL
  for (unsigned mask = 16; mask > 0; mask /= 2) value += shuffle_xor(value, mask);
  return value;
#endif
#else
  return static_cast<T>(executor::reduce({"reduce_add", where}, static_cast<unsigned>(value),
                                         [](std::uint32_t a, std::uint32_t b) { return a + b; }));
#endif
}

/// The least of all lanes' values, in every lane.
///
/// Source  PTX ISA, redux.sync.min (sm_80 on; five shuffles before).
template <Integer32 T>
SIMT_DEVICE T reduce_min(T value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  return __reduce_min_sync(0xffffffffu, value);
#else
  SIMT_UNROLL
  for (unsigned mask = 16; mask > 0; mask /= 2) {
    const T other = shuffle_xor(value, mask);
    value = other < value ? other : value;
  }
  return value;
#endif
#else
  return static_cast<T>(
      executor::reduce({"reduce_min", where}, static_cast<unsigned>(value),
                       [](std::uint32_t a, std::uint32_t b) { return static_cast<T>(b) < static_cast<T>(a) ? b : a; }));
#endif
}

/// The largest of all lanes' values, in every lane.
///
/// Source  PTX ISA, redux.sync.max (sm_80 on; five shuffles before).
template <Integer32 T>
SIMT_DEVICE T reduce_max(T value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  return __reduce_max_sync(0xffffffffu, value);
#else
  SIMT_UNROLL
  for (unsigned mask = 16; mask > 0; mask /= 2) {
    const T other = shuffle_xor(value, mask);
    value = value < other ? other : value;
  }
  return value;
#endif
#else
  return static_cast<T>(
      executor::reduce({"reduce_max", where}, static_cast<unsigned>(value),
                       [](std::uint32_t a, std::uint32_t b) { return static_cast<T>(a) < static_cast<T>(b) ? b : a; }));
#endif
}

/// Bit i is lane i's predicate.
///
/// Source  PTX ISA, vote.sync.ballot.
SIMT_DEVICE std::uint32_t ballot(bool predicate, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return __ballot_sync(0xffffffffu, predicate);
#else
  return executor::ballot({"ballot", where}, predicate);
#endif
}

/// Whether any lane's predicate holds.
SIMT_DEVICE bool any(bool predicate, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return __any_sync(0xffffffffu, predicate) != 0;
#else
  return executor::ballot({"any", where}, predicate) != 0;
#endif
}

/// Whether every lane's predicate holds.
SIMT_DEVICE bool all(bool predicate, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  return __all_sync(0xffffffffu, predicate) != 0;
#else
  return executor::ballot({"all", where}, predicate) == 0xffffffffu;
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
