#pragma once
// The end of a convolution: sums in registers become whole chunks of pixels in global memory.
//
// A tile of f16 in shared memory first takes the residual, in chunks of 16 bytes; threads add their sums to it in
// place, where nobody else reads or writes, and the tile leaves in chunks of 16 bytes.

#include <cstdint>

#include "kernels/conv2d/activation.h"
#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/swizzled_tile.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

template <int BLOCK_M, int BLOCK_N, int THREADS>
struct OutputTile {
  using Tile = tile::SwizzledTile<BLOCK_M, BLOCK_N>;
  static constexpr int smem_bytes = Tile::smem_bytes;

  const ConvParams& params;
  const int* output_pixels;  ///< of the rows, in shared memory; -1: none
  int first_channel;         ///< of all groups
  int channels;              ///< that the group has from there on
  unsigned char* smem;

  /// act(place in shared memory, element of the output, whether it is there), for each chunk, or element, of the tile.
  template <int ELEMENTS, class Act>
  SIMT_DEVICE void for_each(Act act) const {
    constexpr int per_row = BLOCK_N / ELEMENTS;
    for (int i = static_cast<int>(simt::linear_thread_idx()); i < BLOCK_M * per_row; i += THREADS) {
      const int row = i / per_row, column = i % per_row * ELEMENTS;
      const int pixel = simt::load_shared(output_pixels + row);
      act(smem + Tile::offset(row, column / 8) + column % 8 * 2,
          static_cast<std::int64_t>(pixel) * params.k + first_channel + column, pixel >= 0 && column < channels);
    }
  }

  /// By all threads, before the sums are there. A barrier must follow, and before it cp_async_wait.
  SIMT_DEVICE void load_residual() const {
    if (params.residual == nullptr) return;
    if (params.whole_chunks) {
      for_each<8>([&](unsigned char* to, std::int64_t at, bool there) {
        simt::cp_async<16>(to, params.residual + (there ? at : 0), there ? 16 : 0);
      });
    } else {
      for_each<1>([&](unsigned char* to, std::int64_t at, bool there) {
        simt::store_shared(reinterpret_cast<f16*>(to), there ? simt::load_global(params.residual + at) : f16{});
      });
    }
  }

  /// put(row, column, low, high) for each pair of neighbours of a thread's sums, as `for_each_pair` has them: column is
  /// even.
  template <class ForEachPair>
  SIMT_DEVICE void put_all(ForEachPair for_each_pair) const {
    with_activation(params.activation, [&](auto activation) {
      for_each_pair([&](int row, int column, float low, float high) { put(activation, row, column, low, high); });
    });
  }

  /// With `Any` where two ways through all sums are too much for the registers.
  template <class Activation>
  SIMT_DEVICE void put(Activation activation, int row, int column, float low, float high) const {
    auto* const at = reinterpret_cast<std::uint32_t*>(smem + Tile::offset(row, column / 8) + column % 8 * 2);
    if (params.residual != nullptr) {
      const std::uint32_t residual = simt::load_shared(at);
      low += simt::low_half(residual);
      high += simt::high_half(residual);
    }
    simt::store_shared(at, simt::pack_f16x2(activation(low), activation(high)));
  }

  /// By all threads, when a barrier has passed since `put_all`.
  SIMT_DEVICE void store() const {
    if (params.whole_chunks) {
      for_each<8>([&](unsigned char* from, std::int64_t at, bool there) {
        if (there) simt::store_global_16(params.y + at, simt::load_shared(reinterpret_cast<const simt::Vec4*>(from)));
      });
    } else {
      for_each<1>([&](unsigned char* from, std::int64_t at, bool there) {
        if (there) simt::store_global(params.y + at, simt::load_shared(reinterpret_cast<const f16*>(from)));
      });
    }
  }
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
