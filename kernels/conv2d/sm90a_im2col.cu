// Convolution for sm_90a: TMA gathers the im2col matrix, wgmma multiplies. Also transposed, with the phases of a stride
// of two in one launch. docs/conv2d.md has the picture.
//
// The rows of a wgmma, 64 at least, are output channels, its columns are output pixels, of which it takes as few as 16:
// so images of 3 x 3 waste little. One warp loads, through as many stages as fit. Blocks stay and take tiles in turn,
// the longest phase's first; where there are fewer tiles than multiprocessors, the blocks of a cluster divide the
// reduction. Each leaves its sums in its shared memory, and adds a part of all of them up, always in the same order:
// the same input gives the same bits.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/conv2d/im2col_cost.h"
#include "kernels/conv2d/im2col_maps.h"
#include "kernels/conv2d/im2col_phases.h"
#include "kernels/conv2d/store_four.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/divided_tiles.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate {
namespace {

using conv2d::ConvParams;
using conv2d::most_phases;
using conv2d::Phase;
using conv2d::phases_of;
using conv2d::Pixel;

/// A tile is BLOCK_M pixels by BLOCK_N channels of y, 64 for each warpgroup.
template <int BLOCK_M_, int GROUPS, int NUM_STAGES>
struct Config {
  static constexpr int BLOCK_M = BLOCK_M_, BLOCK_N = 64 * GROUPS, BLOCK_K = 64;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int groups = GROUPS;
  static constexpr int math_threads = 128 * GROUPS, threads = math_threads + 32;

  static constexpr int smem_x_bytes = BLOCK_M * BLOCK_K * 2, smem_w_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_x_bytes + smem_w_bytes;
  /// Floats from one pixel's sums to the next one's: neighbouring lanes have channels next to each other, and every
  /// fourth a pixel two further on, which is 8 banks.
  static constexpr int sums_ld = BLOCK_N + 4;
  static constexpr int sums_bytes = BLOCK_M * sums_ld * 4;
  static constexpr int smem_bytes =
      num_stages * stage_bytes + sums_bytes + BLOCK_M * 4 + static_cast<int>(sizeof(tile::MbarrierRing<num_stages>));
  static_assert(smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(9, 0)));
  static_assert(smem_x_bytes % 1024 == 0 && smem_w_bytes % 1024 == 0, "swizzles begin anew");
  static_assert(BLOCK_M <= math_threads, "a thread for each pixel");
};

constexpr unsigned most_splits = simt::max_cluster_blocks;

struct Params {
  simt::TensorMap x[most_phases];
  simt::TensorMap w;
  ConvParams conv;
  Phase phases[most_phases];
  int num_phases, channel_k_tiles;  ///< of a tap
  int tiles, tiles_n;
  unsigned splits;  ///< blocks of a cluster; with more than one the grid has a cluster for each tile
  bool in_fours;    ///< four channels of y and of the residual from a multiple of four on are at a multiple of 8 bytes
  simt::CacheHint w_again = simt::CacheHint::evict_normal;  ///< for the filter: whether other tiles read the same
};

template <class C, bool TRANSPOSED>
struct Operands {
  static constexpr simt::Major w_major = TRANSPOSED ? simt::Major::mn : simt::Major::k;
  using TileX = tile::WgmmaOperand<C::BLOCK_M, C::BLOCK_K, simt::Major::k>;
  using TileW = tile::WgmmaOperand<C::BLOCK_N, C::BLOCK_K, w_major>;
  static constexpr simt::WgmmaForm form{.a = w_major, .b = simt::Major::k};
};

/// A tile, and a block's share of its reduction; the last k-tile is not in it.
struct Tile {
  int phase, first_pixel, first_channel;
  int first_k_tile, last_k_tile;
};

/// A block's shared memory, and what its roles share.
template <class C>
struct Block {
  const Params& p;
  unsigned char* smem;
  unsigned rank;

  SIMT_DEVICE unsigned char* smem_w(int stage) const { return smem + stage * C::stage_bytes; }
  SIMT_DEVICE unsigned char* smem_x(int stage) const { return smem_w(stage) + C::smem_w_bytes; }
  SIMT_DEVICE float* sums() const { return reinterpret_cast<float*>(smem_w(C::num_stages)); }
  SIMT_DEVICE int* output_pixels() const { return reinterpret_cast<int*>(smem_w(C::num_stages) + C::sums_bytes); }
  SIMT_DEVICE tile::MbarrierRing<C::num_stages>& ring() const {
    return *reinterpret_cast<tile::MbarrierRing<C::num_stages>*>(output_pixels() + C::BLOCK_M);
  }

  /// act(tile), for each tile of this block: one phase after the other, and one column of pixel tiles after the other.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    const int splits = static_cast<int>(p.splits);
    for (int i = static_cast<int>(simt::block_idx().x) / splits; i < p.tiles;
         i += static_cast<int>(simt::grid_dim().x) / splits) {
      int phase = 0, within = i;
      while (within >= p.phases[phase].tiles_m * p.tiles_n) within -= p.phases[phase++].tiles_m * p.tiles_n;
      const Phase& at = p.phases[phase];
      const int n = within / at.tiles_m, k_tiles = at.k_tiles;
      act(Tile{phase, (within - n * at.tiles_m) * C::BLOCK_M, n * C::BLOCK_N, static_cast<int>(rank) * k_tiles / splits,
               static_cast<int>(rank + 1) * k_tiles / splits});
    }
  }
};

/// By one thread: fills stages as they become empty, for all tiles of the block.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void load_tiles(const Block<C>& block) {
  using Tiles = Operands<C, TRANSPOSED>;
  const Params& p = block.p;
  tile::StageRing<C::num_stages> slot;
  block.for_each_tile([&](const Tile& tile) {
    const Phase& phase = p.phases[tile.phase];
    const conv2d::Walks& walks = phase.walks;
    const Pixel first(walks, tile.first_pixel);
    const int w = phase.columns.lower + first.j * walks.columns.input_step;
    const int h = phase.rows.lower + first.i * walks.rows.input_step;
    int tap = tile.first_k_tile / p.channel_k_tiles, channel = tile.first_k_tile - tap * p.channel_k_tiles;
    int j_h = tap / walks.columns.taps, j_w = tap - j_h * walks.columns.taps;
    for (int k_tile = tile.first_k_tile; k_tile < tile.last_k_tile; ++k_tile, slot.advance()) {
      block.ring().wait_empty(slot);
      simt::Mbarrier* const full = &block.ring().full[slot.stage];
      simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);
      const int r = walks.rows.first_tap + j_h * walks.rows.tap_step;
      const int s = walks.columns.first_tap + j_w * walks.columns.tap_step;
      Tiles::TileW::load(block.smem_w(slot.stage), p.w, full, tile.first_channel, channel * C::BLOCK_K,
                         r * p.conv.s + s, 0, p.w_again);
      const simt::Im2colOffsets offsets{static_cast<std::uint16_t>(phase.columns.offset(j_w)),
                                        static_cast<std::uint16_t>(phase.rows.offset(j_h))};
      simt::tma_load_im2col_4d(block.smem_x(slot.stage), p.x[tile.phase], full, channel * C::BLOCK_K, w, h, first.n,
                               offsets, simt::CacheHint::evict_last);
      if (++channel < p.channel_k_tiles) continue;
      channel = 0;
      if (++j_w < walks.columns.taps) continue;
      j_w = 0;
      ++j_h;
    }
  });
}

/// A thread's four channels of a tile, and every how many pixels it has them.
template <class C>
struct Ending {
  static constexpr int fours = C::BLOCK_N / 4, step = C::math_threads / fours;
  static_assert(C::math_threads % fours == 0);
  const Block<C>& block;
  int column = static_cast<int>(simt::linear_thread_idx()) % fours * 4;
  int first = static_cast<int>(simt::linear_thread_idx()) / fours;

  SIMT_DEVICE conv2d::FourChannels four(const Tile& tile) const {
    const int channel = tile.first_channel + column;
    return {block.p.conv, block.p.in_fours, channel, block.p.conv.k - channel};
  }
  SIMT_DEVICE simt::Vec4* sums(int row) const {
    return reinterpret_cast<simt::Vec4*>(block.sums() + row * C::sums_ld + column);
  }
  SIMT_DEVICE int pixel(int row) const { return simt::load_shared(block.output_pixels() + row); }
  SIMT_DEVICE int rows(const Tile& tile) const {
    return std::min(int{C::BLOCK_M}, block.p.phases[tile.phase].pixels - tile.first_pixel);
  }
};

SIMT_DEVICE void add(float (&sums)[4], const simt::Vec4& part) {
  const auto floats = std::bit_cast<std::array<float, 4>>(part);
  SIMT_UNROLL
  for (int j = 0; j < 4; ++j) sums[j] += floats[j];
}

/// By all multiplying threads, when the sums are in shared memory.
template <class C>
SIMT_DEVICE void store_alone(const Block<C>& block, const Tile& tile) {
  const Ending<C> ending{block};
  const conv2d::FourChannels four = ending.four(tile);
  if (four.left <= 0) return;
  float bias[4];
  four.load_bias(bias);
  constexpr int at_once = 4;  // residuals on their way
  const int rows = ending.rows(tile);
  for (int begin = ending.first; begin < rows; begin += at_once * ending.step) {
    std::uint64_t residual[at_once] = {};
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i)
      if (const int row = begin + i * ending.step; row < rows) residual[i] = four.load_residual(ending.pixel(row));
    SIMT_UNROLL
    for (int i = 0; i < at_once; ++i) {
      const int row = begin + i * ending.step;
      if (row >= rows) continue;
      float sums[4] = {};
      add(sums, simt::load_shared(ending.sums(row)));
      four.store(ending.pixel(row), sums, bias, residual[i]);
    }
  }
}

/// By all multiplying threads, when the sums of all blocks of the cluster are in shared memory: adds up this block's
/// part of the pixels, and stores it.
template <class C>
SIMT_DEVICE void store_part(const Block<C>& block, const Tile& tile) {
  const Params& p = block.p;
  const Ending<C> ending{block};
  const conv2d::FourChannels four = ending.four(tile);
  if (four.left <= 0) return;
  float bias[4];
  four.load_bias(bias);
  const int first = static_cast<int>(C::BLOCK_M * block.rank / p.splits);
  const int last = std::min(static_cast<int>(C::BLOCK_M * (block.rank + 1) / p.splits), ending.rows(tile));
  for (int row = first + ending.first; row < last; row += ending.step) {
    const int pixel = ending.pixel(row);
    const std::uint64_t residual = four.load_residual(pixel);
    simt::Vec4 parts[most_splits];  // all on their way before the first is needed
    SIMT_UNROLL
    for (unsigned split = 0; split < most_splits; ++split)
      if (split < p.splits) parts[split] = simt::load_cluster(simt::map_shared_rank(ending.sums(row), split));
    float sums[4] = {};
    SIMT_UNROLL
    for (unsigned split = 0; split < most_splits; ++split)
      if (split < p.splits) add(sums, parts[split]);
    four.store(pixel, sums, bias, residual);
  }
}

/// By the multiplying warpgroups.
template <class C, bool TRANSPOSED>
SIMT_DEVICE void multiply_tiles(const Block<C>& block) {
  using Tiles = Operands<C, TRANSPOSED>;
  const Params& p = block.p;
  const unsigned thread = simt::linear_thread_idx() % 128, lane = thread % 32, group = simt::linear_thread_idx() / 128;
  auto& ring = block.ring();
  tile::StageRing<C::num_stages> slot;
  float sums[C::BLOCK_M / 2];
  block.for_each_tile([&](const Tile& tile) {
    if (const unsigned row = simt::linear_thread_idx(); row < C::BLOCK_M) {
      const conv2d::Walks& walks = p.phases[tile.phase].walks;
      const Pixel at(walks, tile.first_pixel + static_cast<int>(row));
      const int out_p = walks.rows.first + at.i * walks.rows.step,
                out_q = walks.columns.first + at.j * walks.columns.step;
      simt::store_shared(block.output_pixels() + row, (at.n * p.conv.p + out_p) * p.conv.q + out_q);
    }
    for (int k_tile = tile.first_k_tile; k_tile < tile.last_k_tile; ++k_tile, slot.advance()) {
      ring.wait_full(slot);
      const auto w = Tiles::TileW::descriptor(block.smem_w(slot.stage), static_cast<int>(group) * 64);
      const auto x = Tiles::TileX::descriptor(block.smem_x(slot.stage), 0);
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
      store_part(block, tile);
      return;
    }
    simt::named_barrier_sync(1, C::math_threads);
    store_alone(block, tile);
    simt::named_barrier_sync(1, C::math_threads);  // before the next tile's sums take their place
  });
}

template <class C, bool TRANSPOSED>
SIMT_KERNEL(C::threads, 1)
void im2col(const SIMT_GRID_CONSTANT Params p) {
  const Block<C> block{p, simt::dynamic_shared<unsigned char>(), p.splits > 1 ? simt::cluster_rank() : 0};
  constexpr unsigned loader = C::math_threads / 32;
  const unsigned warp = simt::warp_idx();
  if (simt::linear_thread_idx() == C::math_threads) {
    simt::prefetch_tensor_map(p.w);
    for (int phase = 0; phase < p.num_phases; ++phase) simt::prefetch_tensor_map(p.x[phase]);
    block.ring().init(1, C::groups);
    simt::fence_mbarrier_init();
  }
  simt::sync_threads();
  if (warp == loader) {
    if (simt::elect_one()) load_tiles<C, TRANSPOSED>(block);
    simt::sync_warp();
    if (p.splits > 1) simt::cluster_sync();  // the one of multiply_tiles, at which all threads meet
  } else {
    multiply_tiles<C, TRANSPOSED>(block);
  }
  if (p.splits > 1) {  // the others may still read this block's sums
    simt::cluster_arrive_relaxed();
    simt::cluster_wait();
  }
}

template <class C, bool TRANSPOSED>
Launch make_launch(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers,
                   unsigned splits) {
  using Tiles = Operands<C, TRANSPOSED>;
  Params params{};
  params.conv = conv2d::params_of(problem, buffers);
  const auto phases = phases_of(problem, params.num_phases);
  params.tiles_n = static_cast<int>(conv2d::ceil_div(problem.k, C::BLOCK_N));
  params.channel_k_tiles = static_cast<int>(conv2d::ceil_div(problem.c, C::BLOCK_K));
  params.w = conv2d::filter_map(problem, buffers.w, Tiles::TileW::box);
  for (int i = 0; i < params.num_phases; ++i) {
    Phase& phase = params.phases[i] = phases[static_cast<std::size_t>(i)];
    phase.tiles_m = static_cast<int>(conv2d::ceil_div(phase.pixels, C::BLOCK_M));
    params.tiles += phase.tiles_m * params.tiles_n;
    params.x[i] = conv2d::image_map(problem, buffers.x, phase.walks, phase.rows, phase.columns, C::BLOCK_M);
  }
  params.splits = splits;
  const auto aligned_8 = [](const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer) % 8 == 0; };
  params.in_fours = problem.k % 4 == 0 && aligned_8(buffers.y) && aligned_8(buffers.residual);
  params.w_again = params.tiles == params.tiles_n ? simt::CacheHint::evict_first : simt::CacheHint::evict_normal;
  const int blocks = splits > 1 ? params.tiles : std::min(params.tiles, std::max(1, device.multiprocessors));
  simt::LaunchShape shape{{static_cast<unsigned>(blocks) * splits}, {C::threads}, C::smem_bytes, "im2col"};
  shape.cluster = {splits};
  return [=](Stream stream) { simt::launch(im2col<C, TRANSPOSED>, shape, stream, params); };
}

using Pixels16 = Config<16, 1, 16>;
using Pixels32 = Config<32, 1, 14>;
using Pixels64 = Config<64, 1, 10>;
using Pixels128 = Config<128, 2, 4>;

template <class C>
Launch launch(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers, unsigned splits) {
  if (!conv2d::aligned_16(buffers.x) || !conv2d::aligned_16(buffers.w))
    throw Unsupported("x and w must begin at multiples of 16 bytes, which TMA needs");
  return problem.transposed ? make_launch<C, true>(device, problem, buffers, splits)
                            : make_launch<C, false>(device, problem, buffers, splits);
}

constexpr tile::DividedTile<Conv2d> tiles[] = {
    {"16 pixels x 64, 16 stages", conv2d::im2col_cycles<Pixels16>, launch<Pixels16>},
    {"32 pixels x 64, 14 stages", conv2d::im2col_cycles<Pixels32>, launch<Pixels32>},
    {"64 pixels x 64, 10 stages", conv2d::im2col_cycles<Pixels64>, launch<Pixels64>},
    {"128 pixels x 128, 4 stages", conv2d::im2col_cycles<Pixels128>, launch<Pixels128>}};

Support supports(const Device& device, const Conv2d::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability != 90)
    return Support::no("needs compute capability 9.0, for wgmma");
  if (problem.groups != 1) return Support::no("takes no groups");
  if (problem.c % 8 != 0 || (problem.transposed && problem.k % 8 != 0))
    return Support::no("needs channels that are whole multiples of 16 bytes, for TMA");
  if (const Support support = conv2d::fits(problem); !support) return support;
  if (conv2d::phases(problem) > most_phases) return Support::no("takes transposed convolutions of at most 4 phases");
  if (problem.y_count() == 0) return {};
  int count = 0;
  const auto phases = phases_of(problem, count);
  for (int i = 0; i < count; ++i) {
    const Phase& phase = phases[static_cast<std::size_t>(i)];
    if (const auto why = conv2d::im2col_obstacle(phase.walks.rows, phase.rows)) return Support::no(*why);
    if (const auto why = conv2d::im2col_obstacle(phase.walks.columns, phase.columns)) return Support::no(*why);
  }
  if (conv2d::im2col_tiles<Pixels16>(problem) > std::numeric_limits<int>::max())
    return Support::no("has more tiles than it can count");
  return {};
}

Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  if (problem.y_count() == 0) return [](Stream) {};
  return tile::launch_quickest<Conv2d>(tiles, most_splits, device, problem, buffers);
}

const Register<Conv2d> registered{{.name = "sm90a_im2col",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = tile::policies<Conv2d>(tiles, most_splits, ", by ")}};

}  // namespace
}  // namespace kernelgate
