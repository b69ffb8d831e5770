#pragma once
// Shared memory of a block, and access to global memory.
//
// Plain pointers work too, as in CUDA; what goes through here is checked on the host.

#include <bit>
#include <cstdint>
#include <type_traits>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/memory_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// 16 bytes, the widest access of a thread.
struct alignas(16) Vec4 {
  std::uint32_t x = 0;
  std::uint32_t y = 0;
  std::uint32_t z = 0;
  std::uint32_t w = 0;
  friend constexpr bool operator==(const Vec4&, const Vec4&) = default;
};

#if SIMT_ON_GPU
namespace detail {
template <int bytes>
struct Bits;
template <>
struct Bits<1> {
  using type = unsigned char;
};
template <>
struct Bits<2> {
  using type = unsigned short;
};
template <>
struct Bits<4> {
  using type = unsigned;
};
template <>
struct Bits<8> {
  using type = unsigned long long;
};
template <>
struct Bits<16> {
  using type = uint4;
};
}  // namespace detail
#endif

/// The block's dynamic shared memory, aligned to 1024 bytes, of the size given to `launch`.
///
/// Errors  host: the block was launched with none.
template <class T>
SIMT_DEVICE T* dynamic_shared([[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  extern __shared__ __align__(1024) unsigned char simt_dynamic_shared[];
  return reinterpret_cast<T*>(simt_dynamic_shared);
#else
  return static_cast<T*>(executor::dynamic_shared({"dynamic_shared", where}));
#endif
}

/// 16 bytes of global memory that no thread writes while the kernel runs.
///
/// Errors  host: the address is not a multiple of 16.
/// Source  PTX ISA, ld.global.nc.v4.u32.
SIMT_DEVICE Vec4 load_global_16(const void* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  Vec4 v;
  asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(__cvta_generic_to_global(from)));
  return v;
#else
  return executor::load<Vec4>({"load_global_16", where}, from);
#endif
}

/// The same for data that is read once: it does not displace what L1 holds.
///
/// Source  PTX ISA, ld.global.nc.L1::no_allocate.v4.u32.
SIMT_DEVICE Vec4 load_global_16_streaming(const void* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  Vec4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(__cvta_generic_to_global(from)));
  return v;
#else
  return executor::load<Vec4>({"load_global_16_streaming", where}, from);
#endif
}

/// 16 bytes that another block wrote while the kernel runs, before what orders the two: an atomic and fences.
///
/// Errors  host: the address is not a multiple of 16.
/// Source  PTX ISA, ld.relaxed.gpu.global.v4.u32.
SIMT_DEVICE Vec4 load_global_16_written(const void* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  Vec4 v;
  asm volatile("ld.relaxed.gpu.global.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(__cvta_generic_to_global(from))
               : "memory");
  return v;
#else
  return executor::load<Vec4>({"load_global_16_written", where}, from);
#endif
}

/// Errors  host: the address is not a multiple of 16.
/// Source  PTX ISA, st.global.v4.u32.
SIMT_DEVICE void store_global_16(void* to, const Vec4& v, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("st.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(__cvta_generic_to_global(to)), "r"(v.x), "r"(v.y),
               "r"(v.z), "r"(v.w)
               : "memory");
#else
  executor::store({"store_global_16", where}, to, v);
#endif
}

/// The same of 4 bytes: of another block, or of this one before a barrier.
///
/// Source  PTX ISA, ld.relaxed.gpu.global.u32.
template <class T>
requires(std::is_trivially_copyable_v<T> && sizeof(T) == 4) SIMT_DEVICE T
    load_global_written(const T* from, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  unsigned value;
  asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(value) : "l"(__cvta_generic_to_global(from)) : "memory");
  return std::bit_cast<T>(value);
#else
  return executor::load<T>({"load_global_written", where}, from);
#endif
}

/// One element of global memory that no thread writes while the kernel runs.
///
/// Types   any trivially copyable type of 1, 2, 4, 8 or 16 bytes.
/// Errors  host: the address is not a multiple of the size.
/// Source  PTX ISA, ld.global.nc.
template <class T>
requires std::is_trivially_copyable_v<T> SIMT_DEVICE T load_global(const T* from,
                                                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  if constexpr (sizeof(T) == 16) {
    return std::bit_cast<T>(load_global_16(from));
  } else {
    using Bits = typename detail::Bits<sizeof(T)>::type;
    return std::bit_cast<T>(__ldg(reinterpret_cast<const Bits*>(from)));
  }
#else
  return executor::load<T>({"load_global", where}, from);
#endif
}

/// Types   as load_global.
/// Errors  host: the address is not a multiple of the size.
/// Source  PTX ISA, st.global.
template <class T>
requires std::is_trivially_copyable_v<T> SIMT_DEVICE void store_global(
    T* to, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  if constexpr (sizeof(T) == 16) {
    store_global_16(to, std::bit_cast<Vec4>(value));
  } else if constexpr (sizeof(T) == 8) {  // nvcc splits a struct of two words into two stores
    asm volatile("st.global.u64 [%0], %1;" ::"l"(__cvta_generic_to_global(to)),
                 "l"(std::bit_cast<unsigned long long>(value))
                 : "memory");
  } else {
    *to = value;
  }
#else
  executor::store({"store_global", where}, to, value);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
