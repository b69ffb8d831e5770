#pragma once
// Loads of 8x8 matrices of 16-bit elements from shared memory into the fragments that mma takes.

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/fragments.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Four 8x8 matrices. Lane 8 m + i gives the address of row i of matrix m: 16 bytes, aligned to 16.
///
/// Lane l receives in r[m], of matrix m:
///   plain: row l / 4, columns 2 (l % 4) and, in the upper half, 2 (l % 4) + 1
///   trans: column l / 4, rows 2 (l % 4) and, in the upper half, 2 (l % 4) + 1
/// So four matrices in the order (rows 0-7, k 0-7), (rows 8-15, k 0-7), (rows 0-7, k 8-15),
/// (rows 8-15, k 8-15) of a 16x16 tile are the A fragment of mma_m16n8k16.
///
/// Errors  host: a row misaligned or outside the block's shared memory; not the whole warp here.
/// Source  PTX ISA, ldmatrix.sync.aligned.m8n8.x4[.trans].shared.b16.
SIMT_DEVICE void ldmatrix_x4(std::uint32_t (&r)[4], const void* row, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x4", where}, r, row, 4, false);
#endif
}

SIMT_DEVICE void ldmatrix_x4_trans(std::uint32_t (&r)[4], const void* row,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x4_trans", where}, r, row, 4, true);
#endif
}

/// Two 8x8 matrices, rows by lanes 0 .. 15. Lanes 16 .. 31 must give good addresses too (those of
/// lanes 0 .. 15 again will do): sm_75 leaves it undefined otherwise.
///
/// Two matrices (n 0-7, k 0-7), (n 0-7, k 8-15) of a B that is stored [n][k] are, plain, the B fragment
/// of mma_m16n8k16; of one stored [k][n], (k 0-7, n 0-7), (k 8-15, n 0-7), with trans.
///
/// Source  PTX ISA, ldmatrix.sync.aligned.m8n8.x2[.trans].shared.b16.
SIMT_DEVICE void ldmatrix_x2(std::uint32_t (&r)[2], const void* row, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x2", where}, r, row, 2, false);
#endif
}

SIMT_DEVICE void ldmatrix_x2_trans(std::uint32_t (&r)[2], const void* row,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
               : "=r"(r[0]), "=r"(r[1])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x2_trans", where}, r, row, 2, true);
#endif
}

/// One 8x8 matrix, rows by lanes 0 .. 7. Lanes 8 .. 31 must give good addresses too, as with ldmatrix_x2.
///
/// Source  PTX ISA, ldmatrix.sync.aligned.m8n8.x1[.trans].shared.b16.
SIMT_DEVICE void ldmatrix_x1(std::uint32_t (&r)[1], const void* row, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];"
               : "=r"(r[0])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x1", where}, r, row, 1, false);
#endif
}

SIMT_DEVICE void ldmatrix_x1_trans(std::uint32_t (&r)[1], const void* row,
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];"
               : "=r"(r[0])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#else
  executor::ldmatrix({"ldmatrix_x1_trans", where}, r, row, 1, true);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
