#pragma once
// What the tests of wgmma share: small tiles of ones in shared memory.

#include <string>

#include "kernels/simt/simt.h"
#include "kernels/simt/simt_for_test.h"

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

// A: 64 x 64 and B: 8 x 64. Where all of them is `value`, each element of D grows by 16 value^2.
inline constexpr int A_BYTES = 64 * 128, B_BYTES = 8 * 128;
inline constexpr unsigned TILE_BYTES = A_BYTES + B_BYTES;

SIMT_DEVICE void fill(char* at, unsigned bytes, float value) {
  const std::uint32_t half = to_f16_rn(value).bits;
  const std::uint32_t pair = half | half << 16;
  for (unsigned i = linear_thread_idx() % 128 * 16; i < bytes; i += 128 * 16)
    store_shared(reinterpret_cast<Vec4*>(at + i), Vec4{pair, pair, pair, pair});
}
SIMT_DEVICE SmemDescriptor tile_a(char* smem) { return smem_descriptor(smem, Swizzle::bytes_128, 1024); }
SIMT_DEVICE SmemDescriptor tile_b(char* smem) { return smem_descriptor(smem + A_BYTES, Swizzle::bytes_128, 1024); }
/// Shared memory with tiles of ones, ready for wgmma.
SIMT_DEVICE char* tiles_of_ones() {
  auto* smem = dynamic_shared<char>();
  fill(smem, TILE_BYTES, 1);
  fence_proxy_async();
  sync_threads();
  return smem;
}

template <class Kernel, class... Arguments>
std::string fault_of_kernel(Kernel kernel, Arguments... arguments) {
  return fault_of([&] { launch(kernel, {{1}, {128}, TILE_BYTES, "rules"}, nullptr, arguments...); });
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
