// Compiled, never run (sm75_instructions.cu): wgmma for each n, and each of its forms for one. A kernel for each n: one
// for all takes ptxas ten times as long.

#include <utility>

#include "kernels/simt/simt.h"

#if defined(__CUDA_ARCH__) && !SIMT_HAS_WGMMA
#error "wgmma would be left out"
#endif

namespace kernelgate::simt {

template <int N, WgmmaForm form = WgmmaForm{}>
SIMT_DEVICE void both(float (&d)[N / 2], std::uint32_t (&registers)[4], SmemDescriptor a, SmemDescriptor b) {
  constexpr WgmmaForm of_registers{
      .input = form.input, .b = form.b, .negate_a = form.negate_a, .negate_b = form.negate_b};
  wgmma_fence();
  wgmma_m64nNk16<N, form>(d, a, b, true);
  wgmma_m64nNk16<N, of_registers>(d, registers, b, false);
  wgmma_commit();
}

template <int N>
__global__ __launch_bounds__(128) void sm90a_wgmma(float* out) {
  auto* smem = dynamic_shared<char>();
  const SmemDescriptor a = smem_descriptor(smem, Swizzle::bytes_128, 1024);
  const SmemDescriptor b = smem_descriptor(smem + 8192, Swizzle::none, 128, 256);
  float d[N / 2];
  std::uint32_t registers[4] = {1, 2, 3, 4};
  both<N>(d, registers, a, b);
  if constexpr (N == 64) {
    both<N, WgmmaForm{.a = Major::mn, .b = Major::mn}>(d, registers, a, advance(b, 32));
    both<N, WgmmaForm{.negate_a = true, .negate_b = true}>(d, registers, a, b);
    wgmma_wait<1>();
    both<N, WgmmaForm{.input = WgmmaInput::bf16, .b = Major::mn}>(d, registers, a, b);
  }
  wgmma_wait<0>(d);
  for (int i = 0; i < N / 2; ++i) out[i] = d[i];
}

template <int... EIGHTHS>
void launch_each_n(float* out, std::integer_sequence<int, EIGHTHS...>) {
  (launch(sm90a_wgmma<8 * (EIGHTHS + 1)>, {{1}, {128}, 16384, "sm90a_wgmma"}, nullptr, out), ...);
}
void launch_sm90a_wgmma(float* out) { launch_each_n(out, std::make_integer_sequence<int, 32>{}); }

}  // namespace kernelgate::simt
