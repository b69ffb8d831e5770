#pragma once
// The audio under a tile of frames, and the tables, to the fine kernel's shared memory.

#include "kernels/mel/fine_config.h"
#include "kernels/mel/fine_params.h"
#include "kernels/mel/fused_audio.cuh"
#include "kernels/mel/fused_tile.cuh"
#include "kernels/mel/register_fft.cuh"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// Four samples as they lie in memory, and the one before them, in a warp's first lane; the others ask a neighbour.
/// Nothing waits for their load.
struct FineFour {
  Four x = {};
  std::uint32_t before = 0;
};

SIMT_DEVICE FineFour load_fine_four(const FusedParams& p, int thread_idx, const Clip& clip, std::int64_t position) {
  const std::int64_t at = clip.audio + position - p.audio_begin;
  FineFour four;
  if (p.audio_i16) {
    const FourI16 x =
        simt::load_global(reinterpret_cast<const FourI16*>(static_cast<const std::int16_t*>(p.audio) + at));
    four.x.v[0] = std::bit_cast<float>(x.v[0]);
    four.x.v[1] = std::bit_cast<float>(x.v[1]);
  } else {
    four.x = simt::load_global(reinterpret_cast<const Four*>(static_cast<const float*>(p.audio) + at));
  }
  if (p.emphasise && thread_idx % 32 == 0) four.before = sample_bits(p, clip, position - 1);
  return four;
}

/// By whole warps; `stores`: whether this lane has samples.
template <class C>
SIMT_DEVICE void store_fine_four(const FusedParams& p, int thread_idx, const FineFour& four, bool stores, int offset,
                                 float* smem_audio) {
  Four x = four.x;
  if (p.audio_i16) x = to_four({{std::bit_cast<std::uint32_t>(x.v[0]), std::bit_cast<std::uint32_t>(x.v[1])}});
  if (p.emphasise) {
    const float neighbour = simt::shuffle_up(x.v[3], 1);
    const float before = thread_idx % 32 == 0 ? to_sample(p, four.before) : neighbour;
    SIMT_UNROLL
    for (int j = 3; j > 0; --j) x.v[j] = simt::fma(-p.preemphasis, x.v[j - 1], x.v[j]);
    x.v[0] = simt::fma(-p.preemphasis, before, x.v[0]);
  }
  if (!stores) return;
  float* to = smem_audio + C::audio_at(offset);
  if constexpr (C::AUDIO_STRIDE == C::AUDIO_ROW) {
    simt::store_shared(reinterpret_cast<Four*>(to), x);
  } else {  // rows begin at multiples of 8 bytes
    simt::store_shared(reinterpret_cast<Complex*>(to), Complex{x.v[0], x.v[1]});
    simt::store_shared(reinterpret_cast<Complex*>(to) + 1, Complex{x.v[2], x.v[3]});
  }
}

/// The tile's samples but for the first `there`, and the tables, if asked for. All threads; a barrier must follow.
template <class C>
SIMT_DEVICE void stage_fine_audio(const FusedParams& p, const FineParams& fine, int thread_idx, const Tile& tile,
                                  int there, bool with_tables, float* smem_tables, float* smem_audio) {
  const std::int64_t begin = tile.first * C::HOP - p.lead + there;
  const AudioSpan span = audio_span(p, tile.clip, begin, C::span(tile.count) - there);
  FineFour fours[C::AUDIO_ROUNDS];
  SIMT_UNROLL
  for (int r = 0; r < C::AUDIO_ROUNDS; ++r)
    if (const int i = span.fours_begin + 4 * (thread_idx + r * C::threads); i < span.fours_end)
      fours[r] = load_fine_four(p, thread_idx, tile.clip, begin + i);
  if (with_tables) {
    SIMT_NO_UNROLL
    for (int i = thread_idx; i < fine.table_fours; i += C::threads)
      simt::store_shared(reinterpret_cast<simt::Vec4*>(smem_tables) + i,
                         simt::load_global(reinterpret_cast<const simt::Vec4*>(fine.tables) + i));
  }
  // Beyond the clip's ends, behind the last four, and where addresses are not aligned.
  const int head = span.fours_begin, loaded = 4 * C::threads * C::AUDIO_ROUNDS;
  const int tail_begin = span.fours_end < head + loaded ? span.fours_end : head + loaded;
  const int rest = head + span.count - tail_begin;
  SIMT_NO_UNROLL
  for (int j = thread_idx; j < rest; j += C::threads) {
    const int offset = j < head ? j : tail_begin + j - head;
    simt::store_shared(smem_audio + C::audio_at(there + offset), padded_sample(p, tile.clip, begin + offset));
  }
  SIMT_UNROLL
  for (int r = 0; r < C::AUDIO_ROUNDS; ++r) {
    const int i = span.fours_begin + 4 * (thread_idx + r * C::threads);
    store_fine_four<C>(p, thread_idx, fours[r], i < span.fours_end, there + i, smem_audio);
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
