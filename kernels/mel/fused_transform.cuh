#pragma once
// Frames in shared memory to their spectra's power, a few lanes to a frame.

#include "kernels/mel/fused_config.h"
#include "kernels/mel/fused_params.h"
#include "kernels/mel/fused_tables.cuh"
#include "kernels/mel/register_fft.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

template <bool SHARED>
SIMT_DEVICE Complex load_pair(const float* table, int i) {
  return load_table<SHARED>(reinterpret_cast<const Complex*>(table) + i);
}

/// A lane's place: frame `frame` of the warp, lane `t` of it.
template <class C>
struct Lane {
  int frame, t;
  bool active;
};

template <class C>
SIMT_DEVICE Lane<C> lane_of(int thread_idx) {
  const int lane_idx = thread_idx % 32;
  const bool active = lane_idx < C::LANES * C::FRAMES_PER_WARP;
  return {active ? lane_idx / C::LANES : 0, lane_idx % C::LANES, active};
}

/// Samples n and n + 1 of the frame that begins at `audio`.
template <class C>
SIMT_DEVICE Complex audio_pair(const float* audio, int row, int column) {
  // A row lies within a hop, where there are gaps.
  const int row_begin = 2 * C::COLUMNS * row;
  const int gaps = C::GAP == 0 ? 0 : row_begin / (C::GAP == 0 ? 1 : C::HOP) * C::GAP;
  const float* at = audio + row_begin + gaps + 2 * column;
  if constexpr (C::HOP == 0)  // which may be odd
    return {simt::load_shared(at), simt::load_shared(at + 1)};
  else
    return simt::load_shared(reinterpret_cast<const Complex*>(at));
}

template <class C>
SIMT_DEVICE float audio_sample(const float* audio, int n) {
  return simt::load_shared(audio + n + (C::GAP == 0 ? 0 : n / (C::GAP == 0 ? 1 : C::HOP) * C::GAP));
}

/// Samples n and n + 1; n is even.
template <class C>
SIMT_DEVICE Complex sample_pair(const float* audio, int n) {
  if constexpr (C::HOP == 0)  // which may be odd
    return {audio_sample<C>(audio, n), audio_sample<C>(audio, n + 1)};
  else
    return simt::load_shared(
        reinterpret_cast<const Complex*>(audio + n + (C::GAP == 0 ? 0 : n / (C::GAP == 0 ? 1 : C::HOP) * C::GAP)));
}

/// The mean of a frame under its window, in each of its lanes. All lanes of the warp.
template <class C>
SIMT_DEVICE float frame_mean(const FusedParams& p, const Lane<C>& lane, const float* audio) {
  const int begin = p.window_begin, end = begin + p.window_length;
  float sum = 0;
  if (lane.active)
    for (int n = begin / 2 * 2 + 2 * lane.t; n < end; n += 2 * C::LANES) {
      const Complex x = sample_pair<C>(audio, n);
      sum += (n >= begin ? x.re : 0) + (n + 1 < end ? x.im : 0);
    }
  float total = 0;
  for (int i = 0; i < C::LANES; ++i) total += simt::shuffle(sum, static_cast<unsigned>(lane.frame * C::LANES + i));
  return total * p.mean_scale;
}

/// Samples n and n + 1 of a frame by itself: without its mean, pre-emphasised within. n is even.
template <class C>
SIMT_DEVICE Complex own_pair(const FusedParams& p, const float* audio, float mean, int n) {
  const int begin = p.window_begin, end = begin + p.window_length;
  const auto inside = [&](int i) { return i >= begin && i < end; };
  if (!inside(n) && !inside(n + 1)) return {0, 0};
  const Complex x = sample_pair<C>(audio, n), behind = sample_pair<C>(audio, n < 2 ? 0 : n - 2);
  const float re = x.re - mean, im = x.im - mean, last = n > begin ? behind.im - mean : re;
  return {inside(n) ? simt::fma(-p.preemphasis, last, re) : 0,
          inside(n + 1) ? simt::fma(-p.preemphasis, n + 1 > begin ? re : im, im) : 0};
}

/// One column of a frame, not yet windowed. What to read is asked once, not for each sample, so that all loads are
/// under way together.
template <class C>
SIMT_DEVICE void load_column(const FusedParams& p, const float* audio, float mean, int column, Complex (&z)[C::ROWS]) {
  if (p.frame_by_frame) {
    SIMT_UNROLL
    for (int row = 0; row < C::ROWS; ++row) z[row] = own_pair<C>(p, audio, mean, 2 * (C::COLUMNS * row + column));
    return;
  }
  SIMT_UNROLL
  for (int row = 0; row < C::ROWS; ++row) z[row] = audio_pair<C>(audio, row, column);
  if (p.window_length == C::N_FFT) return;
  SIMT_UNROLL
  for (int row = 0; row < C::ROWS; ++row) {  // what no weight is on may be a NaN
    const int n = 2 * (C::COLUMNS * row + column);
    const auto inside = [&](int i) {
      return static_cast<unsigned>(i - p.window_begin) < static_cast<unsigned>(p.window_length);
    };
    z[row] = {inside(n) ? z[row].re : 0.0f, inside(n + 1) ? z[row].im : 0.0f};
  }
}

/// One column, windowed and transformed, with the twiddles to the exchange.
template <class C, bool SHARED>
SIMT_DEVICE void transform_column(const FusedParams& p, const FusedTables& tables, const float* audio, float mean,
                                  int column, Complex* out) {
  Complex z[C::ROWS];
  load_column<C>(p, audio, mean, column, z);
  SIMT_UNROLL
  for (int row = 0; row < C::ROWS; ++row) {
    const Complex w = load_pair<SHARED>(tables.window, C::COLUMNS * row + column);
    z[row] = {z[row].re * w.re, z[row].im * w.im};
  }
  dft(z);
  SIMT_UNROLL
  for (int k1 = 0; k1 < C::ROWS; ++k1) {
    if (k1 > 0) z[k1] = z[k1] * load_pair<SHARED>(tables.stage_twiddle, k1 * C::COLUMNS + column);
    simt::store_shared(out + C::row_at(k1), z[k1]);
  }
}

/// Bins k and N / 2 - k of the real transform from values k and N / 2 - k of the packed one, twice as large as they
/// should be: the filters' weights make up for it.
template <class C, bool POWER>
SIMT_DEVICE void unpack(Complex z, Complex mirror, Complex twiddle, float* power, float* mirror_power) {
  const Complex even{z.re + mirror.re, z.im - mirror.im};
  const Complex odd = Complex{z.im + mirror.im, mirror.re - z.re} * twiddle;
  const Complex a = even + odd, b = even - odd;
  const float power_a = simt::fma(a.re, a.re, a.im * a.im), power_b = simt::fma(b.re, b.re, b.im * b.im);
  simt::store_shared(power, POWER ? power_a : simt::sqrt_approx(power_a));
  simt::store_shared(mirror_power, POWER ? power_b : simt::sqrt_approx(power_b));
}

SIMT_DEVICE Complex choose(bool first, Complex a, Complex b) { return {first ? a.re : b.re, first ? a.im : b.im}; }

/// Rows t and ROWS - t, whose values are each other's mirrors; lane 0's, 0 and ROWS / 2, are their own. So that lanes
/// don't part, lane 0 takes the first half of row 0, then that of the other, in the same steps.
template <class C, bool SHARED, bool POWER>
SIMT_DEVICE void unpack_rows(const FusedTables& tables, int t, const Complex (&a)[C::COLUMNS],
                             const Complex (&b)[C::COLUMNS], float* power) {
  constexpr int MIDDLE = C::COLUMNS / 2;
  // Lane 0 begins its second row here, and goes round: it then meets the fewest banks of the others.
  constexpr int ROTATION = C::LANES == 10 ? (MIDDLE == 5 ? 2 : 3) : 0;
  const bool own = t == 0;
  // Bin k of step i is t + ROWS i; for lane 0 in the second half, ROWS j + ROWS / 2.
  const int late = own ? C::ROWS / 2 + C::ROWS * (ROTATION - MIDDLE) : t, around = own ? late - C::ROWS * MIDDLE : t;
  SIMT_UNROLL
  for (int i = 0; i < C::COLUMNS; ++i) {
    const bool first_half = i < MIDDLE, goes_round = i + ROTATION >= 2 * MIDDLE;
    const int k = (first_half ? t : goes_round ? around : late) + C::ROWS * i;
    const int j = first_half ? 0 : (i + ROTATION) % MIDDLE;
    const Complex z = first_half ? a[i] : choose(own, b[j], a[i]);
    const Complex mirror =
        choose(own, first_half ? a[(C::COLUMNS - i) % C::COLUMNS] : b[C::COLUMNS - 1 - j], b[C::COLUMNS - 1 - i]);
    unpack<C, POWER>(z, mirror, load_pair<SHARED>(tables.unpack_twiddle, k), power + k * C::POWER_STRIDE,
                     power + (C::HALF - k) * C::POWER_STRIDE);
  }
  if (own) {
    constexpr int k = C::HALF / 2;  // its own mirror
    unpack<C, POWER>(a[MIDDLE], a[MIDDLE], load_pair<SHARED>(tables.unpack_twiddle, k), power + k * C::POWER_STRIDE,
                     power + k * C::POWER_STRIDE);
  }
}

/// Row t alone: the mirrors of its first half are the second half of row ROWS - t, in another lane. Lane 0's are its
/// own.
template <class C, bool SHARED, bool POWER>
SIMT_DEVICE void unpack_row(const FusedTables& tables, int t, const Complex (&a)[C::COLUMNS], float* power) {
  constexpr int MIDDLE = C::COLUMNS / 2;
  const bool own = t == 0;
  const auto partner = static_cast<unsigned>((C::ROWS - t) % C::ROWS);
  SIMT_UNROLL
  for (int i = 0; i < MIDDLE; ++i) {
    const Complex theirs = a[C::COLUMNS - 1 - i];
    const Complex shuffled{simt::shuffle(theirs.re, partner), simt::shuffle(theirs.im, partner)};
    const Complex mirror = choose(own, a[(C::COLUMNS - i) % C::COLUMNS], shuffled);
    const int k = t + C::ROWS * i;
    unpack<C, POWER>(a[i], mirror, load_pair<SHARED>(tables.unpack_twiddle, k), power + k * C::POWER_STRIDE,
                     power + (C::HALF - k) * C::POWER_STRIDE);
  }
  if (own) {
    constexpr int k = C::HALF / 2;
    unpack<C, POWER>(a[MIDDLE], a[MIDDLE], load_pair<SHARED>(tables.unpack_twiddle, k), power + k * C::POWER_STRIDE,
                     power + k * C::POWER_STRIDE);
  }
}

/// The spectra of `count` frames, from `smem_audio` to `smem_work` as [bin][frame]. All threads of the block. SHARED:
/// the tables are in shared memory.
template <class C, bool SHARED>
SIMT_DEVICE void transform_tile(const FusedParams& p, int thread_idx, const FusedTables& tables, int count,
                                const float* smem_audio, float* smem_work) {
  const Lane<C> lane = lane_of<C>(thread_idx);
  const int warp_idx = thread_idx / 32;
  const int frame = warp_idx * C::FRAMES_PER_WARP + lane.frame;
  const bool active = lane.active && frame < count;
  const int hop = C::HOP == 0 ? p.hop : C::HOP;
  const float* audio = smem_audio + (active ? frame : 0) * (hop + C::GAP);
  auto* exchange = reinterpret_cast<Complex*>(smem_work + warp_idx * C::EXCHANGE_FLOATS) + lane.frame * C::FRAME_STRIDE;

  const float mean = p.frame_by_frame ? frame_mean<C>(p, lane, audio) : 0.0f;
  if (active) {
    const int begin = C::column_begin(lane.t);
    SIMT_UNROLL
    for (int c = 0; c < C::COLUMNS_PER_LANE; ++c)
      transform_column<C, SHARED>(p, tables, audio, mean, lane.t + C::LANES * c,
                                  exchange + begin + C::column_begin(C::LANES * c));
  }
  simt::sync_warp();
  // Zero where a lane has no frame: without a value there, ptxas keeps registers for them in all of the caller's loop.
  Complex a[C::COLUMNS] = {}, b[C::MIRROR_BY_SHUFFLE ? 2 : C::COLUMNS] = {};
  if (active) {
    // Where row t lies, and the row that goes with it: see FusedConfig::row_at.
    const Complex* first = exchange + lane.t;
    const Complex* second = exchange + (lane.t == 0      ? C::ROWS / 2
                                        : C::LANES == 10 ? C::ROWS / 2 + lane.t
                                                         : C::ROWS - lane.t);
    SIMT_UNROLL
    for (int column = 0; column < C::COLUMNS; ++column) {
      a[column] = simt::load_shared(first + C::column_begin(column));
      if constexpr (!C::MIRROR_BY_SHUFFLE) b[column] = simt::load_shared(second + C::column_begin(column));
    }
  }
  simt::sync_threads();  // the power overwrites other warps' exchange
  float* power = smem_work + frame;
  if constexpr (C::MIRROR_BY_SHUFFLE) {
    // All lanes of the warp have one frame: active or not together, and the shuffles with them.
    if (active) {
      dft(a);
      if (p.power)
        unpack_row<C, SHARED, true>(tables, lane.t, a, power);
      else
        unpack_row<C, SHARED, false>(tables, lane.t, a, power);
    }
  } else if (active) {
    dft(a);
    dft(b);
    if (p.power)
      unpack_rows<C, SHARED, true>(tables, lane.t, a, b, power);
    else
      unpack_rows<C, SHARED, false>(tables, lane.t, a, b, power);
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
