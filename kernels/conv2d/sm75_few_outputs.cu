// Convolution to at most 8 output channels, as the last layers of networks have them (3): a block brings the part of
// the image that its tile reads to shared memory, 32 channels at a time, and multiplies it under all taps from there,
// so that nothing is loaded once for each tap. docs/conv2d.md has the picture.
//
// ldmatrix takes any eight rows: a fragment of A is 16 pixels, each moved by the tap. Blocks stay and keep the filter;
// the next channels, or the next tile's, are on their way while these are multiplied.

#include <algorithm>

#include "kernels/conv2d/output_tile.h"
#include "kernels/conv2d/pixel_tiles.h"
#include "kernels/op/behind_kernel.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/swizzled_tile.h"

namespace kernelgate {
namespace {

using conv2d::ConvParams;

constexpr int BLOCK_M = 128, BLOCK_C = 32;  // pixels of a tile, channels of a stage
constexpr int num_stages = 3, warps = 4, threads = warps * 32;
constexpr int fragments = BLOCK_M / 16 / warps;  // of 16 pixels in a row, for each warp
constexpr int most_outputs = 8;

struct Params {
  ConvParams conv;
  conv2d::PixelTiles tiles;
  int lines, columns;  ///< of the image, under a tile
  int channel_stages;  ///< of BLOCK_C channels
  int filter_pitch;    ///< elements from one output's filter to the next: an odd number of 16 bytes

  SIMT_HOST_DEVICE int filter_bytes() const { return most_outputs * filter_pitch * 2; }
  SIMT_HOST_DEVICE int stage_bytes() const { return lines * columns * BLOCK_C * 2; }
  SIMT_HOST_DEVICE int smem_bytes() const {
    return BLOCK_M * 16 * 2 + BLOCK_M * 4 + filter_bytes() + num_stages * stage_bytes();
  }
};

/// Of a pixel of the image under a tile, and a chunk of 8 of its channels.
SIMT_DEVICE int image_offset(int pixel, int chunk) { return tile::SwizzledTile<8, BLOCK_C>::offset(pixel, chunk); }

/// [outputs][taps][channels, filled up to whole stages]
SIMT_DEVICE void load_filter(const Params& p, f16* smem) {
  const int chunks = p.channel_stages * BLOCK_C / 8, taps = p.conv.r * p.conv.s;
  for (int i = static_cast<int>(simt::linear_thread_idx()); i < most_outputs * taps * chunks; i += threads) {
    const int line = i / chunks, c = (i - line * chunks) * 8, k = line / taps, tap = line - k * taps;
    const bool inside = k < p.conv.k && c < p.conv.c;
    const std::int64_t from = (static_cast<std::int64_t>(k) * taps + tap) * p.conv.c + c;
    simt::cp_async<16>(smem + k * p.filter_pitch + tap * chunks * 8 + c, p.conv.w + (inside ? from : 0),
                       inside ? 16 : 0);
  }
}

/// BLOCK_C channels of the part of the image under a tile, zeros outside.
SIMT_DEVICE void load_image(const Params& p, unsigned char* smem, int tile, int first_channel) {
  const auto at = p.tiles.place(tile);
  const int h = at.p * p.conv.stride_h - p.conv.pad_h, w = at.q * p.conv.stride_w - p.conv.pad_w;
  const int lane = static_cast<int>(simt::lane_idx()), chunk = lane % 4, channel = first_channel + chunk * 8;
  for (int line = static_cast<int>(simt::warp_idx()); line < p.lines; line += warps) {
    const bool line_inside = static_cast<unsigned>(h + line) < static_cast<unsigned>(p.conv.h) && channel < p.conv.c;
    const std::int64_t from = (static_cast<std::int64_t>(at.n) * p.conv.h + h + line) * p.conv.w_in + w;
    for (int column = lane / 4; column < p.columns; column += 8) {
      const bool inside = line_inside && static_cast<unsigned>(w + column) < static_cast<unsigned>(p.conv.w_in);
      simt::cp_async<16>(smem + image_offset(line * p.columns + column, chunk),
                         p.conv.x + (inside ? (from + column) * p.conv.c + channel : 0), inside ? 16 : 0);
    }
  }
}

/// A warp's sums under all taps, for the channels of a stage.
SIMT_DEVICE void multiply(const Params& p, const unsigned char* image, const f16* filter, int first_channel,
                          float (&sums)[fragments][4]) {
  const int lane = static_cast<int>(simt::lane_idx()), warp = static_cast<int>(simt::warp_idx());
  int pixels[fragments];
  SIMT_UNROLL
  for (int i = 0; i < fragments; ++i) {
    const int first = (warp * fragments + i) * 16;
    pixels[i] =
        p.tiles.row(first) * p.conv.stride_h * p.columns + (p.tiles.column(first) + lane % 16) * p.conv.stride_w;
  }
  const f16* weights = filter + lane % 8 * p.filter_pitch + lane / 8 * 8 + first_channel;
  for (int r = 0; r < p.conv.r; ++r)
    for (int s = 0; s < p.conv.s; ++s, weights += p.channel_stages * BLOCK_C) {
      const int tap = r * p.conv.dilation_h * p.columns + s * p.conv.dilation_w;
      std::uint32_t b[4];  // 8 outputs by 32 channels
      simt::ldmatrix_x4(b, weights);
      SIMT_UNROLL
      for (int step = 0; step < 2; ++step) {
        SIMT_UNROLL
        for (int i = 0; i < fragments; ++i) {
          std::uint32_t a[4];
          simt::ldmatrix_x4(a, image + image_offset(pixels[i] + tap, step * 2 + lane / 16));
          simt::mma_m16n8k16(sums[i], a, {b[2 * step], b[2 * step + 1]});
        }
      }
    }
}

/// Grid: x = blocks that stay.
SIMT_KERNEL(threads, 4)
void few_outputs(const SIMT_GRID_CONSTANT Params p) {
  simt::grid_launch_dependents();
  const ConvParams& conv = p.conv;
  unsigned char* const staged = simt::dynamic_shared<unsigned char>();
  auto* const output_pixels = reinterpret_cast<int*>(staged + BLOCK_M * 16 * 2);
  auto* const filter = reinterpret_cast<f16*>(output_pixels + BLOCK_M);
  unsigned char* const images = reinterpret_cast<unsigned char*>(filter) + p.filter_bytes();
  const int lane = static_cast<int>(simt::lane_idx()), warp = static_cast<int>(simt::warp_idx());
  const int first_tile = static_cast<int>(simt::block_idx().x), step = static_cast<int>(simt::grid_dim().x);

  // What comes next to be loaded: a tile, and a stage of its channels.
  int load_tile = first_tile, load_channel = 0;
  tile::StageRing<num_stages> loaded, ring;
  const auto load_next = [&] {
    if (load_tile < p.tiles.count) {
      load_image(p, images + loaded.stage * p.stage_bytes(), load_tile, load_channel);
      loaded.advance();
      load_channel += BLOCK_C;
      if (load_channel >= conv.c) {
        load_channel = 0;
        load_tile += step;
      }
    }
    simt::cp_async_commit();
  };
  load_filter(p, filter);
  simt::grid_dependency_wait();
  SIMT_UNROLL
  for (int i = 0; i < num_stages - 1; ++i) load_next();
  float bias[2];
  SIMT_UNROLL
  for (int side = 0; side < 2; ++side) {
    const int channel = lane % 4 * 2 + side;
    bias[side] = conv.bias != nullptr && channel < conv.k ? simt::to_float(simt::load_global(conv.bias + channel)) : 0;
  }

  for (int tile = first_tile; tile < p.tiles.count; tile += step) {
    float sums[fragments][4];
    SIMT_UNROLL
    for (auto& fragment : sums) {
      SIMT_UNROLL
      for (int value = 0; value < 4; ++value) fragment[value] = bias[value % 2];
    }
    for (int channel = 0; channel < conv.c; channel += BLOCK_C) {
      simt::cp_async_wait<num_stages - 2>();
      simt::sync_threads();  // these channels have landed for all, and all are done with the stage that is loaded next
      load_next();
      multiply(p, images + ring.stage * p.stage_bytes(), filter, channel, sums);
      ring.advance();
    }
    static_assert(threads == BLOCK_M, "a thread for each pixel");
    const int own = static_cast<int>(simt::linear_thread_idx());
    simt::store_shared(output_pixels + own, p.tiles.output_pixel(conv, p.tiles.place(tile), own));
    const conv2d::OutputTile<BLOCK_M, 16, threads> output{conv, output_pixels, 0, conv.k, staged};
    simt::sync_threads();
    if (conv.residual != nullptr) {
      output.load_residual();
      simt::cp_async_commit();
      simt::cp_async_wait<0>();
      simt::sync_threads();
    }
    output.put_all([&](auto put) {
      SIMT_UNROLL
      for (int i = 0; i < fragments; ++i) {
        SIMT_UNROLL
        for (int half = 0; half < 2; ++half)
          put((warp * fragments + i) * 16 + half * 8 + lane / 4, lane % 4 * 2, sums[i][2 * half],
              sums[i][2 * half + 1]);
      }
    });
    simt::sync_threads();
    output.store();
  }
  simt::cp_async_wait<0>();
}

/// What a problem is launched with, but for its pointers.
Params shape_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const auto reach = [](std::int64_t outputs, std::int64_t stride, std::int64_t taps, std::int64_t dilation) {
    return static_cast<int>((outputs - 1) * stride + (taps - 1) * dilation + 1);
  };
  Params p{};
  p.conv = conv2d::params_of(problem, buffers);
  p.tiles = conv2d::PixelTiles::of(problem);
  p.lines = reach(p.tiles.rows(), problem.stride_h, problem.r, problem.dilation_h);
  p.columns = reach(p.tiles.columns(), problem.stride_w, problem.s, problem.dilation_w);
  p.channel_stages = static_cast<int>(conv2d::ceil_div(problem.c, BLOCK_C));
  p.filter_pitch = static_cast<int>(problem.r * problem.s) * p.channel_stages * BLOCK_C + 8;
  return p;
}

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  if (problem.transposed || problem.groups != 1) return Support::no("takes neither transposed convolutions nor groups");
  if (problem.skip_c > 0) return Support::no("takes one input");
  if (problem.k > most_outputs) return Support::no("is for at most 8 output channels");
  if (problem.c % 8 != 0) return Support::no("needs a multiple of 8 channels");
  if (const Support support = conv2d::fits(problem); !support) return support;
  constexpr std::int64_t most = 32;  // so that no size below overflows
  if (problem.r > most || problem.s > most || problem.stride_h > most || problem.stride_w > most ||
      problem.dilation_h > most || problem.dilation_w > most || problem.c > 4096 ||
      shape_of(problem, {}).smem_bytes() > static_cast<int>(simt::max_shared_bytes_of(7, 5)))
    return Support::no("needs a filter, and an image under a tile, that fit into shared memory");
  return {};
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  if (!conv2d::aligned_16(buffers.x) || !conv2d::aligned_16(buffers.w))
    throw Unsupported("x and w must begin at multiples of 16 bytes");
  const Params params = shape_of(problem, buffers);
  const int resident = std::clamp(160 * 1024 / params.smem_bytes(), 1, 8);
  const int blocks = std::min(params.tiles.count, std::max(device.multiprocessors, 1) * resident);
  simt::LaunchShape shape{
      {static_cast<unsigned>(blocks)}, {threads}, static_cast<std::size_t>(params.smem_bytes()), "few_outputs"};
  shape.overlaps_previous = BehindKernel::here();
  return [shape, params](Stream stream) { simt::launch(few_outputs, shape, stream, params); };
}

const Register<Conv2d> registered{{"sm75_few_outputs", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
