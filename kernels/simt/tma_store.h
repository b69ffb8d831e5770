#pragma once
// TMA stores: a box of shared memory goes to a tensor, or is added to it, while the threads do something else (sm_90
// on).
//
// One thread issues a store, after all who wrote the box have executed fence_proxy_async and a barrier has joined them
// and it. The same thread commits it to a group and waits for the group (bulk_group.h).

#include <cstdint>

#include "kernels/simt/bulk_group.h"
#include "kernels/simt/cache_hint.h"
#include "kernels/simt/tensor_map.h"
#include "kernels/simt/tma_ptx.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/tma_store.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

#if SIMT_ON_GPU
namespace detail {

template <int RANK>
SIMT_DEVICE void tma_store(const TensorMap& map, const void* shared, const int (&at)[RANK], CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, ...)                                                                            \
  asm volatile("cp.async.bulk.tensor." DIM ".global.shared::cta.tile.bulk_group.L2::cache_hint [%0, {" COORDINATES \
               "}], [%1], %2;" ::"l"(&map),                                                                        \
               "r"(shared_address(shared)), "l"(static_cast<std::uint64_t>(hint)), __VA_ARGS__                     \
               : "memory")
  SIMT_TMA_BY_RANK_3(SIMT_PTX, at);
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

template <int RANK>
SIMT_DEVICE void tma_reduce_add(const TensorMap& map, const void* shared, const int (&at)[RANK], CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, ...)                                                        \
  asm volatile("cp.reduce.async.bulk.tensor." DIM                                              \
               ".global.shared::cta.add.tile.bulk_group.L2::cache_hint [%0, {" COORDINATES     \
               "}], [%1], %2;" ::"l"(&map),                                                    \
               "r"(shared_address(shared)), "l"(static_cast<std::uint64_t>(hint)), __VA_ARGS__ \
               : "memory")
  SIMT_TMA_BY_RANK_3(SIMT_PTX, at);
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

}  // namespace detail
#endif

/// Starts the store of a box to where its first element has these coordinates, the innermost first. What would lie
/// beyond the tensor is left out.
///
/// Shapes  shared: an image as tma_load_* leaves it.
/// Units   coordinates: elements, not negative; shared: 128-byte aligned.
/// Errors  host: alignment, bounds, negative coordinates, a map of another rank or kind, bytes that were written
/// without
///         fence_proxy_async since. When the thread returns: that it did not wait for the store to have read.
/// Source  PTX ISA, cp.async.bulk.tensor.
SIMT_DEVICE void tma_store_1d(const TensorMap& map, const void* shared, int c0,
                              [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_store<1>(map, shared, {c0}, hint);
#else
  executor::tma_store({"tma_store_1d", where}, map, shared, 1, {c0});
#endif
}
SIMT_DEVICE void tma_store_2d(const TensorMap& map, const void* shared, int c0, int c1,
                              [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_store<2>(map, shared, {c0, c1}, hint);
#else
  executor::tma_store({"tma_store_2d", where}, map, shared, 2, {c0, c1});
#endif
}
SIMT_DEVICE void tma_store_3d(const TensorMap& map, const void* shared, int c0, int c1, int c2,
                              [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_store<3>(map, shared, {c0, c1, c2}, hint);
#else
  executor::tma_store({"tma_store_3d", where}, map, shared, 3, {c0, c1, c2});
#endif
}
SIMT_DEVICE void tma_store_4d(const TensorMap& map, const void* shared, int c0, int c1, int c2, int c3,
                              [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_store<4>(map, shared, {c0, c1, c2, c3}, hint);
#else
  executor::tma_store({"tma_store_4d", where}, map, shared, 4, {c0, c1, c2, c3});
#endif
}
SIMT_DEVICE void tma_store_5d(const TensorMap& map, const void* shared, int c0, int c1, int c2, int c3, int c4,
                              [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_store<5>(map, shared, {c0, c1, c2, c3, c4}, hint);
#else
  executor::tma_store({"tma_store_5d", where}, map, shared, 5, {c0, c1, c2, c3, c4});
#endif
}

/// The same, but adds to what is there, element by element, atomically, in no order.
///
/// Types   u32, i32, u64, f16, bf16, f32; floating point is rounded to nearest even.
/// Source  PTX ISA, cp.reduce.async.bulk.tensor.
SIMT_DEVICE void tma_reduce_add_1d(const TensorMap& map, const void* shared, int c0,
                                   [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_reduce_add<1>(map, shared, {c0}, hint);
#else
  executor::tma_reduce_add({"tma_reduce_add_1d", where}, map, shared, 1, {c0});
#endif
}
SIMT_DEVICE void tma_reduce_add_2d(const TensorMap& map, const void* shared, int c0, int c1,
                                   [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_reduce_add<2>(map, shared, {c0, c1}, hint);
#else
  executor::tma_reduce_add({"tma_reduce_add_2d", where}, map, shared, 2, {c0, c1});
#endif
}
SIMT_DEVICE void tma_reduce_add_3d(const TensorMap& map, const void* shared, int c0, int c1, int c2,
                                   [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_reduce_add<3>(map, shared, {c0, c1, c2}, hint);
#else
  executor::tma_reduce_add({"tma_reduce_add_3d", where}, map, shared, 3, {c0, c1, c2});
#endif
}
SIMT_DEVICE void tma_reduce_add_4d(const TensorMap& map, const void* shared, int c0, int c1, int c2, int c3,
                                   [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_reduce_add<4>(map, shared, {c0, c1, c2, c3}, hint);
#else
  executor::tma_reduce_add({"tma_reduce_add_4d", where}, map, shared, 4, {c0, c1, c2, c3});
#endif
}
SIMT_DEVICE void tma_reduce_add_5d(const TensorMap& map, const void* shared, int c0, int c1, int c2, int c3, int c4,
                                   [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_reduce_add<5>(map, shared, {c0, c1, c2, c3, c4}, hint);
#else
  executor::tma_reduce_add({"tma_reduce_add_5d", where}, map, shared, 5, {c0, c1, c2, c3, c4});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
