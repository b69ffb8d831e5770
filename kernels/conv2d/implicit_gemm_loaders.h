#pragma once
// Gathers the two operands of an implicit GEMM into shared memory: rows of the im2col matrix, which is never
// built, and rows of the filter.
//
// What a pixel needs is worked out once, by one thread (fill_pixels); what a tap needs once for each tile of the
// reduction. For a chunk of an image three additions, two comparisons and an address are left. It is reckoned for all
// chunks, also those that nobody reads: there it may be outside of the tensor.

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
///
/// Where a pixel lies in its input is multiplied out once, and again where the thread's channels turn to the other
/// input, twice a tap: with one input a chunk has no multiplication.
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
    origins_ = origins + Map::row(thread_idx);
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const PixelOrigin origin = simt::load_shared(origins_ + i * Map::row_step);
      from_[i] = origin.pixel, h_[i] = origin.h, w_[i] = origin.w;
    }
    if constexpr (VECTORIZED) turn_to(is_second(tap_));
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    if constexpr (VECTORIZED) {
      if (params_.skip_c > 0)
        if (const bool second = is_second(tap_); second != second_) turn_to(second);
      const Step step = step_of(tap_);
      const f16* const input = second_ ? params_.skip : params_.x;
      const int further = step.pixels * chunks(channels(second_)) + chunks(tap_.c);
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i)
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes,
                           input + static_cast<std::int64_t>(from_[i] + further) * chunk_elements,
                           inside(step, i) ? 16 : 0);
    } else if (params_.skip_c > 0) {
      gather([&](const Tap& tap) { return is_second(tap); });
    } else {
      gather([](const Tap&) { return false; });
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

  /// Whether the second input has the tap's channel.
  SIMT_DEVICE bool is_second(const Tap& tap) const {
    return params_.skip_c > 0 && first_channel_ + tap.c >= params_.x_c;
  }
  SIMT_DEVICE static int chunks(int elements) { return elements >> 3; }  // a division, also of what is below 0
  SIMT_DEVICE int channels(bool second) const { return second ? params_.skip_c : params_.x_c; }
  /// Of the group's first channel, in that input.
  SIMT_DEVICE int first_channel(bool second) const { return second ? first_channel_ - params_.x_c : first_channel_; }

  SIMT_DEVICE void turn_to(bool second) {
    second_ = second;
    const int a_pixel = chunks(channels(second)), first = chunks(first_channel(second));
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i)
      from_[i] = simt::load_shared(&origins_[i * Map::row_step].pixel) * a_pixel + first;
  }

  /// From a pixel's origin to its input under a tap.
  struct Step {
    int h, w, rows;  ///< rows: of the image, or none where the reduction is over
    int pixels;      ///< that it is further on in the input
  };
  SIMT_DEVICE Step step_of(const Tap& tap) const {
    const int h = tap.j_h * walks_.rows.tap_input_step, w = tap.j_w * walks_.columns.tap_input_step;
    const bool any = tap.j_h < walks_.rows.taps && (!TRANSPOSED || tap.c < params_.c_per_group);
    return {h, w, any ? params_.h : 0, h * params_.w_in + w};
  }
  SIMT_DEVICE bool inside(const Step& step, int i) const {
    return static_cast<unsigned>(h_[i] + step.h) < static_cast<unsigned>(step.rows) &&
           static_cast<unsigned>(w_[i] + step.w) < static_cast<unsigned>(params_.w_in);
  }

  /// Element by element, each of which may be under another tap. `of_second`: whether a tap is.
  template <class OfSecond>
  SIMT_DEVICE void gather(OfSecond of_second) {
    const f16* from[Map::passes];
    const auto turn = [&](bool second) {
      const f16* const input = (second ? params_.skip : params_.x) + first_channel(second);
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i) from[i] = input + static_cast<std::int64_t>(from_[i]) * channels(second);
    };
    Tap tap = tap_;
    bool second = of_second(tap);
    turn(second);
    SIMT_UNROLL
    for (int e = 0; e < chunk_elements; ++e) {
      if (of_second(tap) != second) turn(second = !second);
      const Step step = step_of(tap);
      const std::int64_t elements = static_cast<std::int64_t>(step.pixels) * channels(second) + tap.c;
      SIMT_UNROLL
      for (int i = 0; i < Map::passes; ++i)
        gathered_[i].bits[e] = inside(step, i) ? simt::load_global(from[i] + elements).bits : std::uint16_t{0};
      if constexpr (TRANSPOSED)
        ++tap.c;
      else
        tap.advance(1, params_.c_per_group, walks_.columns.taps);
    }
  }

  const ConvParams& params_;
  const Walks& walks_;
  int first_channel_;  ///< of the group
  Tap tap_;
  int within_;
  unsigned place_;
  const PixelOrigin* origins_;  ///< of this thread's first row
  int from_[Map::passes];       ///< origins of pixels: chunks of the input that is read; else pixels
  int h_[Map::passes], w_[Map::passes];
  [[no_unique_address]] std::conditional_t<VECTORIZED, bool, Nothing> second_{};  ///< whether it is the second
  [[no_unique_address]] std::conditional_t<VECTORIZED, Nothing, Gathered[Map::passes]> gathered_;
};

/// Forward: rows of BLOCK_K, a filter each, contiguous in the order of the reduction.
template <class Tile, int THREADS, int BLOCK_K, bool VECTORIZED>
class FilterLoader {
 public:
  SIMT_DEVICE FilterLoader(const ConvParams& params, const Walks&, int first_filter, int group, int k_tile)
      : length_(params.r * params.s * params.c_per_group) {
    const unsigned thread_idx = simt::linear_thread_idx();
    const int row = Map::row(thread_idx);
    place_ = static_cast<unsigned>(Tile::offset(row, Map::chunk(thread_idx)));
    at_ = k_tile * BLOCK_K + Map::chunk(thread_idx) * chunk_elements;
    filters_ = params.k_per_group - first_filter - row;
    from_ = params.w + (static_cast<std::int64_t>(group) * params.k_per_group + first_filter + row) * length_ + at_;
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const bool inside = i * Map::row_step < filters_;
      const f16* const from = from_ + static_cast<std::int64_t>(i * Map::row_step) * length_;
      if constexpr (VECTORIZED) {
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes, from, inside && at_ < length_ ? 16 : 0);
      } else {
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          gathered_[i].bits[e] = inside && at_ + e < length_ ? simt::load_global(from + e).bits : std::uint16_t{0};
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

  int length_, at_;
  int filters_;  ///< from this thread's first row on
  unsigned place_;
  const f16* from_;
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
    from_ = params.w + (group * params.c_per_group * channel_step_ + first_filter + chunk * chunk_elements);
  }

  SIMT_DEVICE void start(unsigned char* smem) {
    const int r = walks_.rows.first_tap + tap_.j_h * walks_.rows.tap_step;
    const int s = walks_.columns.first_tap + tap_.j_w * walks_.columns.tap_step;
    const f16* const first =
        from_ + (tap_.c * channel_step_ + (static_cast<std::int64_t>(r) * params_.s + s) * params_.k_per_group);
    const int channels = tap_.j_h < walks_.rows.taps ? params_.c_per_group - tap_.c : 0;
    SIMT_UNROLL
    for (int i = 0; i < Map::passes; ++i) {
      const bool inside = i * Map::row_step < channels;
      const f16* const from = first + i * Map::row_step * channel_step_;
      if constexpr (VECTORIZED) {
        simt::cp_async<16>(smem + place_ + i * Map::step_bytes, from, inside && outputs_ > 0 ? 16 : 0);
      } else {
        SIMT_UNROLL
        for (int e = 0; e < chunk_elements; ++e)
          gathered_[i].bits[e] = inside && e < outputs_ ? simt::load_global(from + e).bits : std::uint16_t{0};
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
  std::int64_t channel_step_;
  const f16* from_;
  Tap tap_;
  int within_;
  int outputs_;  ///< from this thread's chunk on
  unsigned place_;
  [[no_unique_address]] std::conditional_t<VECTORIZED, Nothing, Gathered[Map::passes]> gathered_;
};

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
