#pragma once
// The end of a convolution where a thread has four neighbouring channels of a pixel.

#include <cstdint>

#include "kernels/conv2d/activation.h"
#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

/// Four neighbouring channels of a pixel.
///
/// Units   in_fours: four channels of y, residual and bias from a multiple of four on are at a multiple of 8
///         bytes.
///         left: how many of the four exist.
struct FourChannels {
  const ConvParams& conv;
  bool in_fours;
  int channel, left;

  /// As it lies in memory, so that who loads it need not wait for it.
  SIMT_DEVICE std::uint64_t load_bias() const {
    std::uint64_t all = 0;
    if (conv.bias != nullptr && left > 0) {
      if (in_fours) {
        all = simt::load_global(reinterpret_cast<const std::uint64_t*>(conv.bias + channel));
      } else {
        SIMT_UNROLL
        for (int i = 0; i < 4; ++i)
          if (i < left) all |= std::uint64_t{simt::load_global(conv.bias + channel + i).bits} << 16 * i;
      }
    }
    return all;
  }
  /// Apart, so that several are on their way.
  SIMT_DEVICE std::uint64_t load_residual(int pixel) const {
    if (conv.residual == nullptr) return 0;
    const f16* const from = conv.residual + static_cast<std::int64_t>(pixel) * conv.k + channel;
    if (in_fours) return simt::load_global(reinterpret_cast<const std::uint64_t*>(from));
    std::uint64_t all = 0;
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i)
      if (i < left) all |= std::uint64_t{simt::load_global(from + i).bits} << 16 * i;
    return all;
  }
  /// Adds all up, activates, rounds and stores. `activation`: with_activation's, around all that is stored.
  template <class Activation>
  SIMT_DEVICE void store(Activation activation, int pixel, float (&sums)[4], std::uint64_t bias,
                         std::uint64_t residual) const {
    const auto value = [](std::uint64_t all, int i) {
      return simt::to_float(f16{static_cast<std::uint16_t>(all >> 16 * i)});
    };
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i) sums[i] = activation(sums[i] + (value(bias, i) + value(residual, i)));
    f16* const to = conv.y + static_cast<std::int64_t>(pixel) * conv.k + channel;
    const std::uint64_t rounded = simt::pack_f16x2(sums[0], sums[1]) | std::uint64_t{simt::pack_f16x2(sums[2], sums[3])}
                                                                           << 32;
    if (in_fours) {
      simt::store_global(reinterpret_cast<std::uint64_t*>(to), rounded);
    } else {
      SIMT_UNROLL
      for (int i = 0; i < 4; ++i)
        if (i < left) simt::store_global(to + i, f16{static_cast<std::uint16_t>(rounded >> 16 * i)});
    }
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
