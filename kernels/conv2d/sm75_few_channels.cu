// Convolution of images with few channels, as the first layers of networks have them (1, 3, 6): a block brings the part
// of the image that its tile reads to shared memory once, and reads the im2col matrix there. docs/conv2d.md has the
// picture.
//
// The reduction is over the filter's rows, and within one over columns and channels, which are neighbours in memory,
// filled up to an even number: pairs are words, and a table in shared memory has the place of each pair from a pixel's
// first input on. So a fragment of A costs four loads of words, whatever the filter is. Blocks stay, keep the filter,
// and load the next tile's image while they multiply.

#include <algorithm>

#include "kernels/conv2d/halo_tile.h"
#include "kernels/conv2d/output_tile.h"
#include "kernels/conv2d/pixel_tiles.h"
#include "kernels/op/behind_kernel.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

using conv2d::ConvParams;
using conv2d::HaloShape;

/// BLOCKS: how many a multiprocessor should hold at least. Without it ptxas plans for more, and spills.
template <int BLOCK_N_, int BLOCKS>
struct Config {
  static constexpr int BLOCK_M = 128, BLOCK_N = BLOCK_N_;
  static constexpr int warps = 4, threads = warps * 32;
  static constexpr int blocks_per_multiprocessor = BLOCKS;
  static constexpr int fragments = BLOCK_M / 16 / warps;  ///< of 16 pixels in a row, for each warp
};

using Wide = Config<64, 2>;
using Middle = Config<32, 4>;
using Narrow = Config<16, 6>;

constexpr int most_channels = 15;

struct Params {
  ConvParams conv;
  HaloShape halo;
  conv2d::PixelTiles tiles;
  int row_elements;   ///< of a filter row, filled up to an even number
  int k_steps;        ///< of 16
  bool filter_words;  ///< filters are whole words, and need no filling up
};

/// For a lane and a step of 16 along the reduction: where its two pairs are from a pixel's first input on, and which
/// halves of them count.
struct PairPlaces {
  std::uint32_t first, first_mask, second, second_mask;
};

/// A block's shared memory.
template <class C>
struct Block {
  const Params& p;
  f16* filter;         ///< [BLOCK_N][filter_pitch]
  PairPlaces* places;  ///< [k_steps][4]
  f16* image;          ///< two
  int* output_pixels;
  float* bias;  ///< [BLOCK_N]
  unsigned char* output;

  SIMT_HOST_DEVICE static int filter_pitch(int k_steps) { return k_steps * 16 + 8; }  // an odd number of 16 bytes
  SIMT_HOST_DEVICE static int filter_bytes(int k_steps) { return C::BLOCK_N * filter_pitch(k_steps) * 2; }
  SIMT_HOST_DEVICE static int image_bytes(const HaloShape& halo) {
    return (halo.copy_elements() * (halo.twice ? 4 : 2) + 15) / 16 * 16;
  }
  static int smem_bytes(const Params& p) {
    return filter_bytes(p.k_steps) + p.k_steps * 4 * static_cast<int>(sizeof(PairPlaces)) + 2 * image_bytes(p.halo) +
           C::BLOCK_M * 4 + C::BLOCK_N * 4 + C::BLOCK_M * C::BLOCK_N * 2;
  }

  SIMT_DEVICE explicit Block(const Params& params) : p(params) {
    unsigned char* at = simt::dynamic_shared<unsigned char>();
    const auto take = [&at](int bytes) {
      unsigned char* const begin = at;
      at += bytes;
      return begin;
    };
    output = take(C::BLOCK_M * C::BLOCK_N * 2);
    filter = reinterpret_cast<f16*>(take(filter_bytes(p.k_steps)));
    places = reinterpret_cast<PairPlaces*>(take(p.k_steps * 4 * static_cast<int>(sizeof(PairPlaces))));
    output_pixels = reinterpret_cast<int*>(take(C::BLOCK_M * 4));
    bias = reinterpret_cast<float*>(take(C::BLOCK_N * 4));
    image = reinterpret_cast<f16*>(take(2 * image_bytes(p.halo)));
  }

  SIMT_DEVICE f16* image_of(int stage) const {
    return reinterpret_cast<f16*>(reinterpret_cast<unsigned char*>(image) + stage * image_bytes(p.halo));
  }
};

/// Output channels from `first` on, a row of shared memory each; zeros where a filter row is filled up.
template <class C>
SIMT_DEVICE void load_filter(const Block<C>& block, int first_channel) {
  const Params& p = block.p;
  const int pitch = Block<C>::filter_pitch(p.k_steps), length = p.conv.r * p.conv.s * p.conv.c;
  const int row = p.conv.s * p.conv.c, lane = static_cast<int>(simt::lane_idx());
  for (int n = static_cast<int>(simt::warp_idx()); n < C::BLOCK_N; n += C::warps) {
    const bool inside = first_channel + n < p.conv.k;
    const f16* const from = p.conv.w + (inside ? static_cast<std::int64_t>(first_channel + n) * length : 0);
    f16* const to = block.filter + n * pitch;
    if (p.filter_words) {
      for (int e = 2 * lane; e < p.k_steps * 16; e += 64) {
        const bool read = inside && e < length;
        simt::cp_async<4>(to + e, from + (read ? e : 0), read ? 4 : 0);
      }
      continue;
    }
    for (int r = 0; r < p.conv.r; ++r)
      for (int j = lane; j < p.row_elements; j += 32)
        simt::store_shared(to + r * p.row_elements + j,
                           inside && j < row ? simt::load_global(from + r * row + j) : f16{});
    for (int k = p.conv.r * p.row_elements + lane; k < p.k_steps * 16; k += 32) simt::store_shared(to + k, f16{});
  }
}

template <class C>
SIMT_DEVICE void fill_places(const Block<C>& block) {
  const Params& p = block.p;
  const unsigned row_elements = static_cast<unsigned>(p.row_elements), row = static_cast<unsigned>(p.conv.s * p.conv.c);
  const auto place = [&](unsigned k, std::uint32_t& bytes, std::uint32_t& mask) {
    const unsigned r = k / row_elements, j = k - r * row_elements;
    const bool any = r < static_cast<unsigned>(p.conv.r);
    bytes = any ? (r * static_cast<unsigned>(p.conv.dilation_h * p.halo.pitch) + j) * 2 : 0;
    mask = !any ? 0 : j + 1 < row ? 0xffffffffu : 0xffffu;
  };
  for (unsigned i = simt::linear_thread_idx(); i < static_cast<unsigned>(p.k_steps) * 4; i += C::threads) {
    PairPlaces at;
    place(i / 4 * 16 + i % 4 * 2, at.first, at.first_mask);
    place(i / 4 * 16 + i % 4 * 2 + 8, at.second, at.second_mask);
    simt::store_shared(reinterpret_cast<simt::Vec4*>(block.places + i), std::bit_cast<simt::Vec4>(at));
  }
}

/// A warp's sums of a tile: C::fragments of 16 pixels, all channels.
template <class C>
SIMT_DEVICE void multiply(const Block<C>& block, const f16* image, float (&sums)[C::fragments][C::BLOCK_N / 8][4]) {
  const Params& p = block.p;
  const int lane = static_cast<int>(simt::lane_idx()), warp = static_cast<int>(simt::warp_idx());
  const int step_w = p.conv.stride_w * p.conv.c;
  const unsigned char* pixels[C::fragments];
  SIMT_UNROLL
  for (int i = 0; i < C::fragments; ++i) {
    const int first = (warp * C::fragments + i) * 16;
    int at = p.tiles.row(first) * p.conv.stride_h * p.halo.pitch + (p.tiles.column(first) + lane / 4) * step_w;
    if (p.halo.twice && at % 2 != 0)
      at += p.halo.copy_elements() - 1;  // pitches are even: `at` is as odd as its column
    pixels[i] = reinterpret_cast<const unsigned char*>(image + at);
  }
  const f16* const filter =
      block.filter + (lane / 16 * 8 + lane % 8) * Block<C>::filter_pitch(p.k_steps) + lane / 8 % 2 * 8;
  for (int k_step = 0; k_step < p.k_steps; ++k_step) {
    const auto at = std::bit_cast<PairPlaces>(
        simt::load_shared(reinterpret_cast<const simt::Vec4*>(block.places + k_step * 4 + lane % 4)));
    std::uint32_t a[C::fragments][4];
    SIMT_UNROLL
    for (int i = 0; i < C::fragments; ++i) {
      const auto pair = [&](int pixel, std::uint32_t place, std::uint32_t mask) {
        return simt::load_shared(reinterpret_cast<const std::uint32_t*>(pixels[i] + pixel * step_w * 2 + place)) & mask;
      };
      a[i][0] = pair(0, at.first, at.first_mask);
      a[i][1] = pair(8, at.first, at.first_mask);
      a[i][2] = pair(0, at.second, at.second_mask);
      a[i][3] = pair(8, at.second, at.second_mask);
    }
    SIMT_UNROLL
    for (int j = 0; j < C::BLOCK_N / 16; ++j) {
      std::uint32_t b[4];
      simt::ldmatrix_x4(b, filter + j * 16 * Block<C>::filter_pitch(p.k_steps) + k_step * 16);
      SIMT_UNROLL
      for (int i = 0; i < C::fragments; ++i) {
        simt::mma_m16n8k16(sums[i][2 * j], a[i], {b[0], b[1]});
        simt::mma_m16n8k16(sums[i][2 * j + 1], a[i], {b[2], b[3]});
      }
    }
  }
}

/// Grid: x = blocks that stay; y = tiles of output channels.
template <class C>
SIMT_KERNEL(C::threads, C::blocks_per_multiprocessor)
void few_channels(const SIMT_GRID_CONSTANT Params p) {
  simt::grid_launch_dependents();
  const Block<C> block(p);
  const ConvParams& conv = p.conv;
  const int first_channel = static_cast<int>(simt::block_idx().y) * C::BLOCK_N;
  const int lane = static_cast<int>(simt::lane_idx()), warp = static_cast<int>(simt::warp_idx());
  const auto load = [&](int tile, int stage) {
    if (tile < p.tiles.count) {
      const auto at = p.tiles.place(tile);
      conv2d::load_halo<C::threads>(block.image_of(stage), p.halo, conv, at.n, at.p * conv.stride_h - conv.pad_h,
                                    at.q * conv.stride_w - conv.pad_w);
    }
    simt::cp_async_commit();
  };
  const int step = static_cast<int>(simt::grid_dim().x);
  int tile = static_cast<int>(simt::block_idx().x);
  load_filter(block, first_channel);
  fill_places(block);
  simt::grid_dependency_wait();
  load(tile, 0);
  if (const int n = static_cast<int>(simt::linear_thread_idx()); n < C::BLOCK_N) {
    const bool any = conv.bias != nullptr && first_channel + n < conv.k;
    simt::store_shared(block.bias + n, any ? simt::to_float(simt::load_global(conv.bias + first_channel + n)) : 0);
  }
  for (int stage = 0; tile < p.tiles.count; tile += step, stage ^= 1) {
    load(tile + step, stage ^ 1);
    static_assert(C::threads == C::BLOCK_M, "a thread for each pixel");
    const int pixel = static_cast<int>(simt::linear_thread_idx());
    simt::store_shared(block.output_pixels + pixel, p.tiles.output_pixel(conv, p.tiles.place(tile), pixel));
    simt::cp_async_wait<1>();
    simt::sync_threads();  // this tile is there, and nobody stores the one before
    const conv2d::OutputTile<C::BLOCK_M, C::BLOCK_N, C::threads> output{conv, block.output_pixels, first_channel,
                                                                        conv.k - first_channel, block.output};
    output.load_residual();
    simt::cp_async_commit();
    float sums[C::fragments][C::BLOCK_N / 8][4];
    SIMT_UNROLL
    for (int j = 0; j < C::BLOCK_N / 8; ++j) {
      SIMT_UNROLL
      for (int side = 0; side < 2; ++side) {
        const float bias = simt::load_shared(block.bias + j * 8 + lane % 4 * 2 + side);
        SIMT_UNROLL
        for (auto& fragment : sums) fragment[j][side] = fragment[j][side + 2] = bias;
      }
    }
    multiply(block, block.image_of(stage), sums);
    if (conv.residual != nullptr) {
      simt::cp_async_wait<0>();
      simt::sync_threads();
    }
    output.put_all([&](auto put) {
      SIMT_UNROLL
      for (int i = 0; i < C::fragments; ++i) {
        SIMT_UNROLL
        for (int j = 0; j < C::BLOCK_N / 8; ++j) {
          SIMT_UNROLL
          for (int half = 0; half < 2; ++half)
            put((warp * C::fragments + i) * 16 + half * 8 + lane / 4, j * 8 + lane % 4 * 2, sums[i][j][2 * half],
                sums[i][j][2 * half + 1]);
        }
      }
    });
    simt::sync_threads();
    output.store();
    simt::sync_threads();  // before the next tile's pixels, and its image, take their place
  }
  simt::cp_async_wait<0>();
}

/// What a problem is launched with, but for its pointers.
Params shape_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  Params p{};
  p.conv = conv2d::params_of(problem, buffers);
  p.tiles = conv2d::PixelTiles::of(problem);
  p.halo = conv2d::halo_shape(problem, buffers, p.tiles.rows(), p.tiles.columns());
  const std::int64_t row = problem.s * problem.c;
  p.row_elements = static_cast<int>(row + row % 2);
  p.k_steps = static_cast<int>(conv2d::ceil_div(problem.r * p.row_elements, 16));
  p.filter_words = row % 2 == 0 && reinterpret_cast<std::uintptr_t>(buffers.w) % 4 == 0;
  return p;
}

template <class C>
bool fits_shared(const Conv2d::Problem& problem) {
  return Block<C>::smem_bytes(shape_of(problem, {})) <= static_cast<int>(simt::max_shared_bytes_of(7, 5));
}

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (problem.transposed || problem.groups != 1) return Support::no("takes neither transposed convolutions nor groups");
  if (problem.skip_c > 0) return Support::no("takes one input");
  if (problem.c > most_channels) return Support::no("is for images of at most 15 channels");
  if (problem.dilation_w != 1) return Support::no("needs filter columns that are neighbours");
  if (const Support support = conv2d::fits(problem); !support) return support;
  constexpr std::int64_t most = 32;  // so that no size below overflows
  if (problem.r > most || problem.s > most || problem.stride_h > 16 || problem.stride_w > 16 ||
      problem.dilation_h > 64 || !fits_shared<Narrow>(problem))
    return Support::no("needs a filter, and an image under a tile, that fit into shared memory");
  if (problem.k > (std::int64_t{1} << 20)) return Support::no("needs at most 2^20 output channels");
  return {};
}

template <class C>
Launch launch_of(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const Params params = shape_of(problem, buffers);
  const int bytes = Block<C>::smem_bytes(params);
  const std::int64_t channel_tiles = conv2d::ceil_div(problem.k, C::BLOCK_N);
  const std::int64_t resident = std::clamp(160 * 1024 / bytes, 1, C::blocks_per_multiprocessor);
  const std::int64_t blocks = std::max<std::int64_t>(1, std::max(device.multiprocessors, 1) * resident / channel_tiles);
  simt::LaunchShape shape{
      {static_cast<unsigned>(std::min<std::int64_t>(params.tiles.count, blocks)), static_cast<unsigned>(channel_tiles)},
      {C::threads},
      static_cast<std::size_t>(bytes),
      "few_channels"};
  shape.overlaps_previous = BehindKernel::here();
  return [shape, params](Stream stream) { simt::launch(few_channels<C>, shape, stream, params); };
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  if (problem.k > 32 && fits_shared<Wide>(problem)) return launch_of<Wide>(device, problem, buffers);
  if (problem.k > 16 && fits_shared<Middle>(problem)) return launch_of<Middle>(device, problem, buffers);
  return launch_of<Narrow>(device, problem, buffers);
}

const Register<Conv2d> registered{{"sm75_few_channels", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
