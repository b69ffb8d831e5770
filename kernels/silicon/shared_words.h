#pragma once
// Shared memory from and to global memory, word by word, by all threads of a block.

#include <cstdint>

#include "kernels/simt/simt.h"

namespace kernelgate::silicon {
inline namespace SIMT_SIDE {

SIMT_DEVICE unsigned block_threads() {
  const simt::Dim3 dim = simt::block_dim();
  return dim.x * dim.y * dim.z;
}

/// Units  bytes: a multiple of 4.
SIMT_DEVICE void fill_shared(void* shared, unsigned bytes, std::uint32_t word) {
  auto* words = static_cast<std::uint32_t*>(shared);
  for (unsigned i = simt::linear_thread_idx(); i < bytes / 4; i += block_threads()) simt::store_shared(words + i, word);
}
SIMT_DEVICE void copy_to_shared(void* shared, const void* global, unsigned bytes) {
  auto* words = static_cast<std::uint32_t*>(shared);
  const auto* from = static_cast<const std::uint32_t*>(global);
  for (unsigned i = simt::linear_thread_idx(); i < bytes / 4; i += block_threads())
    simt::store_shared(words + i, simt::load_global(from + i));
}
SIMT_DEVICE void copy_from_shared(void* global, const void* shared, unsigned bytes) {
  auto* to = static_cast<std::uint32_t*>(global);
  const auto* words = static_cast<const std::uint32_t*>(shared);
  for (unsigned i = simt::linear_thread_idx(); i < bytes / 4; i += block_threads())
    simt::store_global(to + i, simt::load_shared(words + i));
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon
