#pragma once
// Frames in shared memory to their spectra's power, a thread to four or five values: see FineConfig.
//
// What a compiler makes of a product and a sum by itself may differ from one instance of a kernel to the next. Here
// each is asked for, so that the bits of a frame are the same in tiles of every size.

#include "kernels/mel/fine_config.h"
#include "kernels/mel/fine_tables.h"
#include "kernels/mel/fused_params.h"
#include "kernels/mel/register_fft.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// What a thread does in a step that has `ITEMS` to do for each frame: always the same item, of every SLOTS-th frame.
template <int THREADS, int ITEMS>
struct FineRole {
  static constexpr int SLOTS = THREADS / ITEMS;
  int slot, item;

  SIMT_DEVICE explicit FineRole(int thread_idx) : slot(thread_idx / ITEMS), item(thread_idx % ITEMS) {}
  SIMT_DEVICE bool takes_part() const { return slot < SLOTS; }
};

template <class C>
using FourRole = FineRole<C::threads, C::FOURS>;
template <class C>
using FiveRole = FineRole<C::threads, C::FIVES>;

/// Of 20 values, transform b of 4 takes those at 5 a + 4 b.
SIMT_DEVICE int twentieth(int a, int b) {
  const int at = 5 * a + 4 * b;
  return at >= 20 ? at - 20 : at;
}

SIMT_DEVICE Complex weighed(Complex x, Complex w) { return {x.re * w.re, x.im * w.im}; }
/// x w + y, and x w - y.
SIMT_DEVICE Complex add_weighed(Complex x, Complex w, Complex y) {
  return {simt::fma(x.re, w.re, y.re), simt::fma(x.im, w.im, y.im)};
}
SIMT_DEVICE Complex subtract_from_weighed(Complex x, Complex w, Complex y) {
  return {simt::fma(x.re, w.re, -y.re), simt::fma(x.im, w.im, -y.im)};
}

/// dft4 of windowed samples.
SIMT_DEVICE void windowed_dft4(Complex (&z)[4], const Complex (&w)[4]) {
  const Complex even = weighed(z[2], w[2]), odd = weighed(z[3], w[3]);
  const Complex s0 = add_weighed(z[0], w[0], even), d0 = subtract_from_weighed(z[0], w[0], even);
  const Complex s1 = add_weighed(z[1], w[1], odd), d1 = subtract_from_weighed(z[1], w[1], odd);
  z[0] = s0 + s1;
  z[2] = s0 - s1;
  z[1] = {d0.re + d1.im, d0.im - d1.re};
  z[3] = {d0.re - d1.im, d0.im + d1.re};
}

/// Columns: windowed, transforms of 4.
template <class C>
SIMT_DEVICE void column_fours(const float* smem_window, int thread_idx, int count, const float* smem_audio,
                              Complex* smem_first) {
  const FourRole<C> role(thread_idx);
  if (!role.takes_part()) return;
  const int b = role.item / C::COLUMNS, column = role.item % C::COLUMNS;
  int at[4];
  Complex window[4];  // the same for all frames
  SIMT_UNROLL
  for (int a = 0; a < 4; ++a) {
    at[a] = twentieth(a, b) * C::AUDIO_STRIDE + 2 * column;
    window[a] =
        simt::load_shared(reinterpret_cast<const Complex*>(smem_window) + twentieth(a, b) * C::COLUMNS + column);
  }
  SIMT_NO_UNROLL
  for (int frame = role.slot; frame < count; frame += FourRole<C>::SLOTS) {
    const float* audio = smem_audio + frame * C::AUDIO_HOP;
    Complex z[4];
    SIMT_UNROLL
    for (int a = 0; a < 4; ++a) z[a] = simt::load_shared(reinterpret_cast<const Complex*>(audio + at[a]));
    windowed_dft4(z, window);
    Complex* to = smem_first + frame * C::FIRST_FRAME + role.item;
    SIMT_UNROLL
    for (int c = 0; c < 4; ++c) simt::store_shared(to + c * C::FOUR_STRIDE, z[c]);
  }
}

/// Columns: transforms of 5, times the twiddles; row by row from here on.
template <class C>
SIMT_DEVICE void column_fives(const float* smem_twiddles, int thread_idx, int count, const Complex* smem_first,
                              Complex* smem_second) {
  const FiveRole<C> role(thread_idx);
  if (!role.takes_part()) return;
  const int c = role.item / C::COLUMNS, column = role.item % C::COLUMNS;
  Complex twiddle[5];  // the same for all frames
  SIMT_UNROLL
  for (int d = 0; d < 5; ++d)
    twiddle[d] = simt::load_shared(reinterpret_cast<const Complex*>(smem_twiddles) +
                                   (5 * c + 16 * d) % 20 * C::COLUMNS + column);
  SIMT_NO_UNROLL
  for (int frame = role.slot; frame < count; frame += FiveRole<C>::SLOTS) {
    const Complex* from = smem_first + frame * C::FIRST_FRAME + c * C::FOUR_STRIDE + column;
    Complex z[5];
    SIMT_UNROLL
    for (int b = 0; b < 5; ++b) z[b] = simt::load_shared(from + b * C::COLUMNS);
    dft5(z[0], z[1], z[2], z[3], z[4]);
    Complex* to = smem_second + frame * C::SECOND_FRAME + c * C::COLUMNS + column;
    SIMT_UNROLL
    for (int d = 0; d < 5; ++d) simt::store_shared(to + C::row_at(4 * d), z[d] * twiddle[d]);
  }
}

/// Rows of 10, one half of each row's values: a transform of 2, of which it needs one side, then one of 5.
template <class C>
SIMT_DEVICE void rows_of_ten(int thread_idx, int count, const Complex* smem_second, Complex* smem_first) {
  const FiveRole<C> role(thread_idx);
  if (!role.takes_part()) return;
  const int side = role.item / C::ROWS, row = role.item % C::ROWS, d = row / 4;
  const int row_at = row * C::COLUMNS + (d < 2 ? C::row_shift(0) : d < 4 ? C::row_shift(2) : C::row_shift(4));
  const float sign = side == 0 ? 1.0f : -1.0f;
  SIMT_NO_UNROLL
  for (int frame = role.slot; frame < count; frame += FiveRole<C>::SLOTS) {
    const Complex* from = smem_second + frame * C::SECOND_FRAME + row_at;
    Complex z[5];
    SIMT_UNROLL
    for (int b = 0; b < 5; ++b) {
      const Complex x = simt::load_shared(from + 2 * b), y = simt::load_shared(from + (5 + 2 * b) % 10);
      z[b] = {simt::fma(sign, y.re, x.re), simt::fma(sign, y.im, x.im)};
    }
    dft5(z[0], z[1], z[2], z[3], z[4]);
    Complex* to = smem_first + frame * C::SPECTRUM_FRAME + role.item;
    SIMT_UNROLL
    for (int i = 0; i < 5; ++i) simt::store_shared(to + i * 2 * C::ROWS, z[i]);
  }
}

/// Rows of 20: transforms of 4.
template <class C>
SIMT_DEVICE void row_fours(int thread_idx, int count, const Complex* smem_second, Complex* smem_first) {
  const FourRole<C> role(thread_idx);
  if (!role.takes_part()) return;
  const int b = role.item / C::ROWS, row = role.item % C::ROWS, d = row / 4;
  const int row_at = row * C::COLUMNS + (d < 4 ? d : C::row_shift(4));
  int at[4];
  SIMT_UNROLL
  for (int a = 0; a < 4; ++a) at[a] = row_at + twentieth(a, b);
  SIMT_NO_UNROLL
  for (int frame = role.slot; frame < count; frame += FourRole<C>::SLOTS) {
    const Complex* from = smem_second + frame * C::SECOND_FRAME;
    Complex z[4];
    SIMT_UNROLL
    for (int a = 0; a < 4; ++a) z[a] = simt::load_shared(from + at[a]);
    dft4(z[0], z[1], z[2], z[3]);
    Complex* to = smem_first + frame * C::FIRST_FRAME + role.item;
    SIMT_UNROLL
    for (int c = 0; c < 4; ++c) simt::store_shared(to + c * C::FOUR_STRIDE, z[c]);
  }
}

/// Rows of 20: transforms of 5.
template <class C>
SIMT_DEVICE void row_fives(int thread_idx, int count, const Complex* smem_first, Complex* smem_second) {
  const FiveRole<C> role(thread_idx);
  if (!role.takes_part()) return;
  const int c = role.item / C::ROWS, row = role.item % C::ROWS;
  SIMT_NO_UNROLL
  for (int frame = role.slot; frame < count; frame += FiveRole<C>::SLOTS) {
    const Complex* from = smem_first + frame * C::FIRST_FRAME + c * C::FOUR_STRIDE + row;
    Complex z[5];
    SIMT_UNROLL
    for (int b = 0; b < 5; ++b) z[b] = simt::load_shared(from + b * C::ROWS);
    dft5(z[0], z[1], z[2], z[3], z[4]);
    Complex* to = smem_second + frame * C::SPECTRUM_FRAME + role.item;
    SIMT_UNROLL
    for (int d = 0; d < 5; ++d) simt::store_shared(to + d * 4 * C::ROWS, z[d]);
  }
}

/// Bins k and N / 2 - k of the real transform, as [quad][bin][4 frames]. Neighbouring lanes are the frames of a quad;
/// frames that the tile does not have are 0.
template <class C>
SIMT_DEVICE void unpack_tile(const FusedParams& p, int thread_idx, int count, const PairEntry* pairs,
                             const Complex* smem_spectrum, float* smem_power) {
  const int items = C::quads(count) * C::PADDED_PAIRS * 4;
  SIMT_NO_UNROLL
  for (int i = thread_idx; i < items; i += C::threads) {
    const int quad = i / (4 * C::PADDED_PAIRS), k = i / 4 - quad * C::PADDED_PAIRS, frame = 4 * quad + i % 4;
    if (k >= C::PAIRS) continue;
    float power = 0, mirror_power = 0;
    if (frame < count) {
      const auto pair = simt::load_shared(pairs + k);
      const Complex* spectrum = smem_spectrum + frame * C::SPECTRUM_FRAME;
      const Complex z = simt::load_shared(spectrum + pair.at), mirror = simt::load_shared(spectrum + pair.mirror_at);
      const Complex even{z.re + mirror.re, z.im - mirror.im};
      const Complex odd = Complex{z.im + mirror.im, mirror.re - z.re} * Complex{pair.re, pair.im};
      const Complex a = even + odd, b = even - odd;
      power = simt::fma(a.re, a.re, a.im * a.im);
      mirror_power = simt::fma(b.re, b.re, b.im * b.im);
      if (!p.power) {
        power = simt::sqrt_approx(power);
        mirror_power = simt::sqrt_approx(mirror_power);
      }
    }
    float* to = smem_power + quad * (4 * C::BINS) + i % 4;
    simt::store_shared(to + 4 * k, power);
    simt::store_shared(to + 4 * (C::HALF - k), mirror_power);
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
