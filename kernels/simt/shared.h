#pragma once
// Access to the block's shared memory that the host can check.
//
// Plain pointers work too, but the host does not see what is written through them: what a bulk copy or wgmma is to read
// must go through store_shared (or stmatrix, cp_async), so that a missing fence_proxy_async is found.

#include <bit>
#include <type_traits>

#include "kernels/simt/config.h"
#include "kernels/simt/memory.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/shared_access.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Types   any trivially copyable type of 1, 2, 4, 8 or 16 bytes.
/// Errors  host: outside the block's shared memory, or not at a multiple of the size.
/// Source  PTX ISA, ld.shared.
template <class T>
requires std::is_trivially_copyable_v<T> SIMT_DEVICE T load_shared(const T* from,
                                                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  using Bits = typename detail::Bits<sizeof(T)>::type;
  return std::bit_cast<T>(*reinterpret_cast<const Bits*>(from));
#else
  return executor::load_shared<T>({"load_shared", where}, from);
#endif
}

/// Types   as load_shared.
/// Errors  host: as load_shared.
/// Source  PTX ISA, st.shared.
template <class T>
requires std::is_trivially_copyable_v<T> SIMT_DEVICE void store_shared(
    T* to, std::type_identity_t<T> value, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  using Bits = typename detail::Bits<sizeof(T)>::type;
  *reinterpret_cast<Bits*>(to) = std::bit_cast<Bits>(value);
#else
  executor::store_shared({"store_shared", where}, to, value);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
