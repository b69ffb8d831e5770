#pragma once
// The end of a convolution where a thread has four neighbouring channels of a pixel.

#include <cstdint>

#include "kernels/conv2d/activation.h"
#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// Bias, residual and activation of four channels of a pixel; rounds and stores them. `left`: how many of them exist.
///
/// Units   in_fours: four channels of y and of the residual from a multiple of four on are at a multiple of 8 bytes.
SIMT_DEVICE void store_four(const ConvParams& conv, bool in_fours, float (&sums)[4], int pixel, int channel, int left) {
  const std::int64_t at = static_cast<std::int64_t>(pixel) * conv.k + channel;
  std::uint64_t residual = 0;
  if (conv.residual != nullptr && in_fours)
    residual = simt::load_global(reinterpret_cast<const std::uint64_t*>(conv.residual + at));
  SIMT_UNROLL
  for (int i = 0; i < 4; ++i) {
    if (conv.bias != nullptr && i < left) sums[i] += simt::to_float(simt::load_global(conv.bias + channel + i));
    if (conv.residual != nullptr) {
      f16 added{static_cast<std::uint16_t>(residual >> 16 * i)};
      if (!in_fours) added = i < left ? simt::load_global(conv.residual + at + i) : f16{};
      sums[i] += simt::to_float(added);
    }
    sums[i] = activate(conv.activation, sums[i]);
  }
  const std::uint64_t rounded = simt::pack_f16x2(sums[0], sums[1]) | std::uint64_t{simt::pack_f16x2(sums[2], sums[3])}
                                                                         << 32;
  if (in_fours) {
    simt::store_global(reinterpret_cast<std::uint64_t*>(conv.y + at), rounded);
  } else {
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i)
      if (i < left) simt::store_global(conv.y + at + i, f16{static_cast<std::uint16_t>(rounded >> 16 * i)});
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
