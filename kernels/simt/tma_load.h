#pragma once
// TMA loads: a box of a tensor goes to shared memory while the threads do something else (sm_90 on).
//
// One thread issues a load for all. It is complete, for whoever waits on the mbarrier's phase, when the mbarrier has
// got the bytes of the whole box, what lies outside the tensor included: the zeros there count. The phase must expect
// exactly these (mbarrier_arrive_expect_tx).

#include <cstdint>

#include "kernels/simt/cache_hint.h"
#include "kernels/simt/mbarrier.h"
#include "kernels/simt/tensor_map.h"
#include "kernels/simt/tma_ptx.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/tma_load.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

#if SIMT_ON_GPU
namespace detail {

template <int RANK>
SIMT_DEVICE void tma_load(void* shared, const TensorMap& map, Mbarrier* mbarrier, const int (&at)[RANK],
                          CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, ...)                                                                            \
  asm volatile("cp.async.bulk.tensor." DIM                                                                         \
               ".shared::cluster.global.tile.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1, {" COORDINATES \
               "}], [%2], %3;" ::"r"(shared_address(shared)),                                                      \
               "l"(&map), "r"(shared_address(mbarrier)), "l"(static_cast<std::uint64_t>(hint)), __VA_ARGS__        \
               : "memory")
  SIMT_TMA_BY_RANK_4(SIMT_PTX, at);
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

template <int RANK>
SIMT_DEVICE void tma_load_multicast(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                    const int (&at)[RANK], CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, ...)                                                                             \
  asm volatile("cp.async.bulk.tensor." DIM                                                                          \
               ".shared::cluster.global.tile.mbarrier::complete_tx::bytes.multicast::cluster.L2::cache_hint [%0], " \
               "[%1, {" COORDINATES "}], [%2], %3, %4;" ::"r"(shared_address(shared)),                              \
               "l"(&map), "r"(shared_address(mbarrier)), "h"(blocks), "l"(static_cast<std::uint64_t>(hint)),        \
               __VA_ARGS__                                                                                          \
               : "memory")
  SIMT_TMA_BY_RANK_5(SIMT_PTX, at);
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

template <int RANK>
SIMT_DEVICE void tma_prefetch(const TensorMap& map, const int (&at)[RANK], CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, ...)                                                                 \
  asm volatile("cp.async.bulk.prefetch.tensor." DIM ".L2.global.tile.L2::cache_hint [%0, {" COORDINATES \
               "}], %1;" ::"l"(&map),                                                                   \
               "l"(static_cast<std::uint64_t>(hint)), __VA_ARGS__                                       \
               : "memory")
  SIMT_TMA_BY_RANK_2(SIMT_PTX, at);
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

}  // namespace detail
#endif

/// Starts the load of the box whose first element has these coordinates, the innermost first.
///
/// Shapes  shared: a plain image of the box, innermost dimension dense, swizzled by the address (swizzled()).
/// Units   coordinates: elements; may be negative or beyond the tensor, where there are zeros.
///         shared: 128-byte aligned. shared and mbarrier are in the block's own memory.
/// Errors  host: alignment, bounds, a map of another rank or kind, an mbarrier elsewhere, in a wrong state or not yet
///         fenced, bytes that were written there without fence_proxy_async since.
/// Source  PTX ISA, cp.async.bulk.tensor.
SIMT_DEVICE void tma_load_1d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c0,
                             [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load<1>(shared, map, mbarrier, {c0}, hint);
#else
  executor::tma_load({"tma_load_1d", where}, shared, map, mbarrier, 1, {c0});
#endif
}
SIMT_DEVICE void tma_load_2d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c0, int c1,
                             [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load<2>(shared, map, mbarrier, {c0, c1}, hint);
#else
  executor::tma_load({"tma_load_2d", where}, shared, map, mbarrier, 2, {c0, c1});
#endif
}
SIMT_DEVICE void tma_load_3d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c0, int c1, int c2,
                             [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load<3>(shared, map, mbarrier, {c0, c1, c2}, hint);
#else
  executor::tma_load({"tma_load_3d", where}, shared, map, mbarrier, 3, {c0, c1, c2});
#endif
}
SIMT_DEVICE void tma_load_4d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c0, int c1, int c2, int c3,
                             [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load<4>(shared, map, mbarrier, {c0, c1, c2, c3}, hint);
#else
  executor::tma_load({"tma_load_4d", where}, shared, map, mbarrier, 4, {c0, c1, c2, c3});
#endif
}
SIMT_DEVICE void tma_load_5d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c0, int c1, int c2, int c3,
                             int c4, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load<5>(shared, map, mbarrier, {c0, c1, c2, c3, c4}, hint);
#else
  executor::tma_load({"tma_load_5d", where}, shared, map, mbarrier, 5, {c0, c1, c2, c3, c4});
#endif
}

/// The same box for several blocks of the cluster: bit i of `blocks` is the block of rank i. It goes to the same offset
/// of each one's shared memory, and its bytes to the mbarrier at the same offset there: each must expect them.
///
/// Errors  host: as above, in each of the blocks; no block, or one that the cluster has not or that has returned.
/// Source  PTX ISA, cp.async.bulk.tensor, .multicast::cluster.
SIMT_DEVICE void tma_load_multicast_1d(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                       int c0, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                       [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_multicast<1>(shared, map, mbarrier, blocks, {c0}, hint);
#else
  executor::tma_load_multicast({"tma_load_multicast_1d", where}, shared, map, mbarrier, blocks, 1, {c0});
#endif
}
SIMT_DEVICE void tma_load_multicast_2d(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                       int c0, int c1, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                       [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_multicast<2>(shared, map, mbarrier, blocks, {c0, c1}, hint);
#else
  executor::tma_load_multicast({"tma_load_multicast_2d", where}, shared, map, mbarrier, blocks, 2, {c0, c1});
#endif
}
SIMT_DEVICE void tma_load_multicast_3d(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                       int c0, int c1, int c2,
                                       [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                       [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_multicast<3>(shared, map, mbarrier, blocks, {c0, c1, c2}, hint);
#else
  executor::tma_load_multicast({"tma_load_multicast_3d", where}, shared, map, mbarrier, blocks, 3, {c0, c1, c2});
#endif
}
SIMT_DEVICE void tma_load_multicast_4d(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                       int c0, int c1, int c2, int c3,
                                       [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                       [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_multicast<4>(shared, map, mbarrier, blocks, {c0, c1, c2, c3}, hint);
#else
  executor::tma_load_multicast({"tma_load_multicast_4d", where}, shared, map, mbarrier, blocks, 4, {c0, c1, c2, c3});
#endif
}
SIMT_DEVICE void tma_load_multicast_5d(void* shared, const TensorMap& map, Mbarrier* mbarrier, std::uint16_t blocks,
                                       int c0, int c1, int c2, int c3, int c4,
                                       [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                       [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_multicast<5>(shared, map, mbarrier, blocks, {c0, c1, c2, c3, c4}, hint);
#else
  executor::tma_load_multicast({"tma_load_multicast_5d", where}, shared, map, mbarrier, blocks, 5,
                               {c0, c1, c2, c3, c4});
#endif
}

/// Brings a box into L2. Nothing to wait for.
///
/// Source  PTX ISA, cp.async.bulk.prefetch.tensor.
SIMT_DEVICE void tma_prefetch_1d(const TensorMap& map, int c0,
                                 [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_prefetch<1>(map, {c0}, hint);
#else
  executor::tma_prefetch({"tma_prefetch_1d", where}, map, 1, {c0});
#endif
}
SIMT_DEVICE void tma_prefetch_2d(const TensorMap& map, int c0, int c1,
                                 [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_prefetch<2>(map, {c0, c1}, hint);
#else
  executor::tma_prefetch({"tma_prefetch_2d", where}, map, 2, {c0, c1});
#endif
}
SIMT_DEVICE void tma_prefetch_3d(const TensorMap& map, int c0, int c1, int c2,
                                 [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_prefetch<3>(map, {c0, c1, c2}, hint);
#else
  executor::tma_prefetch({"tma_prefetch_3d", where}, map, 3, {c0, c1, c2});
#endif
}
SIMT_DEVICE void tma_prefetch_4d(const TensorMap& map, int c0, int c1, int c2, int c3,
                                 [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_prefetch<4>(map, {c0, c1, c2, c3}, hint);
#else
  executor::tma_prefetch({"tma_prefetch_4d", where}, map, 4, {c0, c1, c2, c3});
#endif
}
SIMT_DEVICE void tma_prefetch_5d(const TensorMap& map, int c0, int c1, int c2, int c3, int c4,
                                 [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_prefetch<5>(map, {c0, c1, c2, c3, c4}, hint);
#else
  executor::tma_prefetch({"tma_prefetch_5d", where}, map, 5, {c0, c1, c2, c3, c4});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
