#pragma once
// Gathers the two operands of an implicit GEMM into shared memory: rows of the im2col matrix, which is never
// built, and rows of the filter.

#include "kernels/conv2d/axis_walk.h"
#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/thread_map.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

struct ConvParams {
  const f16* x;
  const f16* w;
  const f16* bias;
  const f16* residual;
  f16* y;
  int n, h, w_in, c, k, p, q;  // w_in: the input's width
  int r, s, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
  int c_per_group, k_per_group;
  bool relu;
  bool pair_stores;  // two neighbouring outputs may be read and written as one word
};

inline constexpr int BLOCK_K = 32;
inline constexpr int chunk_elements = 8;  // 16 bytes, what cp.async and ldmatrix move

/// A place in the reduction: over filter rows, columns and channels, channels fastest.
struct Tap {
  int c = 0, j_h = 0, j_w = 0;

  SIMT_DEVICE void advance(int count, int channels, int taps_w) {
    c += count;
    while (c >= channels) {
      c -= channels;
      if (++j_w == taps_w) {
        j_w = 0;
        ++j_h;
      }
    }
  }
};

/// Eight halves gathered one by one, on their way to shared memory.
struct Gathered {
  std::uint32_t words[4] = {};

  SIMT_DEVICE void put(int element, f16 value) {
    words[element / 2] |= static_cast<std::uint32_t>(value.bits) << (element % 2 * 16);
  }
  SIMT_DEVICE void store(unsigned char* smem) const {
    simt::store_shared(reinterpret_cast<simt::Vec4*>(smem), simt::Vec4{words[0], words[1], words[2], words[3]});
  }
};

/// Tile: rows of BLOCK_K, a pixel each. VECTORIZED: a chunk is within one tap, and aligned.
template <class Tile, int THREADS, bool VECTORIZED>
class ImageLoader {
 public:
  SIMT_DEVICE ImageLoader(const ConvParams& params, const AxisWalk& rows, const AxisWalk& columns, int first_pixel,
                          int group)
      : params_(params), rows_(rows), columns_(columns) {
    const unsigned thread_idx = simt::linear_thread_idx();
    chunk_ = Map::chunk(thread_idx);
    row_ = Map::row(thread_idx);
    tap_.advance(chunk_ * chunk_elements, params.c_per_group, columns.taps);
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const int pixel = first_pixel + row_ + i * Map::row_step;
      const int in_image = pixel / columns.outputs;
      const int image = in_image / rows.outputs;
      origin_h_[i] = image < params.n ? rows.input(in_image % rows.outputs, 0) : nowhere;
      origin_w_[i] = columns.input(pixel % columns.outputs, 0);
      image_[i] = params.x + group * params.c_per_group +
                  static_cast<std::int64_t>(image < params.n ? image : 0) * params.h * params.w_in * params.c;
    }
  }

  /// Starts loading the next tile of the reduction.
  SIMT_DEVICE void load(unsigned char* smem) {
    if constexpr (VECTORIZED) {
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) {
        const f16* from = source(i, tap_);
        simt::cp_async<16>(destination(smem, i), from != nullptr ? from : params_.x, from != nullptr ? 16 : 0);
      }
    } else {
      Gathered gathered[Map::passes];
      Tap tap = tap_;
      SIMT_UNROLL
      for (int e = 0; e < chunk_elements; ++e) {
        SIMT_UNROLL
        for (int i = 0; i < Map::passes; ++i)
          if (const f16* from = source(i, tap)) gathered[i].put(e, simt::load_global(from));
        tap.advance(1, params_.c_per_group, columns_.taps);
      }
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) gathered[i].store(destination(smem, i));
    }
    tap_.advance(BLOCK_K, params_.c_per_group, columns_.taps);
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;
  static constexpr int nowhere = -(1 << 30);  // no tap leads from here into the image

  SIMT_DEVICE unsigned char* destination(unsigned char* smem, int i) const {
    return smem + Tile::offset(row_, chunk_) + i * Map::step_bytes;
  }

  /// Null for padding, pixels behind the last, and behind the end of the reduction.
  SIMT_DEVICE const f16* source(int i, const Tap& tap) const {
    const int h = origin_h_[i] + tap.j_h * rows_.tap_input_step;
    const int w = origin_w_[i] + tap.j_w * columns_.tap_input_step;
    const bool inside = tap.j_h < rows_.taps && static_cast<unsigned>(h) < static_cast<unsigned>(params_.h) &&
                        static_cast<unsigned>(w) < static_cast<unsigned>(params_.w_in);
    return inside ? image_[i] + (static_cast<std::int64_t>(h) * params_.w_in + w) * params_.c + tap.c : nullptr;
  }

  const ConvParams& params_;
  const AxisWalk& rows_;
  const AxisWalk& columns_;
  Tap tap_;
  int chunk_, row_;
  int origin_h_[Map::passes], origin_w_[Map::passes];
  const f16* image_[Map::passes];
};

/// Forward: rows of BLOCK_K, a filter each, contiguous in the order of the reduction.
template <class Tile, int THREADS, bool VECTORIZED>
class FilterLoader {
 public:
  SIMT_DEVICE FilterLoader(const ConvParams& params, const AxisWalk&, const AxisWalk&, int first_filter, int group)
      : params_(params), length_(params.r * params.s * params.c_per_group), filter_(first_filter) {
    const unsigned thread_idx = simt::linear_thread_idx();
    chunk_ = Map::chunk(thread_idx);
    row_ = Map::row(thread_idx);
    at_ = chunk_ * chunk_elements;
    group_ = params.w + static_cast<std::int64_t>(group) * params.k_per_group * length_;
  }

  SIMT_DEVICE void load(unsigned char* smem) {
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const int row = row_ + i * Map::row_step;
      const bool inside = filter_ + row < params_.k_per_group;
      const f16* from = group_ + static_cast<std::int64_t>(filter_ + row) * length_ + at_;
      unsigned char* to = smem + Tile::offset(row_, chunk_) + i * Map::step_bytes;
      if constexpr (VECTORIZED) {
        const bool read = inside && at_ < length_;
        simt::cp_async<16>(to, read ? from : params_.w, read ? 16 : 0);
      } else {
        Gathered gathered;
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          if (inside && at_ + e < length_) gathered.put(e, simt::load_global(from + e));
        gathered.store(to);
      }
    }
    at_ += BLOCK_K;
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;

  const ConvParams& params_;
  int length_, filter_;
  int chunk_, row_, at_;
  const f16* group_;
};

/// Transposed: BLOCK_K rows of BLOCK_N outputs, because there the filter is contiguous in the outputs.
template <class Tile, int THREADS, bool VECTORIZED>
class TransposedFilterLoader {
 public:
  SIMT_DEVICE TransposedFilterLoader(const ConvParams& params, const AxisWalk& rows, const AxisWalk& columns,
                                     int first_filter, int group)
      : params_(params), rows_(rows), columns_(columns) {
    const unsigned thread_idx = simt::linear_thread_idx();
    chunk_ = Map::chunk(thread_idx);
    row_ = Map::row(thread_idx);
    output_ = first_filter + chunk_ * chunk_elements;
    group_ =
        params.w + static_cast<std::int64_t>(group) * params.c_per_group * params.r * params.s * params.k_per_group;
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) taps_[i].advance(row_ + i * Map::row_step, params.c_per_group, columns.taps);
  }

  SIMT_DEVICE void load(unsigned char* smem) {
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const Tap& tap = taps_[i];
      const int r = rows_.first_tap + tap.j_h * rows_.tap_step;
      const int s = columns_.first_tap + tap.j_w * columns_.tap_step;
      const bool inside = tap.j_h < rows_.taps;
      const f16* from =
          group_ + ((static_cast<std::int64_t>(tap.c) * params_.r + r) * params_.s + s) * params_.k_per_group + output_;
      unsigned char* to = smem + Tile::offset(row_, chunk_) + i * Map::step_bytes;
      if constexpr (VECTORIZED) {
        const bool read = inside && output_ < params_.k_per_group;
        simt::cp_async<16>(to, read ? from : params_.w, read ? 16 : 0);
      } else {
        Gathered gathered;
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          if (inside && output_ + e < params_.k_per_group) gathered.put(e, simt::load_global(from + e));
        gathered.store(to);
      }
      taps_[i].advance(BLOCK_K, params_.c_per_group, columns_.taps);
    }
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;

  const ConvParams& params_;
  const AxisWalk& rows_;
  const AxisWalk& columns_;
  int chunk_, row_, output_;
  Tap taps_[Map::passes];
  const f16* group_;
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
