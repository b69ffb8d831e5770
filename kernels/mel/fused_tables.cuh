#pragma once
// The tables of a preset, in the block's shared memory: a block takes many frames, and each needs all of them.

#include <cstddef>
#include <cstdint>

#include "kernels/mel/fused_config.h"
#include "kernels/mel/fused_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate::mel {
inline namespace SIMT_SIDE {

/// From a table in shared memory, or one that stayed in global memory.
template <bool SHARED, class T>
SIMT_DEVICE T load_table(const T* from) {
  if constexpr (SHARED)
    return simt::load_shared(from);
  else
    return simt::load_global(from);
}

/// The tables to shared memory, C::TABLE_BYTES from `to` on, unless they stay where they are. All threads; a barrier
/// must follow.
template <class C>
SIMT_DEVICE void stage_tables(const FusedTables& from, int thread_idx, std::byte* to) {
  if constexpr (C::TABLES_SHARED) {
    // In one piece there, too; all of a thread's loads are under way together.
    constexpr int WORDS = C::TABLE_BYTES / 16, ROUNDS = (WORDS + C::threads(1) - 1) / C::threads(1);
    const auto* words = reinterpret_cast<const simt::Vec4*>(from.window);
    auto* smem_words = reinterpret_cast<simt::Vec4*>(to);
    const int threads = static_cast<int>(simt::block_dim().x);
    simt::Vec4 x[ROUNDS];
    SIMT_UNROLL
    for (int r = 0; r < ROUNDS; ++r)
      if (const int i = thread_idx + r * threads; i < WORDS) x[r] = simt::load_global(words + i);
    SIMT_UNROLL
    for (int r = 0; r < ROUNDS; ++r)
      if (const int i = thread_idx + r * threads; i < WORDS) simt::store_shared(smem_words + i, x[r]);
  }
}

/// Where they then lie.
template <class C>
SIMT_DEVICE FusedTables tables_at(const FusedTables& from, const std::byte* smem) {
  if constexpr (!C::TABLES_SHARED) return from;
  const auto* floats = reinterpret_cast<const float*>(smem);
  return {floats, floats + C::N_FFT, floats + 2 * C::N_FFT,
          reinterpret_cast<const BinWeights*>(floats + 2 * C::N_FFT + 2 * C::BINS)};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::mel
