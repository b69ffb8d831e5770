#pragma once
// A kernel that shows wgmma: shared memory is the inputs as they are, descriptors say where in it the matrices lie.

#include <bit>
#include <cstdint>
#include <string>

#include "kernels/silicon/matrix_probe.h"
#include "kernels/silicon/probe.h"
#include "kernels/silicon/shared_words.h"
#include "kernels/simt/simt.h"

namespace kernelgate::silicon {

/// Where a matrix lies, as smem_descriptor takes it; then how far the next product's is.
struct Placed {
  unsigned start = 0;
  simt::Swizzle swizzle = simt::Swizzle::bytes_128;
  unsigned stride = 0, leading = 0, base_offset = 0;
  unsigned advance = 0;
};

struct WgmmaParams {
  Placed a, b;
  bool scale_d = true;
};

inline constexpr unsigned wgmma_threads = 128, wgmma_image = 44 * 1024, wgmma_b_at = 10 * 1024;

/// As TMA and kernels lay matrices out: rows as long as the swizzle, 8 of them a pattern, patterns close together.
constexpr Placed placed(simt::Swizzle swizzle, simt::Major major, unsigned start, unsigned extent) {
  const unsigned pattern = swizzle == simt::Swizzle::none ? 128 : 8 * simt::swizzle_span(swizzle);
  Placed place{start, swizzle, pattern, 0, 0, 0};
  if (major == simt::Major::k) {
    // Without a swizzle the two chunks of k are neighbours.
    if (swizzle == simt::Swizzle::none) place.stride = 256, place.leading = 128;
    place.advance = swizzle >= simt::Swizzle::bytes_64 ? 32 : 1024;
  } else {
    place.leading = swizzle == simt::Swizzle::none ? extent / 8 * 128 : 2 * pattern;
    place.advance = 256;
    if (swizzle != simt::Swizzle::none) place.advance = 2 * place.stride;
  }
  return place;
}

/// A form as a number, and back: nvcc takes no class for a kernel's template argument.
constexpr int packed(simt::WgmmaForm form) {
  return static_cast<int>(form.input) | static_cast<int>(form.a) << 1 | static_cast<int>(form.b) << 2 |
         (form.negate_a ? 8 : 0) | (form.negate_b ? 16 : 0);
}
constexpr simt::WgmmaForm unpacked(int number) {
  return {static_cast<simt::WgmmaInput>(number & 1), static_cast<simt::Major>(number >> 1 & 1),
          static_cast<simt::Major>(number >> 2 & 1), (number & 8) != 0, (number & 16) != 0};
}

inline namespace SIMT_SIDE {

SIMT_DEVICE simt::SmemDescriptor descriptor_of(const char* smem, const Placed& at) {
  return simt::smem_descriptor(smem + at.start, at.swizzle, at.stride, at.leading, at.base_offset);
}

/// Two products, with A in shared memory or, if RS, in registers, which are the first of the image's words.
template <int N, int FORM, bool RS>
SIMT_KERNEL(wgmma_threads)
void show_wgmma(const WgmmaParams p, const std::uint32_t* in, float* out) {
  constexpr simt::WgmmaForm form = unpacked(FORM);
  auto* smem = simt::dynamic_shared<char>();
  const unsigned t = simt::thread_idx().x;
  copy_to_shared(smem, in, wgmma_image);
  simt::fence_proxy_async();
  simt::sync_threads();
  float d[N / 2];
  // Unrolled all, so that d is in registers: wgmma goes on while its asm statement has ended.
  SIMT_UNROLL
  for (int i = 0; i < N / 2; ++i) {
    const std::uint32_t pair = simt::load_global(in + (i * wgmma_threads + t) % (wgmma_image / 4));
    d[i] = form.input == simt::WgmmaInput::bf16 ? std::bit_cast<float>(pair << 16) : simt::low_half(pair);
  }
  std::uint32_t registers[4], next[4];
  SIMT_UNROLL
  for (int i = 0; i < 4; ++i) {
    registers[i] = simt::load_global(in + i * wgmma_threads + t);
    next[i] = simt::load_global(in + (4 + i) * wgmma_threads + t);
  }
  [[maybe_unused]] const simt::SmemDescriptor a = descriptor_of(smem, p.a);
  const simt::SmemDescriptor b = descriptor_of(smem, p.b);
  simt::wgmma_fence();
  if constexpr (RS) {
    simt::wgmma_m64nNk16<N, form>(d, registers, b, p.scale_d);
    simt::wgmma_m64nNk16<N, form>(d, next, simt::advance(b, p.b.advance), true);
  } else {
    simt::wgmma_m64nNk16<N, form>(d, a, b, p.scale_d);
    simt::wgmma_m64nNk16<N, form>(d, simt::advance(a, p.a.advance), simt::advance(b, p.b.advance), true);
  }
  simt::wgmma_commit();
  simt::wgmma_wait<0>(d);
  SIMT_UNROLL
  for (int i = 0; i < N / 2; ++i) simt::store_global(out + i * wgmma_threads + t, d[i]);
}

/// With d from before, and without.
template <int N, simt::WgmmaForm form, bool RS>
Probe wgmma_probe(std::string name, WgmmaParams params, Inputs inputs, Tolerance tolerance = {}) {
  constexpr std::size_t floats = std::size_t{wgmma_threads} * N / 2;
  return {std::move(name),
          {90, true},
          inputs,
          wgmma_image,
          Outputs::f32,
          2 * floats * 4,
          tolerance,
          [params](const void* in, void* out, Stream stream) {
            for (unsigned turn = 0; turn < 2; ++turn) {
              WgmmaParams p = params;
              p.scale_d = turn == 0;
              simt::launch(show_wgmma<N, packed(form), RS>, {{1}, {wgmma_threads}, wgmma_image, "show_wgmma"}, stream,
                           p, static_cast<const std::uint32_t*>(in), static_cast<float*>(out) + turn * floats);
            }
          }};
}

/// Both matrices with one swizzle.
template <int N, simt::WgmmaForm form>
WgmmaParams placed_alike(simt::Swizzle swizzle) {
  return {placed(swizzle, form.a, 0, 64), placed(swizzle, form.b, wgmma_b_at, N), true};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::silicon
