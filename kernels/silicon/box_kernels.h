#pragma once
// Kernels that move one box by TMA: the whole image of it in shared memory is what is shown, with what lies around it.

#include <cstdint>

#include "kernels/silicon/shared_words.h"
#include "kernels/simt/simt.h"

namespace kernelgate::silicon {
inline namespace SIMT_SIDE {

inline constexpr unsigned box_threads = 64, image_bytes = 8192, box_mbarrier_at = image_bytes;
inline constexpr std::size_t box_shared_bytes = image_bytes + 16;

/// A box in shared memory from `offset` on.
///
/// Units  offset: a multiple of 128; bytes: those of the whole box, as the mbarrier counts them.
struct BoxParams {
  simt::TensorMap map;
  int at[5] = {};
  unsigned offset = 0;
  unsigned bytes = 0;
  simt::CacheHint hint = simt::CacheHint::evict_normal;
};

template <int RANK>
SIMT_DEVICE void load_box(const BoxParams& p, void* to, simt::Mbarrier* came) {
  if constexpr (RANK == 1) simt::tma_load_1d(to, p.map, came, p.at[0], p.hint);
  if constexpr (RANK == 2) simt::tma_load_2d(to, p.map, came, p.at[0], p.at[1], p.hint);
  if constexpr (RANK == 3) simt::tma_load_3d(to, p.map, came, p.at[0], p.at[1], p.at[2], p.hint);
  if constexpr (RANK == 4) simt::tma_load_4d(to, p.map, came, p.at[0], p.at[1], p.at[2], p.at[3], p.hint);
  if constexpr (RANK == 5) simt::tma_load_5d(to, p.map, came, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.hint);
}

template <int RANK>
SIMT_DEVICE void prefetch_box(const BoxParams& p) {
  if constexpr (RANK == 1) simt::tma_prefetch_1d(p.map, p.at[0], p.hint);
  if constexpr (RANK == 2) simt::tma_prefetch_2d(p.map, p.at[0], p.at[1], p.hint);
  if constexpr (RANK == 3) simt::tma_prefetch_3d(p.map, p.at[0], p.at[1], p.at[2], p.hint);
  if constexpr (RANK == 4) simt::tma_prefetch_4d(p.map, p.at[0], p.at[1], p.at[2], p.at[3], p.hint);
  if constexpr (RANK == 5) simt::tma_prefetch_5d(p.map, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.hint);
}

template <int RANK>
SIMT_DEVICE void store_box(const BoxParams& p, const void* from) {
  if constexpr (RANK == 1) simt::tma_store_1d(p.map, from, p.at[0], p.hint);
  if constexpr (RANK == 2) simt::tma_store_2d(p.map, from, p.at[0], p.at[1], p.hint);
  if constexpr (RANK == 3) simt::tma_store_3d(p.map, from, p.at[0], p.at[1], p.at[2], p.hint);
  if constexpr (RANK == 4) simt::tma_store_4d(p.map, from, p.at[0], p.at[1], p.at[2], p.at[3], p.hint);
  if constexpr (RANK == 5) simt::tma_store_5d(p.map, from, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.hint);
}

template <int RANK>
SIMT_DEVICE void add_box(const BoxParams& p, const void* from) {
  if constexpr (RANK == 1) simt::tma_reduce_add_1d(p.map, from, p.at[0], p.hint);
  if constexpr (RANK == 2) simt::tma_reduce_add_2d(p.map, from, p.at[0], p.at[1], p.hint);
  if constexpr (RANK == 3) simt::tma_reduce_add_3d(p.map, from, p.at[0], p.at[1], p.at[2], p.hint);
  if constexpr (RANK == 4) simt::tma_reduce_add_4d(p.map, from, p.at[0], p.at[1], p.at[2], p.at[3], p.hint);
  if constexpr (RANK == 5) simt::tma_reduce_add_5d(p.map, from, p.at[0], p.at[1], p.at[2], p.at[3], p.at[4], p.hint);
}

/// Shared memory before a load, and the mbarrier that it completes.
SIMT_DEVICE simt::Mbarrier* begin_box(char* smem) {
  auto* came = reinterpret_cast<simt::Mbarrier*>(smem + box_mbarrier_at);
  fill_shared(smem, image_bytes, 0x33333333u);
  simt::fence_proxy_async();
  if (simt::linear_thread_idx() == 0) {
    simt::mbarrier_init(came, 1);
    simt::fence_mbarrier_init();
  }
  simt::sync_threads();
  return came;
}

template <int RANK>
SIMT_KERNEL(box_threads)
void show_load(const SIMT_GRID_CONSTANT BoxParams p, void* out) {
  auto* smem = simt::dynamic_shared<char>();
  simt::Mbarrier* came = begin_box(smem);
  if (simt::thread_idx().x == 0) {
    simt::prefetch_tensor_map(p.map);
    prefetch_box<RANK>(p);
    simt::mbarrier_arrive_expect_tx(came, p.bytes);
    load_box<RANK>(p, smem + p.offset, came);
  }
  simt::mbarrier_wait(came, 0);
  copy_from_shared(out, smem, image_bytes);
}

/// The image is the inputs.
template <int RANK, bool ADD>
SIMT_KERNEL(box_threads)
void show_store(const SIMT_GRID_CONSTANT BoxParams p, const void* in) {
  auto* smem = simt::dynamic_shared<char>();
  copy_to_shared(smem, in, image_bytes);
  simt::fence_proxy_async();
  simt::sync_threads();
  if (simt::thread_idx().x != 0) return;
  if constexpr (ADD)
    add_box<RANK>(p, smem + p.offset);
  else
    store_box<RANK>(p, smem + p.offset);
  simt::bulk_commit();
  simt::bulk_wait<0>();
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon
