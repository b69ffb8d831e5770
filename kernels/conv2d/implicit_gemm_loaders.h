#pragma once
// Gathers the two operands of an implicit GEMM into shared memory: rows of the im2col matrix, which is never
// built, and rows of the filter.
//
// What a pixel needs is worked out once, by one thread (fill_pixels); what a tap needs once for each tile of the
// reduction. For a chunk of an image two additions, two comparisons and an offset are left.

#include <type_traits>

#include "kernels/conv2d/conv_params.h"
#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/thread_map.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

inline constexpr int chunk_elements = 8;  // 16 bytes, what cp.async and ldmatrix move

/// The input of a pixel's first tap, which may be outside the image.
struct PixelOrigin {
  int pixel;  ///< of the input: (n * H + h) * W + w
  int h, w;
  int unused = 0;  ///< 16 bytes, which a thread loads at once
};

inline constexpr int nowhere = -(1 << 30);  ///< as PixelOrigin::h: no tap leads from here into the image

/// By all threads: the origins of a tile's pixels, and their places in the output, -1 behind the last.
template <int BLOCK_M, int THREADS>
SIMT_DEVICE void fill_pixels(PixelOrigin* origins, int* output_pixels, const ConvParams& p, const Walks& walks,
                             int first_pixel) {
  for (int row = static_cast<int>(simt::linear_thread_idx()); row < BLOCK_M; row += THREADS) {
    const unsigned pixel = static_cast<unsigned>(first_pixel + row);
    const unsigned columns = static_cast<unsigned>(walks.columns.outputs);
    const unsigned line = pixel / columns, column = pixel - line * columns;
    const unsigned image = line / static_cast<unsigned>(walks.rows.outputs);
    const int i = static_cast<int>(line - image * static_cast<unsigned>(walks.rows.outputs));
    const bool inside = static_cast<int>(image) < p.n;
    const int h = walks.rows.input(i, 0), w = walks.columns.input(static_cast<int>(column), 0);
    // Unsigned, since padding may reach farther than there are pixels; nobody asks for those.
    const unsigned line_of_x = image * static_cast<unsigned>(p.h) + static_cast<unsigned>(h);
    const unsigned from = line_of_x * static_cast<unsigned>(p.w_in) + static_cast<unsigned>(w);
    simt::store_shared(origins + row, PixelOrigin{static_cast<int>(from), inside ? h : nowhere, w});
    const int out_h = walks.rows.first + i * walks.rows.step;
    const int out_w = walks.columns.first + static_cast<int>(column) * walks.columns.step;
    simt::store_shared(output_pixels + row, inside ? (static_cast<int>(image) * p.p + out_h) * p.q + out_w : -1);
  }
}

/// A place in the reduction: over filter rows, columns and channels, channels fastest.
struct Tap {
  int c = 0, j_h = 0, j_w = 0;

  SIMT_DEVICE void next(int taps_w) {
    if (++j_w == taps_w) {
      j_w = 0;
      ++j_h;
    }
  }
  SIMT_DEVICE void advance(int count, int channels, int taps_w) {
    c += count;
    while (c >= channels) {
      c -= channels;
      next(taps_w);
    }
  }
};

/// How the reduction is cut into tiles of BLOCK_K. Forward: one tap after the other without a gap, since the filter is
/// contiguous so. Transposed: a tile has channels of one tap, its last tile fewer, so that all threads have the same.
template <int BLOCK_K, bool TRANSPOSED>
struct Reduction {
  SIMT_HOST_DEVICE static int k_tiles(int taps, int channels) {
    return TRANSPOSED ? taps * ((channels + BLOCK_K - 1) / BLOCK_K) : (taps * channels + BLOCK_K - 1) / BLOCK_K;
  }

  /// `within`: from the tile's first element on.
  SIMT_DEVICE static Tap at(int k_tile, int within, int channels, int taps_w) {
    const auto taken = static_cast<unsigned>(TRANSPOSED ? k_tile : k_tile * BLOCK_K + within);
    const auto per_tap = static_cast<unsigned>(TRANSPOSED ? (channels + BLOCK_K - 1) / BLOCK_K : channels);
    const unsigned tap = taken / per_tap, rest = taken - tap * per_tap;
    const unsigned j_h = tap / static_cast<unsigned>(taps_w > 0 ? taps_w : 1);  // none: nothing will be loaded
    return {static_cast<int>(TRANSPOSED ? rest * BLOCK_K + static_cast<unsigned>(within) : rest), static_cast<int>(j_h),
            static_cast<int>(tap - j_h * static_cast<unsigned>(taps_w))};
  }

  SIMT_DEVICE static void advance(Tap& tap, int within, int channels, int taps_w) {
    if constexpr (TRANSPOSED) {
      tap.c += BLOCK_K;
      if (tap.c - within >= channels) {
        tap.c = within;
        tap.next(taps_w);
      }
    } else {
      tap.advance(BLOCK_K, channels, taps_w);
    }
  }
};

/// Eight halves on their way from global to shared memory, one by one.
struct Gathered {
  std::uint16_t bits[chunk_elements] = {};

  SIMT_DEVICE void store(unsigned char* smem) const {
    const auto pair = [&](int i) { return bits[i] | std::uint32_t{bits[i + 1]} << 16; };
    simt::store_shared(reinterpret_cast<simt::Vec4*>(smem), simt::Vec4{pair(0), pair(2), pair(4), pair(6)});
  }
};
struct Nothing {};

/// Tile: rows of BLOCK_K, a pixel each. VECTORIZED: a chunk is within one tap, and aligned. `start` begins a tile,
/// `finish` brings it to shared memory where that is not done by cp.async.
template <class Tile, int THREADS, int BLOCK_K, bool TRANSPOSED, bool VECTORIZED>
class ImageLoader {
 public:
  SIMT_DEVICE ImageLoader(const ConvParams& params, const Walks& walks, const PixelOrigin* origins, int group,
                          int k_tile)
      : params_(params), walks_(walks), first_channel_(group * params.c_per_group) {
    const unsigned thread_idx = simt::linear_thread_idx();
    within_ = Map::chunk(thread_idx) * chunk_elements;
    tap_ = Cut::at(k_tile, within_, params.c_per_group, walks.columns.taps);
    place_ = static_cast<unsigned>(Tile::offset(Map::row(thread_idx), Map::chunk(thread_idx)));
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i)
      pixels_[i] = simt::load_shared(origins + Map::row(thread_idx) + i * Map::row_step);
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    if constexpr (VECTORIZED) {
      const Step step = step_of(tap_);
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) {
        const bool inside = step.inside(pixels_[i], params_);
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes, step.at(inside ? pixels_[i].pixel + step.pixels : 0),
                           inside ? 16 : 0);
      }
    } else {
      Tap tap = tap_;
      SIMT_UNROLL
      for (int e = 0; e < chunk_elements; ++e) {
        const Step step = step_of(tap);
        SIMT_UNROLL
        for (int i = 0; i < Map::passes; ++i)
          gathered_[i].bits[e] = step.inside(pixels_[i], params_)
                                     ? simt::load_global(step.at(pixels_[i].pixel + step.pixels)).bits
                                     : std::uint16_t{0};
        if constexpr (TRANSPOSED)
          ++tap.c;
        else
          tap.advance(1, params_.c_per_group, walks_.columns.taps);
      }
    }
    Cut::advance(tap_, within_, params_.c_per_group, walks_.columns.taps);
  }

  SIMT_DEVICE void finish(unsigned char* smem) {
    if constexpr (!VECTORIZED) {
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) gathered_[i].store(smem + place_ + i * Map::step_bytes);
    }
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;
  using Cut = Reduction<BLOCK_K, TRANSPOSED>;

  /// From a pixel's origin to its input under a tap.
  struct Step {
    int h, w, rows;    ///< rows: of the image, or none where the reduction is over
    int pixels;        ///< that it is further on in the input
    int channels;      ///< of the input that has the tap's channel
    const f16* first;  ///< the first pixel's

    SIMT_DEVICE const f16* at(int pixel) const { return first + static_cast<std::int64_t>(pixel) * channels; }

    SIMT_DEVICE bool inside(const PixelOrigin& pixel, const ConvParams& params) const {
      return static_cast<unsigned>(pixel.h + h) < static_cast<unsigned>(rows) &&
             static_cast<unsigned>(pixel.w + w) < static_cast<unsigned>(params.w_in);
    }
  };

  SIMT_DEVICE Step step_of(const Tap& tap) const {
    const int h = tap.j_h * walks_.rows.tap_input_step, w = tap.j_w * walks_.columns.tap_input_step;
    const bool any = tap.j_h < walks_.rows.taps && (!TRANSPOSED || tap.c < params_.c_per_group);
    const int c = any ? first_channel_ + tap.c : 0;
    const bool second = c >= params_.x_c;
    return {h,
            w,
            any ? params_.h : 0,
            h * params_.w_in + w,
            second ? params_.skip_c : params_.x_c,
            second ? params_.skip + (c - params_.x_c) : params_.x + c};
  }

  const ConvParams& params_;
  const Walks& walks_;
  int first_channel_;  ///< of the group
  Tap tap_;
  int within_;
  unsigned place_;
  PixelOrigin pixels_[Map::passes];
  [[no_unique_address]] std::conditional_t<VECTORIZED, Nothing, Gathered[Map::passes]> gathered_;
};

/// Forward: rows of BLOCK_K, a filter each, contiguous in the order of the reduction.
template <class Tile, int THREADS, int BLOCK_K, bool VECTORIZED>
class FilterLoader {
 public:
  SIMT_DEVICE FilterLoader(const ConvParams& params, const Walks&, int first_filter, int group, int k_tile)
      : params_(params), length_(params.r * params.s * params.c_per_group) {
    const unsigned thread_idx = simt::linear_thread_idx();
    const int row = Map::row(thread_idx);
    place_ = static_cast<unsigned>(Tile::offset(row, Map::chunk(thread_idx)));
    at_ = k_tile * BLOCK_K + Map::chunk(thread_idx) * chunk_elements;
    filters_ = params.k_per_group - first_filter - row;
    from_ = (static_cast<std::int64_t>(group) * params.k_per_group + first_filter + row) * length_ + at_;
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const bool inside = i * Map::row_step < filters_;
      const std::int64_t from = from_ + static_cast<std::int64_t>(i * Map::row_step) * length_;
      if constexpr (VECTORIZED) {
        const bool read = inside && at_ < length_;
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes, params_.w + (read ? from : 0), read ? 16 : 0);
      } else {
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          gathered_[i].bits[e] =
              inside && at_ + e < length_ ? simt::load_global(params_.w + (from + e)).bits : std::uint16_t{0};
      }
    }
    at_ += BLOCK_K;
    from_ += BLOCK_K;
  }

  SIMT_DEVICE void finish(unsigned char* smem) {
    if constexpr (!VECTORIZED) {
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) gathered_[i].store(smem + place_ + i * Map::step_bytes);
    }
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;

  const ConvParams& params_;
  int length_, at_;
  int filters_;  ///< from this thread's first row on
  unsigned place_;
  std::int64_t from_;
  [[no_unique_address]] std::conditional_t<VECTORIZED, Nothing, Gathered[Map::passes]> gathered_;
};

/// Transposed: BLOCK_K rows of BLOCK_N outputs, because there the filter is contiguous in the outputs.
template <class Tile, int THREADS, int BLOCK_K, bool VECTORIZED>
class TransposedFilterLoader {
 public:
  SIMT_DEVICE TransposedFilterLoader(const ConvParams& params, const Walks& walks, int first_filter, int group,
                                     int k_tile)
      : params_(params),
        walks_(walks),
        channel_step_(static_cast<std::int64_t>(params.r) * params.s * params.k_per_group) {
    const unsigned thread_idx = simt::linear_thread_idx();
    const int row = Map::row(thread_idx), chunk = Map::chunk(thread_idx);
    place_ = static_cast<unsigned>(Tile::offset(row, chunk));
    outputs_ = params.k_per_group - first_filter - chunk * chunk_elements;
    within_ = row;
    tap_ = Cut::at(k_tile, row, params.c_per_group, walks.columns.taps);
    from_ = group * params.c_per_group * channel_step_ + first_filter + chunk * chunk_elements;
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    const int r = walks_.rows.first_tap + tap_.j_h * walks_.rows.tap_step;
    const int s = walks_.columns.first_tap + tap_.j_w * walks_.columns.tap_step;
    const std::int64_t first =
        from_ + tap_.c * channel_step_ + (static_cast<std::int64_t>(r) * params_.s + s) * params_.k_per_group;
    const int channels = tap_.j_h < walks_.rows.taps ? params_.c_per_group - tap_.c : 0;
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const bool inside = i * Map::row_step < channels;
      const std::int64_t from = first + i * Map::row_step * channel_step_;
      if constexpr (VECTORIZED) {
        const bool read = inside && outputs_ > 0;
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes, params_.w + (read ? from : 0), read ? 16 : 0);
      } else {
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          gathered_[i].bits[e] =
              inside && e < outputs_ ? simt::load_global(params_.w + (from + e)).bits : std::uint16_t{0};
      }
    }
    Cut::advance(tap_, within_, params_.c_per_group, walks_.columns.taps);
  }

  SIMT_DEVICE void finish(unsigned char* smem) {
    if constexpr (!VECTORIZED) {
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) gathered_[i].store(smem + place_ + i * Map::step_bytes);
    }
  }

 private:
  using Map = tile::ThreadMap<Tile, THREADS>;
  using Cut = Reduction<BLOCK_K, true>;

  const ConvParams& params_;
  const Walks& walks_;
  std::int64_t channel_step_, from_;
  Tap tap_;
  int within_;
  int outputs_;  ///< from this thread's chunk on
  unsigned place_;
  [[no_unique_address]] std::conditional_t<VECTORIZED, Nothing, Gathered[Map::passes]> gathered_;
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
