// Convolution for sm_90a: TMA gathers the im2col matrix, wgmma multiplies. Also transposed, with the phases of a stride
// of two in one launch. docs/conv2d.md has the picture.
//
// The rows of a wgmma, 64 at least, are output channels, its columns are output pixels, of which it takes as few as 16:
// so images of 3 x 3 waste little. Two warps load, one the filter and one the image, through as many stages as fit.
// Blocks stay and take tiles in turn, the longest phase's first; where there are fewer tiles than multiprocessors, the
// blocks of a cluster divide the reduction. Each leaves its sums in its shared memory, and adds a part of all of them
// up, always in the same order: the same input gives the same bits.

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/conv2d/im2col_block.h"
#include "kernels/conv2d/im2col_cost.h"
#include "kernels/conv2d/im2col_ending.h"
#include "kernels/conv2d/im2col_loaders.h"
#include "kernels/conv2d/im2col_maps.h"
#include "kernels/conv2d/im2col_phases.h"
#include "kernels/op/behind_kernel.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/divided_tiles.h"
#include "kernels/tile/stage_ring.h"

namespace kernelgate {
namespace {

using namespace conv2d;

/// By the multiplying warpgroups.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void multiply_tiles(const Im2colBlock<C, TRANSPOSED>& block) {
  using Tiles = Im2colBlock<C, TRANSPOSED>::Operands;
  const Im2colParams& p = block.p;
  const unsigned thread = simt::linear_thread_idx() % 128, lane = thread % 32, group = simt::linear_thread_idx() / 128;
  auto& ring = block.ring();
  tile::StageRing<C::num_stages> slot;
  float sums[C::BLOCK_M / 2];
  block.for_each_tile([&](const Im2colTile& tile) {
    if (const unsigned row = simt::linear_thread_idx(); row < C::BLOCK_M) {
      const Walks& walks = p.phases[tile.phase].walks;
      const Pixel at(p.phases[tile.phase], tile.first_pixel + static_cast<int>(row));
      const int out_p = walks.rows.first + at.i * walks.rows.step,
                out_q = walks.columns.first + at.j * walks.columns.step;
      simt::store_shared(block.output_pixels() + row, (at.n * p.conv.p + out_p) * p.conv.q + out_q);
    }
    simt::named_barrier_sync(1, C::math_threads);  // all places are there
    Im2colEnding<C, TRANSPOSED> ending(block, tile);
    for (int k_tile = tile.first_k_tile; k_tile < tile.last_k_tile; ++k_tile, slot.advance()) {
      const auto w = Tiles::TileW::descriptor(block.smem_w(slot.stage), static_cast<int>(group) * 64);
      const auto x = Tiles::TileX::descriptor(block.smem_x(slot.stage), 0);
      ring.wait_full(slot);
      simt::wgmma_fence();
      SIMT_UNROLL
      for (int k = 0; k < C::BLOCK_K; k += 16)
        simt::wgmma_m64nNk16<C::BLOCK_M, Tiles::form>(sums, Tiles::TileW::at_k(w, k), Tiles::TileX::at_k(x, k),
                                                      k_tile > tile.first_k_tile || k > 0);
      simt::wgmma_commit();
      simt::wgmma_wait<1>();
      if (k_tile > tile.first_k_tile && thread == 0) simt::mbarrier_arrive(&ring.empty[slot.before()]);
    }
    simt::wgmma_wait<0>(sums);
    if (thread == 0) simt::mbarrier_arrive(&ring.empty[slot.before()]);

    const unsigned column = group * 64 + thread / 32 * 16 + lane / 4;
    SIMT_UNROLL
    for (unsigned j = 0; j < C::BLOCK_M / 8; ++j) {
      SIMT_UNROLL
      for (unsigned i = 0; i < 4; ++i)
        simt::store_shared(block.sums() + (8 * j + lane % 4 * 2 + i % 2) * C::sums_ld + column + i / 2 * 8,
                           sums[4 * j + i]);
    }
    if (p.splits > 1) {
      simt::cluster_sync();
      store_part(ending);
      return;
    }
    simt::named_barrier_sync(1, C::math_threads);
    store_alone(ending);
    simt::named_barrier_sync(1, C::math_threads);  // before the next tile's sums and places take theirs
  });
}

template <class C, bool TRANSPOSED>
SIMT_KERNEL(C::threads, 1)
void im2col(const SIMT_GRID_CONSTANT Im2colParams p) {
  const Im2colBlock<C, TRANSPOSED> block{p, simt::dynamic_shared<unsigned char>(), simt::block_idx().x};
  constexpr unsigned filter_loader = C::math_threads / 32, image_loader = filter_loader + 1;
  const unsigned warp = simt::warp_idx();
  if (simt::linear_thread_idx() == filter_loader * 32) {
    block.ring().init(2, C::groups);
    simt::fence_mbarrier_init();
    simt::prefetch_tensor_map(p.w);
  }
  if (simt::linear_thread_idx() == image_loader * 32) {
    simt::grid_launch_dependents();
    for (int phase = 0; phase < p.num_phases; ++phase) {
      simt::prefetch_tensor_map(p.x[phase]);
      if (p.conv.skip_c > 0) simt::prefetch_tensor_map(p.skip[phase]);
    }
  }
  simt::sync_threads();
  if (warp < filter_loader) {
    multiply_tiles(block);
  } else {
    if (simt::elect_one()) {
      if (warp == filter_loader)
        load_filters(block);
      else
        load_images(block);
    }
    simt::sync_warp();
    if (p.splits > 1) {  // the two of multiply_tiles, at which all threads meet
      simt::cluster_sync();
      simt::cluster_arrive_relaxed();
    }
  }
  if (p.splits > 1) simt::cluster_wait();  // the others may still read this block's sums
}

template <class C, bool TRANSPOSED>
Launch make_launch(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                   unsigned splits) {
  using Tiles = Im2colOperands<C, TRANSPOSED>;
  Im2colParams params{};
  params.conv = params_of(problem, buffers);
  const auto phases = phases_of(problem, params.num_phases);
  params.tiles_n = static_cast<int>(ceil_div(problem.k, C::BLOCK_N));
  params.channel_k_tiles = static_cast<int>(ceil_div(problem.c, C::BLOCK_K));
  params.by_channel_k_tiles = tile::Divisor(params.channel_k_tiles);
  params.x_k_tiles = static_cast<int>(ceil_div(problem.x_c(), C::BLOCK_K));
  params.w = filter_map(problem, buffers.w, Tiles::TileW::box);
  for (int i = 0; i < params.num_phases; ++i) {
    Phase& phase = params.phases[i] = phases[static_cast<std::size_t>(i)];
    phase.cut(C::BLOCK_M);
    params.tiles += phase.tiles_m * params.tiles_n;
    const Image x{"x", buffers.x, problem.x_c()}, skip{"skip", buffers.skip, problem.skip_c};
    params.x[i] = image_map(problem, x, phase.walks, phase.rows, phase.columns, C::BLOCK_M);
    if (skip.c > 0) params.skip[i] = image_map(problem, skip, phase.walks, phase.rows, phase.columns, C::BLOCK_M);
  }
  params.splits = splits, params.log_splits = static_cast<unsigned>(std::countr_zero(splits));
  const auto aligned_8 = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 8 == 0; };
  params.in_fours =
      problem.k % 4 == 0 && aligned_8(buffers.y) && aligned_8(buffers.residual) && aligned_8(buffers.bias);
  params.w_again = params.tiles == params.tiles_n ? simt::CacheHint::evict_first : simt::CacheHint::evict_normal;
  const int blocks = splits > 1 ? params.tiles : std::min(params.tiles, std::max(1, device.multiprocessors));
  simt::LaunchShape shape{{splits, static_cast<unsigned>(blocks)}, {C::threads}, C::smem_bytes, "im2col"};
  shape.cluster = {splits};
  shape.overlaps_previous = BehindKernel::here();
  return [=](Stream stream) { simt::launch(im2col<C, TRANSPOSED>, shape, stream, params); };
}

using Pixels16 = Im2colConfig<16, 1, 16>;
using Pixels32 = Im2colConfig<32, 1, 14>;
using Pixels64 = Im2colConfig<64, 1, 10>;
using Pixels128 = Im2colConfig<128, 1, 8>;
using Square128 = Im2colConfig<128, 2, 4>;

template <class C>
Launch launch(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers, unsigned splits) {
  if (!aligned_16(buffers.x) || !aligned_16(buffers.skip) || !aligned_16(buffers.w))
    throw Unsupported("x, skip and w must begin at multiples of 16 bytes, which TMA needs");
  return problem.transposed ? make_launch<C, true>(device, problem, buffers, splits)
                            : make_launch<C, false>(device, problem, buffers, splits);
}

constexpr tile::DividedTile<Conv2d> tiles[] = {
    {"16 pixels x 64, 16 stages", im2col_cycles<Pixels16>, launch<Pixels16>},
    {"32 pixels x 64, 14 stages", im2col_cycles<Pixels32>, launch<Pixels32>},
    {"64 pixels x 64, 10 stages", im2col_cycles<Pixels64>, launch<Pixels64>},
    {"128 pixels x 64, 8 stages", im2col_cycles<Pixels128>, launch<Pixels128>},
    {"128 pixels x 128, 4 stages", im2col_cycles<Square128>, launch<Square128>}};

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability != 90)
    return Support::no("needs compute capability 9.0, for wgmma");
  if (problem.groups != 1) return Support::no("takes no groups");
  if (problem.c % 8 != 0 || (problem.transposed && problem.k % 8 != 0))
    return Support::no("needs channels that are whole multiples of 16 bytes, for TMA");
  if (problem.skip_c > 0 && (problem.x_c() % 64 != 0 || problem.skip_c % 8 != 0))
    return Support::no("needs whole 64 channels of the first of two inputs, so that no tile of K is of both");
  if (const Support support = fits(problem); !support) return support;
  if (phases(problem) > most_phases) return Support::no("takes transposed convolutions of at most 4 phases");
  if (problem.y_count() == 0) return {};
  int count = 0;
  const auto phases = phases_of(problem, count);
  for (int i = 0; i < count; ++i) {
    const Phase& phase = phases[static_cast<std::size_t>(i)];
    if (const auto why = im2col_obstacle(phase.walks.rows, phase.rows)) return Support::no(*why);
    if (const auto why = im2col_obstacle(phase.walks.columns, phase.columns)) return Support::no(*why);
  }
  if (im2col_tiles<Pixels16>(problem) > std::numeric_limits<int>::max())
    return Support::no("has more tiles than it can count");
  return {};
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  return tile::launch_quickest<Conv2d>(tiles, most_im2col_splits, device, problem, buffers);
}

const Register<Conv2d> registered{{.name = "sm90a_im2col",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = tile::policies<Conv2d>(tiles, most_im2col_splits, ", by ")}};

}  // namespace
}  // namespace kernelgate
