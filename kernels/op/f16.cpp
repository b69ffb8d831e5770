#include "kernels/op/f16.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace kernelgate {
namespace {

#if defined(__x86_64__)
// The baseline of the build is plain x86-64, so that the program starts anywhere; these two are
// compiled for F16C and only called where the CPU has it.
__attribute__((target("avx,f16c"))) std::size_t widen(const f16* from, float* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
  return i;
}

__attribute__((target("avx,f16c"))) std::size_t narrow(const float* from, f16* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
  return i;
}

bool has_f16c() {
  // Not every compiler's __builtin_cpu_supports knows f16c; it asks the operating system about AVX.
  static const bool yes = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __builtin_cpu_supports("avx") != 0 && __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
  }();
  return yes;
}
#else
std::size_t widen(const f16*, float*, std::size_t) { return 0; }
std::size_t narrow(const float*, f16*, std::size_t) { return 0; }
bool has_f16c() { return false; }
#endif

}  // namespace

void to_float(const f16* from, float* to, std::size_t count) {
  std::size_t i = has_f16c() ? widen(from, to, count) : 0;
  for (; i < count; ++i) to[i] = to_float(from[i]);
}

void to_f16(const float* from, f16* to, std::size_t count) {
  std::size_t i = has_f16c() ? narrow(from, to, count) : 0;
  for (; i < count; ++i) to[i] = to_f16(from[i]);
}

}  // namespace kernelgate
