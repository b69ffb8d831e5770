#pragma once
// Stores of 8x8 matrices of 16-bit elements from the fragments that mma and wgmma leave (sm_90 on).

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/fragments.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

#if SIMT_ON_GPU && SIMT_ARCH >= 90
#define SIMT_STMATRIX(...) asm volatile(__VA_ARGS__ : "memory")
#elif SIMT_ON_GPU
#define SIMT_STMATRIX(...) detail::needs_later_architecture()
#endif

/// Four 8x8 matrices. Lane 8 m + i gives the address of row i of matrix m: 16 bytes, aligned to 16.
///
/// Lane l gives in r[m], of matrix m:
///   plain: row l / 4, columns 2 (l % 4) and, in the upper half, 2 (l % 4) + 1
///   trans: column l / 4, rows 2 (l % 4) and, in the upper half, 2 (l % 4) + 1
/// So d[4 j + 0, 1], [4 j + 2, 3], [4 j + 4, 5], [4 j + 6, 7] of wgmma, packed into pairs, are plain the matrices (rows
/// 0-7, columns 8 j ..), (rows 8-15, the same), (rows 0-7, columns 8 (j + 1) ..), (rows 8-15, the same) of the warp's
/// 16 rows.
///
/// Errors  host: a row misaligned or outside the block's shared memory; not the whole warp here.
/// Source  PTX ISA, stmatrix.sync.aligned.m8n8.x4[.trans].shared.b16.
SIMT_DEVICE void stmatrix_x4(void* row, const std::uint32_t (&r)[4], [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(detail::shared_address(row)),
                "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]));
#else
  executor::stmatrix({"stmatrix_x4", where}, row, r, 4, false);
#endif
}

SIMT_DEVICE void stmatrix_x4_trans(void* row, const std::uint32_t (&r)[4],
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX(
      "stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(detail::shared_address(row)),
      "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]));
#else
  executor::stmatrix({"stmatrix_x4_trans", where}, row, r, 4, true);
#endif
}

/// Two 8x8 matrices, rows by lanes 0 .. 15; the addresses of the others are not used.
///
/// Source  PTX ISA, stmatrix.sync.aligned.m8n8.x2[.trans].shared.b16.
SIMT_DEVICE void stmatrix_x2(void* row, const std::uint32_t (&r)[2], [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(detail::shared_address(row)),
                "r"(r[0]), "r"(r[1]));
#else
  executor::stmatrix({"stmatrix_x2", where}, row, r, 2, false);
#endif
}

SIMT_DEVICE void stmatrix_x2_trans(void* row, const std::uint32_t (&r)[2],
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};" ::"r"(detail::shared_address(row)),
                "r"(r[0]), "r"(r[1]));
#else
  executor::stmatrix({"stmatrix_x2_trans", where}, row, r, 2, true);
#endif
}

/// One 8x8 matrix, rows by lanes 0 .. 7; the addresses of the others are not used.
///
/// Source  PTX ISA, stmatrix.sync.aligned.m8n8.x1[.trans].shared.b16.
SIMT_DEVICE void stmatrix_x1(void* row, const std::uint32_t (&r)[1], [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX("stmatrix.sync.aligned.m8n8.x1.shared.b16 [%0], {%1};" ::"r"(detail::shared_address(row)), "r"(r[0]));
#else
  executor::stmatrix({"stmatrix_x1", where}, row, r, 1, false);
#endif
}

SIMT_DEVICE void stmatrix_x1_trans(void* row, const std::uint32_t (&r)[1],
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  SIMT_STMATRIX("stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%0], {%1};" ::"r"(detail::shared_address(row)),
                "r"(r[0]));
#else
  executor::stmatrix({"stmatrix_x1_trans", where}, row, r, 1, true);
#endif
}

#undef SIMT_STMATRIX

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
