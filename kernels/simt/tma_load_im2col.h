#pragma once
// TMA loads in im2col mode: a column of pixels of a batch of images, the operand of a convolution (sm_90 on).
//
// Complete as the loads of tma_load.h are, with pixels_per_column * channels_per_pixel elements.

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

/// Where the filter's tap lies from its first one, in pixels.
struct Im2colOffsets {
  std::uint16_t w = 0;
  std::uint16_t h = 0;
  std::uint16_t d = 0;
};

#if SIMT_ON_GPU
namespace detail {

template <int RANK>
SIMT_DEVICE void tma_load_im2col(void* shared, const TensorMap& map, Mbarrier* mbarrier, const int (&at)[RANK],
                                 Im2colOffsets offsets, CacheHint hint) {
#if SIMT_ARCH >= 90
#define SIMT_PTX(DIM, COORDINATES, OFFSETS, ...)                                                                     \
  asm volatile("cp.async.bulk.tensor." DIM                                                                           \
               ".shared::cluster.global.im2col.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1, {" COORDINATES \
               "}], [%2], {" OFFSETS "}, %3;" ::"r"(shared_address(shared)),                                         \
               "l"(&map), "r"(shared_address(mbarrier)), "l"(static_cast<std::uint64_t>(hint)), __VA_ARGS__          \
               : "memory")
  if constexpr (RANK == 3)
    SIMT_PTX("3d", "%4, %5, %6", "%7", SIMT_TMA_3(at), "h"(offsets.w));
  else if constexpr (RANK == 4)
    SIMT_PTX("4d", "%4, %5, %6, %7", "%8, %9", SIMT_TMA_4(at), "h"(offsets.w), "h"(offsets.h));
  else
    SIMT_PTX("5d", "%4, %5, %6, %7, %8", "%9, %10, %11", SIMT_TMA_5(at), "h"(offsets.w), "h"(offsets.h),
             "h"(offsets.d));
#undef SIMT_PTX
#else
  needs_later_architecture();
#endif
}

}  // namespace detail
#endif

/// Starts the load of the column that begins at channel c and at the pixel of the tap that `offsets` says, where (w, h,
/// d) of image n is the filter's first one: see Im2colTensor.
///
/// Shapes  shared: [pixels_per_column, channels_per_pixel], swizzled by the address.
/// Units   w, h, d: pixels, within the box of the map (lower to dims - 1 + upper); offsets: at most 2^16 - 1, 2^8 - 1,
///         2^5 - 1 at rank 3, 4, 5.
/// Errors  host: those of tma_load_*; coordinates outside the box, offsets too large.
/// Source  PTX ISA, cp.async.bulk.tensor and "im2col mode".
SIMT_DEVICE void tma_load_im2col_3d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c, int w, int n,
                                    Im2colOffsets offsets, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                    [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_im2col<3>(shared, map, mbarrier, {c, w, n}, offsets, hint);
#else
  executor::tma_load_im2col({"tma_load_im2col_3d", where}, shared, map, mbarrier, 3, {c, w, n},
                            {offsets.w, offsets.h, offsets.d});
#endif
}
SIMT_DEVICE void tma_load_im2col_4d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c, int w, int h, int n,
                                    Im2colOffsets offsets, [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                    [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_im2col<4>(shared, map, mbarrier, {c, w, h, n}, offsets, hint);
#else
  executor::tma_load_im2col({"tma_load_im2col_4d", where}, shared, map, mbarrier, 4, {c, w, h, n},
                            {offsets.w, offsets.h, offsets.d});
#endif
}
SIMT_DEVICE void tma_load_im2col_5d(void* shared, const TensorMap& map, Mbarrier* mbarrier, int c, int w, int h, int d,
                                    int n, Im2colOffsets offsets,
                                    [[maybe_unused]] CacheHint hint = CacheHint::evict_normal,
                                    [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  detail::tma_load_im2col<5>(shared, map, mbarrier, {c, w, h, d, n}, offsets, hint);
#else
  executor::tma_load_im2col({"tma_load_im2col_5d", where}, shared, map, mbarrier, 5, {c, w, h, d, n},
                            {offsets.w, offsets.h, offsets.d});
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
