#pragma once
// Tensor-Core products of a warp in the types that mma.h does not have: d += a b in tf32, int8, f64 and e4m3. Not in
// simt.h: no kernel of an op uses them.

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/mma_types.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Shapes  a: 16x8, b: 8x8, d: 16x8. With g = lane / 4 and t = lane % 4:
///           a[0] = A[g][t]     a[1] = A[g+8][t]     a[2] = A[g][t+4]     a[3] = A[g+8][t+4]
///           b[0] = B[t][g]     b[1] = B[t+4][g]
///           d as in mma_m16n8k8
/// Types   the upper 19 bits of an f32; host: the lower 13 are dropped, products exact, added in f32 in the order of k.
/// Source  PTX ISA, mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 (sm_80 on; traps on sm_75).
SIMT_DEVICE void mma_m16n8k8_tf32(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                                  [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_tf32({"mma_m16n8k8_tf32", where}, d, a, b);
#endif
}

/// Shapes  a: 16x32, b: 32x8, d: 16x8. With g = lane / 4 and t = lane % 4, the lowest byte first:
///           a[0] = A[g][4t .. 4t+3]       a[1] = A[g+8][4t .. 4t+3]
///           a[2] = A[g][4t+16 .. 4t+19]   a[3] = A[g+8][4t+16 .. 4t+19]
///           b[0] = B[4t .. 4t+3][g]       b[1] = B[4t+16 .. 4t+19][g]
///           d as in mma_m16n8k8
/// Types   signed bytes; sums of 32 bits that wrap around.
/// Source  PTX ISA, mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 (sm_80 on; traps on sm_75).
SIMT_DEVICE void mma_m16n8k32_s8(std::int32_t (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                                 [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_s8({"mma_m16n8k32_s8", where}, d, a, b);
#endif
}

/// Shapes  as mma_m16n8k32_s8.
/// Types   e4m3; host: products exact, added in f32 in the order of k. A GPU keeps fewer bits of the sum: of sm_89 and
///         sm_90 it is known that only some 14 bits of the largest addend's size are exact.
/// Source  PTX ISA, mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 (sm_89 on; traps before); for the bits:
///         DeepSeek-V3 Technical Report, arXiv:2412.19437, 3.3.2.
SIMT_DEVICE void mma_m16n8k32_e4m3(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 89
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_e4m3({"mma_m16n8k32_e4m3", where}, d, a, b);
#endif
}

/// Shapes  a: 8x4, b: 4x8, d: 8x8. With g = lane / 4 and t = lane % 4:
///           a = A[g][t]     b = B[t][g]     d[0], d[1] = D[g][2t, 2t+1]
/// Types   f64; host: each product and sum rounded by itself, in the order of k.
/// Source  PTX ISA, mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 (sm_80 on; traps on sm_75).
SIMT_DEVICE void mma_m8n8k4_f64(double (&d)[2], double a, double b, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(d[0]), "+d"(d[1])
               : "d"(a), "d"(b));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_f64({"mma_m8n8k4_f64", where}, d, a, b);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
