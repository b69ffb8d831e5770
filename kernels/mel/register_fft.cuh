#pragma once
// Small Fourier transforms of values that one thread holds in registers.
//
// Source  Good-Thomas prime-factor algorithm: 20 = 4 x 5 and 10 = 2 x 5 need no twiddles inside.

#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

struct alignas(8) Complex {
  float re, im;
};

SIMT_DEVICE Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
SIMT_DEVICE Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
SIMT_DEVICE Complex operator*(Complex a, Complex b) {
  return {simt::fma(a.re, b.re, -(a.im * b.im)), simt::fma(a.re, b.im, a.im * b.re)};
}

SIMT_DEVICE void dft2(Complex& a, Complex& b) {
  const Complex difference = a - b;
  a = a + b;
  b = difference;
}

SIMT_DEVICE void dft4(Complex& a, Complex& b, Complex& c, Complex& d) {
  const Complex s0 = a + c, d0 = a - c, s1 = b + d, d1 = b - d;
  a = s0 + s1;
  c = s0 - s1;
  b = {d0.re + d1.im, d0.im - d1.re};
  d = {d0.re - d1.im, d0.im + d1.re};
}

SIMT_DEVICE void dft5(Complex& a, Complex& b, Complex& c, Complex& d, Complex& e) {
  constexpr float cos1 = 0.30901699437494742f, cos2 = -0.80901699437494742f;  // of 2 pi / 5 and 4 pi / 5
  constexpr float sin1 = 0.95105651629515357f, sin2 = 0.58778525229247313f;
  const Complex s1 = b + e, s2 = c + d, d1 = b - e, d2 = c - d, first = a;
  a = first + s1 + s2;
  const Complex m1{simt::fma(cos1, s1.re, simt::fma(cos2, s2.re, first.re)),
                   simt::fma(cos1, s1.im, simt::fma(cos2, s2.im, first.im))};
  const Complex m2{simt::fma(cos2, s1.re, simt::fma(cos1, s2.re, first.re)),
                   simt::fma(cos2, s1.im, simt::fma(cos1, s2.im, first.im))};
  const Complex n1{simt::fma(sin1, d1.re, sin2 * d2.re), simt::fma(sin1, d1.im, sin2 * d2.im)};
  const Complex n2{simt::fma(sin2, d1.re, -sin1 * d2.re), simt::fma(sin2, d1.im, -sin1 * d2.im)};
  b = {m1.re + n1.im, m1.im - n1.re};
  e = {m1.re - n1.im, m1.im + n1.re};
  c = {m2.re + n2.im, m2.im - n2.re};
  d = {m2.re - n2.im, m2.im + n2.re};
}

/// exp(-2 pi i turns / 32), for a `turns` that the compiler knows.
SIMT_DEVICE Complex root32(int turns) {
  constexpr float cos1 = 0.98078528040323044f, cos2 = 0.92387953251128676f, cos3 = 0.83146961230254524f;
  constexpr float cos4 = 0.70710678118654752f, cos5 = 0.55557023301960222f, cos6 = 0.38268343236508977f;
  constexpr float cos7 = 0.19509032201612827f;
  constexpr float cosine[9] = {1, cos1, cos2, cos3, cos4, cos5, cos6, cos7, 0};
  const auto cos_of = [&](int t) {  // of 2 pi t / 32, 0 <= t < 32
    const int half = t <= 16 ? t : 32 - t;
    return half <= 8 ? cosine[half] : -cosine[16 - half];
  };
  return {cos_of(turns & 31), -cos_of((turns + 24) & 31)};  // sin x = cos (x - pi / 2)
}

/// z * exp(-2 pi i turns / 32): the multiples of a quarter cost nothing.
SIMT_DEVICE Complex turn32(Complex z, int turns) {
  if (turns == 0) return z;
  if (turns == 8) return {z.im, -z.re};
  if (turns == 16) return {-z.re, -z.im};
  if (turns == 24) return {-z.im, z.re};
  return z * root32(turns);
}

/// In place, P x Q values: n = Q a + b, k = c + P d.
template <int P, int Q>
SIMT_DEVICE void dft_power_of_two(Complex (&z)[P * Q]) {
  static_assert((P == 4 || P == 8) && Q == 4);
  constexpr int SIZE = P * Q;
  SIMT_UNROLL
  for (int b = 0; b < Q; ++b) {
    if constexpr (P == 4) {
      dft4(z[b], z[Q + b], z[2 * Q + b], z[3 * Q + b]);
    } else {
      dft4(z[b], z[2 * Q + b], z[4 * Q + b], z[6 * Q + b]);
      dft4(z[Q + b], z[3 * Q + b], z[5 * Q + b], z[7 * Q + b]);
      Complex even[4], odd[4];
      SIMT_UNROLL
      for (int i = 0; i < 4; ++i) {
        even[i] = z[2 * i * Q + b];
        odd[i] = turn32(z[(2 * i + 1) * Q + b], 4 * i);
      }
      SIMT_UNROLL
      for (int i = 0; i < 4; ++i) {
        z[i * Q + b] = even[i] + odd[i];
        z[(i + 4) * Q + b] = even[i] - odd[i];
      }
    }
    SIMT_UNROLL
    for (int c = 1; c < P; ++c) z[c * Q + b] = turn32(z[c * Q + b], c * b * (32 / SIZE));
  }
  Complex out[SIZE];
  SIMT_UNROLL
  for (int c = 0; c < P; ++c) {
    dft4(z[c * Q], z[c * Q + 1], z[c * Q + 2], z[c * Q + 3]);
    SIMT_UNROLL
    for (int d = 0; d < Q; ++d) out[c + P * d] = z[c * Q + d];
  }
  SIMT_UNROLL
  for (int k = 0; k < SIZE; ++k) z[k] = out[k];
}

/// In place. SIZE is 10 or 20: P x 5, input index n = 5a + Pb, output index k with
/// k = c mod P and k = d mod 5 (Chinese remainder theorem).
template <int SIZE>
SIMT_DEVICE void dft_by_five(Complex (&z)[SIZE]) {
  static_assert(SIZE == 10 || SIZE == 20);
  constexpr int P = SIZE / 5;
  constexpr int from_p = 5;                    // 1 mod P, 0 mod 5, for both P
  constexpr int from_5 = SIZE == 10 ? 6 : 16;  // 0 mod P, 1 mod 5
  Complex t[SIZE];
  SIMT_UNROLL
  for (int b = 0; b < 5; ++b) {
    SIMT_UNROLL
    for (int a = 0; a < P; ++a) t[5 * a + b] = z[(5 * a + P * b) % SIZE];
    if constexpr (P == 2)
      dft2(t[b], t[5 + b]);
    else
      dft4(t[b], t[5 + b], t[10 + b], t[15 + b]);
  }
  SIMT_UNROLL
  for (int c = 0; c < P; ++c) dft5(t[5 * c], t[5 * c + 1], t[5 * c + 2], t[5 * c + 3], t[5 * c + 4]);
  SIMT_UNROLL
  for (int c = 0; c < P; ++c) SIMT_UNROLL
  for (int d = 0; d < 5; ++d) z[(from_p * c + from_5 * d) % SIZE] = t[5 * c + d];
}

/// In place, of 10, 16, 20 or 32 values.
template <int SIZE>
SIMT_DEVICE void dft(Complex (&z)[SIZE]) {
  if constexpr (SIZE % 5 == 0)
    dft_by_five(z);
  else
    dft_power_of_two<SIZE / 4, 4>(z);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
