#pragma once
// Tensor-Core products of a warp: d += a b, f16 or bf16 inputs, f32 accumulation.

#include <cstdint>

#include "kernels/simt/config.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/fragments.h"
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

/// Shapes  a: 16x8, b: 8x8, d: 16x8. With g = lane / 4 and t = lane % 4:
///           a[0] = A[g][2t, 2t+1]     a[1] = A[g+8][2t, 2t+1]
///           b[0] = B[2t, 2t+1][g]
///           d[0], d[1] = D[g][2t, 2t+1]     d[2], d[3] = D[g+8][2t, 2t+1]
///         The lower 16 bits of a register hold the smaller index.
/// Types   host: products exact, added in f32 in the order of k, rounded to nearest at each step. A GPU
///         adds in another order and truncates: equal where all partial sums are exact, close elsewhere.
/// Source  PTX ISA, mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 (sm_75 on).
SIMT_DEVICE void mma_m16n8k8(float (&d)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1],
                             [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#else
  executor::mma({"mma_m16n8k8", where}, d, a, b, 8);
#endif
}

/// Shapes  a: 16x16, b: 16x8, d: 16x8. With g = lane / 4 and t = lane % 4:
///           a[0] = A[g][2t, 2t+1]       a[1] = A[g+8][2t, 2t+1]
///           a[2] = A[g][2t+8, 2t+9]     a[3] = A[g+8][2t+8, 2t+9]
///           b[0] = B[2t, 2t+1][g]       b[1] = B[2t+8, 2t+9][g]
///           d as in mma_m16n8k8
/// Types   as in mma_m16n8k8.
/// Source  PTX ISA, mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 (sm_80 on). On sm_75 two
///         m16n8k8: a[0], a[1], b[0] are k 0 .. 7 in its layout, a[2], a[3], b[1] are k 8 .. 15.
SIMT_DEVICE void mma_m16n8k16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                              [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  mma_m16n8k8(d, {a[0], a[1]}, {b[0]});
  mma_m16n8k8(d, {a[2], a[3]}, {b[1]});
#endif
#else
  executor::mma({"mma_m16n8k16", where}, d, a, b, 16);
#endif
}

/// Shapes  as mma_m16n8k8.
/// Types   bf16; host: products exact but for multiples of 2^-149, the rest as mma_m16n8k8.
/// Source  PTX ISA, mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 (sm_80 on: sm_75 has no bf16, this traps).
SIMT_DEVICE void mma_m16n8k8_bf16(float (&d)[4], const std::uint32_t (&a)[2], const std::uint32_t (&b)[1],
                                  [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(b[0]));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_bf16({"mma_m16n8k8_bf16", where}, d, a, b, 8);
#endif
}

/// Shapes  as mma_m16n8k16.
/// Types   as mma_m16n8k8_bf16.
/// Source  PTX ISA, mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 (sm_80 on; traps on sm_75).
SIMT_DEVICE void mma_m16n8k16_bf16(float (&d)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                                   [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 80
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
  detail::needs_later_architecture();
#endif
#else
  executor::mma_bf16({"mma_m16n8k16_bf16", where}, d, a, b, 16);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
