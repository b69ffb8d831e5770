#include "kernels/simt/host/wgmma_multiply.h"

#include <bit>
#include <cstddef>
#include <cstring>

#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"

namespace kernelgate::simt::executor {
namespace {

// 8 columns at a time; where there are no registers of that size the compiler makes it two of 4.
using Columns = float __attribute__((vector_size(32)));

// No fused multiply-add: where a product of bf16 is below 2^-126 it would round differently.
inline __attribute__((always_inline)) void multiply_rows(const float* a, const float* b, float* d, int columns,
                                                         bool add) {
  constexpr int rows = 4;
  for (int m = 0; m < wgmma_rows; m += rows)
    for (int n = 0; n < columns; n += 8) {
      Columns sum[rows] = {};
      if (add)
        for (int i = 0; i < rows; ++i) std::memcpy(&sum[i], d + (m + i) * columns + n, sizeof sum[i]);
      for (int k = 0; k < wgmma_depth; ++k) {
        Columns line;
        std::memcpy(&line, b + k * columns + n, sizeof line);
        for (int i = 0; i < rows; ++i) sum[i] += a[(m + i) * wgmma_depth + k] * line;
      }
      for (int i = 0; i < rows; ++i) std::memcpy(d + (m + i) * columns + n, &sum[i], sizeof sum[i]);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void multiply_avx2(const float* a, const float* b, float* d, int columns, bool add) {
  multiply_rows(a, b, d, columns, add);
}
#endif

}  // namespace

void widen(WgmmaInput input, bool negate, const std::uint16_t* from, float* to, int count) {
  if (input == WgmmaInput::f16) {
    f16 halves[wgmma_depth * 256];
    std::memcpy(static_cast<void*>(halves), from, static_cast<std::size_t>(count) * sizeof *from);
    to_float(halves, to, static_cast<std::size_t>(count));
  } else {
    for (int i = 0; i < count; ++i) to[i] = to_float(bf16{from[i]});
  }
  if (negate)
    for (int i = 0; i < count; ++i) to[i] = -to[i];
}

void multiply(const float* a, const float* b, float* d, int columns, bool add) {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return multiply_avx2(a, b, d, columns, add);
#endif
  multiply_rows(a, b, d, columns, add);
}

}  // namespace kernelgate::simt::executor
