// Fourier transforms of as many frames as a vector has lanes: each value is a vector of frames. Included once for each
// instruction set, by simd_mel.cpp.

#if defined(KERNELGATE_SIMD_FFT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef KERNELGATE_SIMD_FFT_INL_H_
#undef KERNELGATE_SIMD_FFT_INL_H_
#else
#define KERNELGATE_SIMD_FFT_INL_H_
#endif

#include <hwy/highway.h>

#include "bench/peers/highway/simd_tables.h"

HWY_BEFORE_NAMESPACE();
namespace kernelgate::highway {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Tag>;

struct Complex {
  Vector re, im;
};

HWY_INLINE Complex operator+(const Complex& a, const Complex& b) { return {hn::Add(a.re, b.re), hn::Add(a.im, b.im)}; }
HWY_INLINE Complex operator-(const Complex& a, const Complex& b) { return {hn::Sub(a.re, b.re), hn::Sub(a.im, b.im)}; }

HWY_INLINE Vector all(float value) { return hn::Set(Tag(), value); }

/// a * (w[0] + i w[1])
HWY_INLINE Complex times(const Complex& a, const float* w) {
  const Vector re = all(w[0]), im = all(w[1]);
  return {hn::NegMulAdd(a.im, im, hn::Mul(a.re, re)), hn::MulAdd(a.re, im, hn::Mul(a.im, re))};
}

HWY_INLINE Complex times_minus_i(const Complex& a) { return {a.im, hn::Neg(a.re)}; }

HWY_INLINE void dft2(Complex& a, Complex& b) {
  const Complex difference = a - b;
  a = a + b;
  b = difference;
}

HWY_INLINE void dft3(Complex* z) {
  const Complex sum = z[1] + z[2], difference = z[1] - z[2];
  const Vector half = all(-0.5f), sine = all(0.86602540378443865f);
  const Complex middle{hn::MulAdd(half, sum.re, z[0].re), hn::MulAdd(half, sum.im, z[0].im)};
  z[0] = z[0] + sum;
  z[1] = {hn::MulAdd(sine, difference.im, middle.re), hn::NegMulAdd(sine, difference.re, middle.im)};
  z[2] = {hn::NegMulAdd(sine, difference.im, middle.re), hn::MulAdd(sine, difference.re, middle.im)};
}

HWY_INLINE void dft4(Complex& a, Complex& b, Complex& c, Complex& d) {
  const Complex s0 = a + c, d0 = a - c, s1 = b + d, d1 = b - d;
  a = s0 + s1;
  c = s0 - s1;
  b = {hn::Add(d0.re, d1.im), hn::Sub(d0.im, d1.re)};
  d = {hn::Sub(d0.re, d1.im), hn::Add(d0.im, d1.re)};
}

HWY_INLINE void dft5(Complex* z) {
  const Vector cos1 = all(0.30901699437494742f), cos2 = all(-0.80901699437494742f);  // of 2 pi / 5 and 4 pi / 5
  const Vector sin1 = all(0.95105651629515357f), sin2 = all(0.58778525229247313f);
  const Complex s1 = z[1] + z[4], s2 = z[2] + z[3], d1 = z[1] - z[4], d2 = z[2] - z[3], first = z[0];
  z[0] = first + s1 + s2;
  const Complex m1{hn::MulAdd(cos1, s1.re, hn::MulAdd(cos2, s2.re, first.re)),
                   hn::MulAdd(cos1, s1.im, hn::MulAdd(cos2, s2.im, first.im))};
  const Complex m2{hn::MulAdd(cos2, s1.re, hn::MulAdd(cos1, s2.re, first.re)),
                   hn::MulAdd(cos2, s1.im, hn::MulAdd(cos1, s2.im, first.im))};
  const Complex n1{hn::MulAdd(sin1, d1.re, hn::Mul(sin2, d2.re)), hn::MulAdd(sin1, d1.im, hn::Mul(sin2, d2.im))};
  const Complex n2{hn::MulSub(sin2, d1.re, hn::Mul(sin1, d2.re)), hn::MulSub(sin2, d1.im, hn::Mul(sin1, d2.im))};
  z[1] = {hn::Add(m1.re, n1.im), hn::Sub(m1.im, n1.re)};
  z[4] = {hn::Sub(m1.re, n1.im), hn::Add(m1.im, n1.re)};
  z[2] = {hn::Add(m2.re, n2.im), hn::Sub(m2.im, n2.re)};
  z[3] = {hn::Sub(m2.re, n2.im), hn::Add(m2.im, n2.re)};
}

/// Two transforms of the even and the odd values, joined.
HWY_INLINE void dft8(Complex* z) {
  dft4(z[0], z[2], z[4], z[6]);
  dft4(z[1], z[3], z[5], z[7]);
  const Vector root = all(0.70710678118654752f);
  const Complex o1{hn::Mul(root, hn::Add(z[3].re, z[3].im)), hn::Mul(root, hn::Sub(z[3].im, z[3].re))};
  const Complex o2 = times_minus_i(z[5]);
  const Complex o3{hn::Mul(root, hn::Sub(z[7].im, z[7].re)), hn::Neg(hn::Mul(root, hn::Add(z[7].re, z[7].im)))};
  const Complex e0 = z[0], e1 = z[2], e2 = z[4], e3 = z[6], o0 = z[1];
  z[0] = e0 + o0;
  z[1] = e1 + o1;
  z[2] = e2 + o2;
  z[3] = e3 + o3;
  z[4] = e0 - o0;
  z[5] = e1 - o1;
  z[6] = e2 - o2;
  z[7] = e3 - o3;
}

template <int RADIX>
HWY_INLINE void small_dft(Complex* z) {
  if constexpr (RADIX == 2) dft2(z[0], z[1]);
  if constexpr (RADIX == 3) dft3(z);
  if constexpr (RADIX == 4) dft4(z[0], z[1], z[2], z[3]);
  if constexpr (RADIX == 5) dft5(z);
  if constexpr (RADIX == 8) dft8(z);
}

HWY_INLINE Complex load(const float* from, int i) {
  const std::size_t lanes = hn::Lanes(Tag()), at = 2 * lanes * static_cast<std::size_t>(i);
  return {hn::Load(Tag(), from + at), hn::Load(Tag(), from + at + lanes)};
}

HWY_INLINE void store(float* to, int i, const Complex& value) {
  const std::size_t lanes = hn::Lanes(Tag()), at = 2 * lanes * static_cast<std::size_t>(i);
  hn::Store(value.re, Tag(), to + at);
  hn::Store(value.im, Tag(), to + at + lanes);
}

/// `read(i)` is value i, `to` holds values one after the other, each as a vector of real parts and one of imaginary.
template <int RADIX, class Read>
HWY_INLINE void run_pass_of(const Pass& pass, const Read& read, float* to) {
  const float* twiddles = pass.twiddles.data();
  for (int p = 0; p < pass.columns; ++p, twiddles += 2 * (RADIX - 1))
    for (int q = 0; q < pass.stride; ++q) {
      Complex z[RADIX];
      for (int j = 0; j < RADIX; ++j) z[j] = read(q + pass.stride * (p + pass.columns * j));
      small_dft<RADIX>(z);
      float* out = to;
      const int first = q + pass.stride * RADIX * p;
      store(out, first, z[0]);
      for (int k = 1; k < RADIX; ++k)
        store(out, first + pass.stride * k, p == 0 ? z[k] : times(z[k], twiddles + 2 * (k - 1)));
    }
}

/// A radix with no code of its own: the sum written out.
template <class Read>
HWY_INLINE void run_pass_plain(const Pass& pass, const Read& read, float* to) {
  const int radix = pass.radix;
  for (int p = 0; p < pass.columns; ++p)
    for (int q = 0; q < pass.stride; ++q)
      for (int k = 0; k < radix; ++k) {
        Complex sum = read(q + pass.stride * p);
        for (int j = 1; j < radix; ++j)
          sum = sum + times(read(q + pass.stride * (p + pass.columns * j)),
                            &pass.roots[2 * static_cast<std::size_t>(j * k % radix)]);
        if (p > 0 && k > 0) sum = times(sum, &pass.twiddles[2 * static_cast<std::size_t>(p * (radix - 1) + k - 1)]);
        store(to, q + pass.stride * (radix * p + k), sum);
      }
}

template <class Read>
HWY_INLINE void run_pass(const Pass& pass, const Read& read, float* to) {
  switch (pass.radix) {
    case 2:
      return run_pass_of<2>(pass, read, to);
    case 3:
      return run_pass_of<3>(pass, read, to);
    case 4:
      return run_pass_of<4>(pass, read, to);
    case 5:
      return run_pass_of<5>(pass, read, to);
    case 8:
      return run_pass_of<8>(pass, read, to);
    default:
      return run_pass_plain(pass, read, to);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace kernelgate::highway
HWY_AFTER_NAMESPACE();

#endif
