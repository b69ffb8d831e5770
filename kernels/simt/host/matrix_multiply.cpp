#include "kernels/simt/host/matrix_multiply.h"

#include <cstring>

#include "kernels/op/unchecked.h"

namespace kernelgate::simt::executor {
namespace {

// 8 columns at a time; where there are no registers of that size the compiler makes it two of 4.
using Columns = float __attribute__((vector_size(32)));

// No fused multiply-add. A product of two halves has 22 bits and is exact in f32; one of two bf16 has 16, but may be
// below 2^-126, where it would round differently.
KERNELGATE_UNCHECKED inline __attribute__((always_inline)) void multiply_rows(const float* a, const float* b, float* d,
                                                                              MatrixShape shape, bool add) {
  constexpr int rows = 4;
  for (int m = 0; m < shape.rows; m += rows)
    for (int n = 0; n < shape.columns; n += 8) {
      Columns sum[rows] = {};
      if (add)
        for (int i = 0; i < rows; ++i) std::memcpy(&sum[i], d + (m + i) * shape.columns + n, sizeof sum[i]);
      for (int k = 0; k < shape.depth; ++k) {
        Columns line;
        std::memcpy(&line, b + k * shape.columns + n, sizeof line);
        for (int i = 0; i < rows; ++i) sum[i] += a[(m + i) * shape.depth + k] * line;
      }
      for (int i = 0; i < rows; ++i) std::memcpy(d + (m + i) * shape.columns + n, &sum[i], sizeof sum[i]);
    }
}

#if defined(__x86_64__)
KERNELGATE_UNCHECKED __attribute__((target("avx2"))) void multiply_avx2(const float* a, const float* b, float* d,
                                                                        MatrixShape shape, bool add) {
  multiply_rows(a, b, d, shape, add);
}
#endif

KERNELGATE_UNCHECKED void multiply_anywhere(const float* a, const float* b, float* d, MatrixShape shape, bool add) {
  multiply_rows(a, b, d, shape, add);
}

}  // namespace

void multiply(const float* a, const float* b, float* d, MatrixShape shape, bool add) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return multiply_avx2(a, b, d, shape, add);
#endif
  multiply_anywhere(a, b, d, shape, add);
}

}  // namespace kernelgate::simt::executor
