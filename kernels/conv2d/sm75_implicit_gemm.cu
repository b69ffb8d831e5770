// Convolution as a GEMM on Tensor Cores whose left operand, the im2col matrix, is gathered tile by tile:
// M = output pixels, N = output channels of a group, reduction = filter rows, columns, channels.

#include <algorithm>
#include <type_traits>

#include "kernels/conv2d/conv2d.h"
#include "kernels/conv2d/implicit_gemm_loaders.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate {
namespace {

using conv2d::AxisWalk;
using conv2d::BLOCK_K;
using conv2d::ConvParams;

/// 32 columns a warp.
template <int BLOCK_M, int BLOCK_N, int WARPS_M, int NUM_STAGES>
struct Config : tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, BLOCK_N / 32> {
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_a_bytes + smem_b_bytes;
  static constexpr int smem_bytes = num_stages * stage_bytes;
  static_assert(smem_bytes <= simt::default_shared_bytes, "what every GPU gives without asking");
};

using LargeTile = Config<128, 128, 2, 3>;
using NarrowTile = Config<128, 32, 4, 4>;  // few output channels
using SmallTile = Config<64, 64, 2, 4>;    // few outputs at all

/// The filter of a transposed convolution is contiguous in the outputs.
template <class C, bool TRANSPOSED>
struct Operands {
  using TileA = tile::OperandTile<C::BLOCK_M, BLOCK_K, simt::Major::k>;
  using TileB = tile::OperandTile<C::BLOCK_N, BLOCK_K, TRANSPOSED ? simt::Major::mn : simt::Major::k>;
  template <bool VECTORIZED>
  using FilterLoader = std::conditional_t<TRANSPOSED, conv2d::TransposedFilterLoader<TileB, C::threads, VECTORIZED>,
                                          conv2d::FilterLoader<TileB, C::threads, VECTORIZED>>;
};

/// The products of one stage, added to a warp's sums.
template <class C, class Tiles>
SIMT_DEVICE void multiply_stage(const unsigned char* smem_a, const unsigned char* smem_b, tile::Accumulators<C>& sums) {
  const unsigned lane_idx = simt::lane_idx(), warp_idx = simt::warp_idx();
  const int warp_m = C::warp_m(warp_idx), warp_n = C::warp_n(warp_idx);
  SIMT_UNROLL
  for (int k = 0; k < BLOCK_K; k += 16) {
    std::uint32_t a[C::WARP_M / 16][4];
    SIMT_UNROLL
    for (int i = 0; i < C::WARP_M / 16; ++i) Tiles::TileA::load_a(a[i], smem_a, warp_m + i * 16, k, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 16; ++j) {
      std::uint32_t b[4];
      Tiles::TileB::load_b(b, smem_b, warp_n + j * 16, k, lane_idx);
      SIMT_UNROLL
      for (int i = 0; i < C::WARP_M / 16; ++i) sums.multiply(i, j, a[i], b);
    }
  }
}

SIMT_DEVICE float finish(const ConvParams& params, float value, int channel, f16 residual) {
  if (params.bias != nullptr) value += simt::to_float(simt::load_global(params.bias + channel));
  if (params.residual != nullptr) value += simt::to_float(residual);
  return params.relu && value < 0 ? 0.0f : value;  // a NaN is not below 0, and stays
}

/// Two neighbouring channels of one pixel; `channel` is even within its group, `left` of them exist.
SIMT_DEVICE void store_pair(const ConvParams& params, std::int64_t pixel, int channel, int left, float first,
                            float second) {
  const std::int64_t at = pixel * params.k + channel;
  if (params.pair_stores) {
    std::uint32_t residual = 0;
    if (params.residual != nullptr)
      residual = simt::load_global(reinterpret_cast<const std::uint32_t*>(params.residual + at));
    const float low = finish(params, first, channel, f16{static_cast<std::uint16_t>(residual & 0xffffu)});
    const float high = finish(params, second, channel + 1, f16{static_cast<std::uint16_t>(residual >> 16)});
    simt::store_global(reinterpret_cast<std::uint32_t*>(params.y + at), simt::pack_f16x2(low, high));
    return;
  }
  SIMT_UNROLL
  for (int i = 0; i < 2; ++i)
    if (i < left) {
      const f16 residual = params.residual != nullptr ? simt::load_global(params.residual + at + i) : f16{};
      simt::store_global(params.y + at + i,
                         simt::to_f16_rn(finish(params, i == 0 ? first : second, channel + i, residual)));
    }
}

template <class C>
SIMT_DEVICE void epilogue(const ConvParams& params, const AxisWalk& rows, const AxisWalk& columns, int first_pixel,
                          int first_channel, int group, const tile::Accumulators<C>& sums) {
  const unsigned lane_idx = simt::lane_idx(), warp_idx = simt::warp_idx();
  SIMT_UNROLL
  for (int i = 0; i < C::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int pixel = first_pixel + C::warp_m(warp_idx) + sums.row(i, half, lane_idx);
      const int in_image = pixel / columns.outputs, image = in_image / rows.outputs;
      if (image >= params.n) continue;
      const int p = rows.first + in_image % rows.outputs * rows.step;
      const int q = columns.first + pixel % columns.outputs * columns.step;
      const std::int64_t output_pixel = (static_cast<std::int64_t>(image) * params.p + p) * params.q + q;
      SIMT_UNROLL
      for (int j = 0; j < C::WARP_N / 8; ++j) {
        const int channel = first_channel + C::warp_n(warp_idx) + sums.column(j, lane_idx);
        const int left = params.k_per_group - channel;
        const float(&d)[4] = sums.d[i][j];
        if (left > 0)
          store_pair(params, output_pixel, group * params.k_per_group + channel, left, d[2 * half], d[2 * half + 1]);
      }
    }
  }
}

/// Grid: x = pixel tiles, for each phase in turn; y = tiles of output channels; z = groups.
template <class C, bool TRANSPOSED, bool VECTORIZED>
SIMT_KERNEL(C::threads)
void implicit_gemm(ConvParams params, int tiles_per_phase) {
  const simt::Dim3 block = simt::block_idx();
  const int first_pixel = static_cast<int>(block.x % tiles_per_phase) * C::BLOCK_M;
  const int first_channel = static_cast<int>(block.y) * C::BLOCK_N;
  const int group = static_cast<int>(block.z);
  AxisWalk rows, columns;
  if constexpr (TRANSPOSED) {
    const int phase = static_cast<int>(block.x / tiles_per_phase);
    rows = conv2d::transposed_walk(params.p, params.r, params.stride_h, params.pad_h, params.dilation_h,
                                   phase / params.stride_w);
    columns = conv2d::transposed_walk(params.q, params.s, params.stride_w, params.pad_w, params.dilation_w,
                                      phase % params.stride_w);
    // Phases differ in size by a row or a column; the grid is made for the largest.
    if (rows.outputs == 0 || columns.outputs == 0 || first_pixel / columns.outputs / rows.outputs >= params.n) return;
  } else {
    rows = conv2d::forward_walk(params.p, params.r, params.stride_h, params.pad_h, params.dilation_h);
    columns = conv2d::forward_walk(params.q, params.s, params.stride_w, params.pad_w, params.dilation_w);
  }

  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  using Tiles = Operands<C, TRANSPOSED>;
  conv2d::ImageLoader<typename Tiles::TileA, C::threads, VECTORIZED> image(params, rows, columns, first_pixel, group);
  typename Tiles::template FilterLoader<VECTORIZED> filter(params, rows, columns, first_channel, group);
  const int reduction = rows.taps * columns.taps * params.c_per_group;
  const int num_k_tiles = (reduction + BLOCK_K - 1) / BLOCK_K;
  const auto load = [&](int k_tile, int stage) {
    if (k_tile < num_k_tiles) {
      unsigned char* const smem_a = smem + stage * C::stage_bytes;
      image.load(smem_a);
      filter.load(smem_a + C::smem_a_bytes);
    }
    simt::cp_async_commit();  // empty at the end, so that the count of groups stays right
  };

  tile::Accumulators<C> sums;
  sums.clear();
  for (int stage = 0; stage < C::num_stages - 1; ++stage) load(stage, stage);
  tile::StageRing<C::num_stages> ring;
  for (int k_tile = 0; k_tile < num_k_tiles; ++k_tile) {
    simt::cp_async_wait<C::num_stages - 2>();
    simt::sync_threads();  // this tile has landed for all, and all are done with the stage that is loaded next
    load(k_tile + C::num_stages - 1, ring.before());
    const unsigned char* const smem_a = smem + ring.stage * C::stage_bytes;
    multiply_stage<C, Tiles>(smem_a, smem_a + C::smem_a_bytes, sums);
    ring.advance();
  }
  simt::cp_async_wait<0>();
  epilogue<C>(params, rows, columns, first_pixel, first_channel, group, sums);
}

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

std::int64_t phases(const Conv2d::Problem& problem) {
  return problem.transposed ? problem.stride_h * problem.stride_w : 1;
}

/// Output pixels of the largest phase.
std::int64_t phase_pixels(const Conv2d::Problem& problem) {
  if (!problem.transposed) return problem.n * problem.p() * problem.q();
  return problem.n * ceil_div(problem.p(), problem.stride_h) * ceil_div(problem.q(), problem.stride_w);
}

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (device.kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  // Element offsets are 64 bits wide; pixels, and positions within an image or a filter, 32.
  constexpr double limit = 1 << 30;
  const auto product = [](auto... sizes) { return (static_cast<double>(sizes) * ...); };
  const bool fits = product(problem.n, problem.p(), problem.q()) < limit && problem.c < limit && problem.k < limit &&
                    static_cast<double>(problem.h + 2 * problem.pad_h) < limit &&
                    static_cast<double>(problem.w + 2 * problem.pad_w) < limit &&
                    product(problem.r, problem.dilation_h) + static_cast<double>(problem.p()) < limit &&
                    product(problem.s, problem.dilation_w) + static_cast<double>(problem.q()) < limit &&
                    product(problem.r, problem.s, problem.c_per_group()) < limit;
  if (!fits) return Support::no("needs fewer than 2^30 output pixels and filter elements");
  if (product(phases(problem), ceil_div(phase_pixels(problem), SmallTile::BLOCK_M)) >= limit)
    return Support::no("needs a smaller stride");
  if (problem.groups > 65535 || ceil_div(problem.k_per_group(), NarrowTile::BLOCK_N) > 65535)
    return Support::no("needs at most 65535 groups and 2^21 output channels in each");
  return {};
}

ConvParams params_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };  // `supports` has seen to it
  const auto word_aligned = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 4 == 0; };
  ConvParams params{};
  params.x = buffers.x, params.w = buffers.w, params.bias = buffers.bias;
  params.residual = buffers.residual, params.y = buffers.y;
  params.n = narrow(problem.n), params.h = narrow(problem.h), params.w_in = narrow(problem.w);
  params.c = narrow(problem.c), params.k = narrow(problem.k);
  params.p = narrow(problem.p()), params.q = narrow(problem.q());
  params.r = narrow(problem.r), params.s = narrow(problem.s);
  params.stride_h = narrow(problem.stride_h), params.stride_w = narrow(problem.stride_w);
  params.pad_h = narrow(problem.pad_h), params.pad_w = narrow(problem.pad_w);
  params.dilation_h = narrow(problem.dilation_h), params.dilation_w = narrow(problem.dilation_w);
  params.c_per_group = narrow(problem.c_per_group()), params.k_per_group = narrow(problem.k_per_group());
  params.relu = problem.relu;
  params.pair_stores = problem.k_per_group() % 2 == 0 && word_aligned(buffers.y) && word_aligned(buffers.residual);
  return params;
}

/// Whether every chunk of eight channels is aligned, and within one tap.
bool can_vectorize(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const auto aligned = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 16 == 0; };
  return problem.c_per_group() % 8 == 0 && (!problem.transposed || problem.k_per_group() % 8 == 0) &&
         aligned(buffers.x) && aligned(buffers.w);
}

template <class C, bool TRANSPOSED, bool VECTORIZED>
Launch launch_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const std::int64_t tiles_per_phase = ceil_div(phase_pixels(problem), C::BLOCK_M);
  simt::LaunchShape shape;
  shape.grid = {static_cast<unsigned>(tiles_per_phase * phases(problem)),
                static_cast<unsigned>(ceil_div(problem.k_per_group(), C::BLOCK_N)),
                static_cast<unsigned>(problem.groups)};
  shape.block = {C::threads};
  shape.dynamic_shared_bytes = C::smem_bytes;
  shape.kernel_name = "sm75_implicit_gemm";
  return [shape, params = params_of(problem, buffers), tiles = static_cast<int>(tiles_per_phase)](Stream stream) {
    simt::launch(implicit_gemm<C, TRANSPOSED, VECTORIZED>, shape, stream, params, tiles);
  };
}

template <class C>
Launch launch_of(const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  const bool vectorized = can_vectorize(problem, buffers);
  if (problem.transposed)
    return vectorized ? launch_of<C, true, true>(problem, buffers) : launch_of<C, true, false>(problem, buffers);
  return vectorized ? launch_of<C, false, true>(problem, buffers) : launch_of<C, false, false>(problem, buffers);
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  if (problem.k_per_group() <= NarrowTile::BLOCK_N) return launch_of<NarrowTile>(problem, buffers);
  // Large tiles move the least data for each product, once there are enough of them for every multiprocessor.
  const std::int64_t large_tiles = phases(problem) * ceil_div(phase_pixels(problem), LargeTile::BLOCK_M) *
                                   ceil_div(problem.k_per_group(), LargeTile::BLOCK_N) * problem.groups;
  if (problem.k_per_group() > SmallTile::BLOCK_N && large_tiles >= std::max(device.multiprocessors, 1))
    return launch_of<LargeTile>(problem, buffers);
  return launch_of<SmallTile>(problem, buffers);
}

template <class C>
TilePolicy<Conv2d> policy(const char* name) {
  return {name, [](const Device&, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) -> Launch {
            if (problem.y_count() == 0) return [](Stream) {};
            return launch_of<C>(problem, buffers);
          }};
}

const Register<Conv2d> registered{{"sm75_implicit_gemm",
                                   Origin::ours,
                                   simt::device_kind,
                                   supports,
                                   prepare,
                                   "",
                                   {},
                                   {policy<LargeTile>("128x128, 3 stages"), policy<NarrowTile>("128x32, 4 stages"),
                                    policy<SmallTile>("64x64, 4 stages")}}};

}  // namespace
}  // namespace kernelgate
