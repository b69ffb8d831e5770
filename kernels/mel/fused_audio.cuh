#pragma once
// The audio under a tile of frames, to shared memory.

#include <bit>
#include <cstdint>

#include "kernels/mel/fused_config.h"
#include "kernels/mel/fused_params.h"
#include "kernels/mel/mel_preset.h"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

struct alignas(16) Four {
  float v[4];
};
/// Four i16 as they lie in memory, in two registers.
struct alignas(8) FourI16 {
  std::uint32_t v[2];
};

/// One sample of a clip, that the launch was given: as it lies in memory, so that nothing waits for its load yet.
SIMT_DEVICE std::uint32_t sample_bits(const FusedParams& p, const Clip& clip, std::int64_t position) {
  const std::int64_t at = clip.audio + position - p.audio_begin;
  if (p.audio_i16)
    return static_cast<std::uint32_t>(std::int32_t{simt::load_global(static_cast<const std::int16_t*>(p.audio) + at)});
  return std::bit_cast<std::uint32_t>(simt::load_global(static_cast<const float*>(p.audio) + at));
}

SIMT_DEVICE float to_sample(const FusedParams& p, std::uint32_t bits) {
  return p.audio_i16 ? static_cast<float>(static_cast<std::int32_t>(bits)) * 0x1p-15f : std::bit_cast<float>(bits);
}

SIMT_DEVICE float raw_sample(const FusedParams& p, const Clip& clip, std::int64_t position) {
  return to_sample(p, sample_bits(p, clip, position));
}

/// At any position, also beyond the ends; pre-emphasised if the clip is.
SIMT_DEVICE float padded_sample(const FusedParams& p, const Clip& clip, std::int64_t position) {
  const std::int64_t at = padded_index(static_cast<MelPadding>(p.padding), position, clip.samples);
  if (at < 0) return 0;
  const float x = raw_sample(p, clip, at);
  if (!p.emphasise || at == 0) return x;
  return simt::fma(-p.preemphasis, raw_sample(p, clip, at - 1), x);
}

template <class C>
SIMT_DEVICE int staged_at(int offset) {
  if constexpr (C::GAP == 0)
    return offset;
  else
    return offset + offset / C::HOP * C::GAP;
}

SIMT_DEVICE Four to_four(FourI16 x) {
  const auto low = [](std::uint32_t pair) { return static_cast<float>(static_cast<std::int16_t>(pair)) * 0x1p-15f; };
  return {low(x.v[0]), low(x.v[0] >> 16), low(x.v[1]), low(x.v[1] >> 16)};
}

/// What a tile needs: positions begin .. begin + count - 1.
struct AudioSpan {
  std::int64_t begin;
  int count;
  int fours_begin, fours_end;  ///< multiples of 4: four samples at a time; the others one by one
};

/// Inside the clip, and where addresses are aligned, samples come by fours.
SIMT_DEVICE AudioSpan audio_span(const FusedParams& p, const Clip& clip, std::int64_t begin, int count) {
  const std::int64_t first = clip.audio + begin - p.audio_begin;
  const std::uintptr_t address =
      reinterpret_cast<std::uintptr_t>(p.audio) + static_cast<std::uintptr_t>(first * (p.audio_i16 ? 2 : 4));
  // The sample before is needed, too: for the pre-emphasis.
  const std::int64_t before_inside = p.audio_begin + 1 - begin, inside = clip.samples - begin;
  const int fours_begin = before_inside <= 0       ? 0
                          : before_inside >= count ? count
                                                   : (static_cast<int>(before_inside) + 3) / 4 * 4;
  const int fours_end = (inside >= count ? count : inside < 0 ? 0 : static_cast<int>(inside)) / 4 * 4;
  const bool some = address % (p.audio_i16 ? 8 : 16) == 0 && fours_end > fours_begin;
  return {begin, count, some ? fours_begin : 0, some ? fours_end : 0};
}

/// A thread's share of a round, between its load and its store: one round is a tile of the usual hops, so that all of a
/// thread's loads are under way together. Nothing is computed of them before the store, which would wait for each.
struct AudioRound {
  static constexpr int FOURS = 5;
  Four x[FOURS] = {};  ///< i16: the bits of a FourI16 in the first two
  std::uint32_t before[FOURS] =
      {};  ///< the bits of the sample before, in a warp's first lane; the others ask a neighbour
};

/// The first round of a span.
SIMT_DEVICE void load_round(const FusedParams& p, int thread_idx, const Clip& clip, const AudioSpan& span,
                            AudioRound& round) {
  const int step = 4 * static_cast<int>(simt::block_dim().x);
  const std::int64_t first = clip.audio + span.begin - p.audio_begin;
  int i = span.fours_begin + 4 * thread_idx;
  SIMT_UNROLL
  for (int r = 0; r < AudioRound::FOURS; ++r, i += step) {
    if (i >= span.fours_end) continue;
    if (p.audio_i16) {
      const FourI16 x =
          simt::load_global(reinterpret_cast<const FourI16*>(static_cast<const std::int16_t*>(p.audio) + first + i));
      round.x[r].v[0] = std::bit_cast<float>(x.v[0]);
      round.x[r].v[1] = std::bit_cast<float>(x.v[1]);
    } else {
      round.x[r] = simt::load_global(reinterpret_cast<const Four*>(static_cast<const float*>(p.audio) + first + i));
    }
    if (p.emphasise && thread_idx % 32 == 0) round.before[r] = sample_bits(p, clip, span.begin + i - 1);
  }
}

/// To where no thread reads. By whole warps.
template <class C>
SIMT_DEVICE void store_round(const FusedParams& p, int thread_idx, const AudioSpan& span, const AudioRound& round,
                             float* smem_audio) {
  const int step = 4 * static_cast<int>(simt::block_dim().x);
  int i = span.fours_begin + 4 * thread_idx;
  SIMT_UNROLL
  for (int r = 0; r < AudioRound::FOURS; ++r, i += step) {
    Four x = round.x[r];
    if (p.audio_i16) x = to_four({{std::bit_cast<std::uint32_t>(x.v[0]), std::bit_cast<std::uint32_t>(x.v[1])}});
    if (p.emphasise) {
      const float neighbour = simt::shuffle_up(x.v[3], 1);
      const float before = thread_idx % 32 == 0 ? to_sample(p, round.before[r]) : neighbour;
      SIMT_UNROLL
      for (int j = 3; j > 0; --j) x.v[j] = simt::fma(-p.preemphasis, x.v[j - 1], x.v[j]);
      x.v[0] = simt::fma(-p.preemphasis, before, x.v[0]);
    }
    if (i >= span.fours_end) continue;
    simt::store_shared(reinterpret_cast<Four*>(smem_audio + staged_at<C>(i)), x);
  }
}

/// What no round brings: samples beyond the clip's ends, behind the last four, and the end of a long span.
template <class C>
SIMT_DEVICE void stage_rest(const FusedParams& p, int thread_idx, const Clip& clip, const AudioSpan& span,
                            float* smem_audio) {
  const int threads = static_cast<int>(simt::block_dim().x);
  const int round_end = span.fours_begin + 4 * AudioRound::FOURS * threads;
  const int head = span.fours_begin, tail_begin = span.fours_end < round_end ? span.fours_end : round_end;
  const int rest = head + span.count - tail_begin;
  constexpr int at_once = 4;  // so that their loads are under way together
  for (int from = thread_idx; from < rest; from += at_once * threads) {
    std::int64_t at[at_once];
    std::uint32_t x[at_once] = {}, before[at_once] = {};
    const auto offset = [&](int r) {
      const int j = from + r * threads;
      return j < head ? j : tail_begin + j - head;
    };
    SIMT_UNROLL
    for (int r = 0; r < at_once; ++r)
      at[r] = from + r * threads < rest
                  ? padded_index(static_cast<MelPadding>(p.padding), span.begin + offset(r), clip.samples)
                  : -1;
    SIMT_UNROLL
    for (int r = 0; r < at_once; ++r) {
      if (at[r] >= 0) x[r] = sample_bits(p, clip, at[r]);
      if (p.emphasise && at[r] > 0) before[r] = sample_bits(p, clip, at[r] - 1);
    }
    SIMT_UNROLL
    for (int r = 0; r < at_once; ++r) {
      if (from + r * threads >= rest) continue;
      float y = to_sample(p, x[r]);
      if (p.emphasise && at[r] > 0) y = simt::fma(-p.preemphasis, to_sample(p, before[r]), y);
      simt::store_shared(smem_audio + staged_at<C>(offset(r)), y);
    }
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
