#pragma once
// The audio under a tile of frames, to shared memory.

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
struct alignas(8) FourI16 {
  std::int16_t v[4];
};

/// One sample of a clip, that the launch was given.
SIMT_DEVICE float raw_sample(const FusedParams& p, const Clip& clip, std::int64_t position) {
  const std::int64_t at = clip.audio + position - p.audio_begin;
  if (p.audio_i16)
    return static_cast<float>(simt::load_global(static_cast<const std::int16_t*>(p.audio) + at)) * 0x1p-15f;
  return simt::load_global(static_cast<const float*>(p.audio) + at);
}

/// At any position, also beyond the ends; pre-emphasised if the clip is.
SIMT_DEVICE float padded_sample(const FusedParams& p, const Clip& clip, std::int64_t position) {
  const std::int64_t at = padded_index(static_cast<MelPadding>(p.padding), position, clip.samples);
  if (at < 0) return 0;
  const float x = raw_sample(p, clip, at);
  if (p.preemphasis == 0 || p.frame_by_frame || at == 0) return x;
  return simt::fma(-p.preemphasis, raw_sample(p, clip, at - 1), x);
}

template <class C>
SIMT_DEVICE int staged_at(int offset) {
  if constexpr (C::GAP == 0)
    return offset;
  else
    return offset + offset / C::HOP * C::GAP;
}

SIMT_DEVICE Four load_four(const FusedParams& p, std::int64_t at) {
  if (!p.audio_i16) return simt::load_global(reinterpret_cast<const Four*>(static_cast<const float*>(p.audio) + at));
  const FourI16 x = simt::load_global(reinterpret_cast<const FourI16*>(static_cast<const std::int16_t*>(p.audio) + at));
  Four y;
  SIMT_UNROLL
  for (int i = 0; i < 4; ++i) y.v[i] = static_cast<float>(x.v[i]) * 0x1p-15f;
  return y;
}

/// Positions begin .. begin + count - 1. Inside the clip and from an aligned address four at a time.
template <class C>
SIMT_DEVICE void stage_audio(const FusedParams& p, const Clip& clip, std::int64_t begin, int count, float* smem_audio) {
  const int thread_idx = static_cast<int>(simt::linear_thread_idx());
  const int threads = static_cast<int>(simt::block_dim().x);
  const std::int64_t first = clip.audio + begin - p.audio_begin;
  const std::uintptr_t address =
      reinterpret_cast<std::uintptr_t>(p.audio) + static_cast<std::uintptr_t>(first * (p.audio_i16 ? 2 : 4));
  const bool aligned = address % (p.audio_i16 ? 8 : 16) == 0;
  int i = 0;
  if (aligned && begin >= 1 && begin + count <= clip.samples && begin - 1 >= p.audio_begin) {
    const bool emphasise = p.preemphasis != 0 && !p.frame_by_frame;
    const int whole = count / 4 * 4;
    for (i = 4 * thread_idx; i < whole; i += 4 * threads) {
      Four x = load_four(p, first + i);
      if (emphasise) {
        const float before = raw_sample(p, clip, begin + i - 1);
        SIMT_UNROLL
        for (int j = 3; j > 0; --j) x.v[j] = simt::fma(-p.preemphasis, x.v[j - 1], x.v[j]);
        x.v[0] = simt::fma(-p.preemphasis, before, x.v[0]);
      }
      simt::store_shared(reinterpret_cast<Four*>(smem_audio + staged_at<C>(i)), x);
    }
    i = whole;
  }
  for (i += thread_idx; i < count; i += threads)
    simt::store_shared(smem_audio + staged_at<C>(i), padded_sample(p, clip, begin + i));
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
