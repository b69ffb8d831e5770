#pragma once
// Convolution as a GEMM on Tensor Cores whose left operand, the im2col matrix, is gathered tile by tile:
// M = output pixels, N = output channels of a group, reduction = filter rows, columns, channels.
//
// Two things keep many multiprocessors busy where there are few outputs: the warps of a block may divide each tile of
// the reduction between them (slices), and blocks may divide the reduction (splits). Then each block leaves its sums in
// memory, and the one that comes last adds them up in the order of the splits: the same input gives the same bits.

#include <bit>
#include <type_traits>

#include "kernels/conv2d/conv_params.h"
#include "kernels/conv2d/implicit_gemm_loaders.h"
#include "kernels/conv2d/output_tile.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/split_k.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

template <int BLOCK_M, int BLOCK_N, int BLOCK_K_, int WARPS_M, int WARPS_N, int SLICES, int NUM_STAGES, int BLOCKS>
struct GemmConfig : tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, WARPS_N> {
  using Grid = tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, WARPS_N>;
  static constexpr int BLOCK_K = BLOCK_K_;
  static constexpr int slices = SLICES, warps = Grid::threads / 32, threads = Grid::threads * SLICES;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int blocks_per_multiprocessor = BLOCKS;          ///< at least: what ptxas plans registers for
  static constexpr int blocks_otherwise = BLOCKS < 3 ? BLOCKS : 3;  ///< the same of what is transposed or gathered
  static constexpr int fragments = Grid::WARP_M / 16 * (Grid::WARP_N / 8);  ///< of a warp's sums, four floats a lane
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_a_bytes + smem_b_bytes;
  static constexpr int output_bytes = BLOCK_M * BLOCK_N * 2;
  static constexpr int smem_bytes =
      num_stages * stage_bytes + BLOCK_M * static_cast<int>(sizeof(PixelOrigin)) + BLOCK_M * 4 + 16;
  static_assert(BLOCK_K % (16 * SLICES) == 0);
  static_assert(output_bytes <= num_stages * stage_bytes);
  static_assert(fragments % SLICES == 0, "slices add up as many fragments each");
};

struct GemmParams {
  static constexpr int most_walks = 8;

  ConvParams conv;
  int tiles_per_phase;
  int splits;         ///< of the reduction, by blocks
  float* partials;    ///< sums of all blocks, where there are splits
  unsigned* arrived;  ///< for each tile, how many of its blocks have left their sums; 0 before and after
  AxisWalk rows[most_walks], columns[most_walks];  ///< of the phases of a transposed convolution

  template <bool TRANSPOSED>
  SIMT_DEVICE Walks walks(int phase) const {
    if (!TRANSPOSED || conv.stride_h > most_walks || conv.stride_w > most_walks)
      return walks_of<TRANSPOSED>(conv, phase);
    return {rows[phase / conv.stride_w], columns[phase % conv.stride_w]};
  }
};

/// The filter of a transposed convolution is contiguous in the outputs.
template <class C, bool TRANSPOSED, bool VECTORIZED>
struct GemmOperands {
  using TileA = tile::OperandTile<C::BLOCK_M, C::BLOCK_K, simt::Major::k>;
  using TileB = tile::OperandTile<C::BLOCK_N, C::BLOCK_K, TRANSPOSED ? simt::Major::mn : simt::Major::k>;
  using Image = ImageLoader<TileA, C::threads, C::BLOCK_K, TRANSPOSED, VECTORIZED>;
  using Filter = std::conditional_t<TRANSPOSED, TransposedFilterLoader<TileB, C::threads, C::BLOCK_K, VECTORIZED>,
                                    FilterLoader<TileB, C::threads, C::BLOCK_K, VECTORIZED>>;
  using Cut = Reduction<C::BLOCK_K, TRANSPOSED>;
};

/// act(i, j, f) for each fragment of a warp's sums.
template <class C, class Act>
SIMT_DEVICE void for_each_fragment(Act act) {
  SIMT_UNROLL
  for (int i = 0; i < C::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 8; ++j) act(i, j, i * (C::WARP_N / 8) + j);
  }
}

/// A warp of the block: its part of the tile, and of each tile of the reduction.
template <class C>
struct GemmWarp {
  unsigned lane = simt::lane_idx();
  unsigned place = simt::warp_idx() % C::warps;  ///< in the grid of warps
  int slice = C::slices == 1 ? 0 : static_cast<int>(simt::warp_idx() / C::warps);

  SIMT_DEVICE int m() const { return C::warp_m(place); }
  SIMT_DEVICE int n() const { return C::warp_n(place); }
  /// Whether it is this slice that ends fragment f.
  SIMT_DEVICE bool owns(int f) const { return C::slices == 1 || f % C::slices == slice; }

  /// The products of one stage, added to the sums.
  template <class Tiles>
  SIMT_DEVICE void multiply(const unsigned char* smem_a, const unsigned char* smem_b,
                            tile::Accumulators<C>& sums) const {
    SIMT_UNROLL
    for (int step = 0; step < C::BLOCK_K; step += 16 * C::slices) {
      const int k = step + 16 * slice;
      std::uint32_t a[C::WARP_M / 16][4];
      SIMT_UNROLL
      for (int i = 0; i < C::WARP_M / 16; ++i) Tiles::TileA::load_a(a[i], smem_a, m() + i * 16, k, lane);
      SIMT_UNROLL
      for (int j = 0; j < C::WARP_N / 16; ++j) {
        std::uint32_t b[4];
        Tiles::TileB::load_b(b, smem_b, n() + j * 16, k, lane);
        SIMT_UNROLL
        for (int i = 0; i < C::WARP_M / 16; ++i) sums.multiply(i, j, a[i], b);
      }
    }
  }

  /// Bias, where the sums begin: by one split and one slice.
  SIMT_DEVICE void begin(const ConvParams& params, int first_channel, int channels, bool first_split,
                         tile::Accumulators<C>& sums) const {
    const bool any = params.bias != nullptr && first_split && slice == 0;
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 8; ++j) {
      float bias[2];
      SIMT_UNROLL
      for (int side = 0; side < 2; ++side) {
        const int column = n() + sums.column(j, lane) + side;
        bias[side] =
            any && column < channels ? simt::to_float(simt::load_global(params.bias + first_channel + column)) : 0;
      }
      SIMT_UNROLL
      for (int i = 0; i < C::WARP_M / 16; ++i) {
        SIMT_UNROLL
        for (int value = 0; value < 4; ++value) sums.d[i][j][value] = bias[value % 2];
      }
    }
  }

  /// Where the sums of fragment f are among those of a tile.
  SIMT_DEVICE float* at(float* tile_sums, int f) const {
    return tile_sums + ((static_cast<int>(place) * C::fragments + f) * 32 + static_cast<int>(lane)) * 4;
  }

  /// Adds up what the slices have. `smem`: slices * BLOCK_M * BLOCK_N floats, which nobody uses any more.
  SIMT_DEVICE void add_slices(tile::Accumulators<C>& sums, float* smem) const {
    if constexpr (C::slices > 1) {
      constexpr int tile_floats = C::BLOCK_M * C::BLOCK_N;
      for_each_fragment<C>([&](int i, int j, int f) {
        simt::store_shared(reinterpret_cast<simt::Vec4*>(at(smem + slice * tile_floats, f)), pack(sums.d[i][j]));
      });
      simt::sync_threads();
      for_each_fragment<C>([&](int i, int j, int f) {
        if (!owns(f)) return;
        float total[4] = {};
        SIMT_UNROLL
        for (int from = 0; from < C::slices; ++from)
          add(total, simt::load_shared(reinterpret_cast<const simt::Vec4*>(at(smem + from * tile_floats, f))));
        SIMT_UNROLL
        for (int value = 0; value < 4; ++value) sums.d[i][j][value] = total[value];
      });
    }
  }

  SIMT_DEVICE static simt::Vec4 pack(const float (&sums)[4]) {
    return {std::bit_cast<std::uint32_t>(sums[0]), std::bit_cast<std::uint32_t>(sums[1]),
            std::bit_cast<std::uint32_t>(sums[2]), std::bit_cast<std::uint32_t>(sums[3])};
  }
  SIMT_DEVICE static void add(float (&total)[4], const simt::Vec4& part) {
    total[0] += std::bit_cast<float>(part.x);
    total[1] += std::bit_cast<float>(part.y);
    total[2] += std::bit_cast<float>(part.z);
    total[3] += std::bit_cast<float>(part.w);
  }

  /// Leaves the sums of this split, and in the last block to come adds up those of all. False: another block ends the
  /// tile. `flag`: in shared memory.
  SIMT_DEVICE bool add_splits(tile::Accumulators<C>& sums, const GemmParams& p, std::int64_t of_tile, int split,
                              unsigned* flag) const {
    constexpr int tile_floats = C::BLOCK_M * C::BLOCK_N;
    float* const partials = p.partials + of_tile * p.splits * tile_floats;
    for_each_fragment<C>([&](int i, int j, int f) {
      if (owns(f))
        simt::store_global(reinterpret_cast<simt::Vec4*>(at(partials + split * tile_floats, f)), pack(sums.d[i][j]));
    });
    if (!tile::is_last_block(p.arrived + of_tile, static_cast<unsigned>(p.splits), flag, simt::linear_thread_idx()))
      return false;
    for_each_fragment<C>([&](int i, int j, int) {
      SIMT_UNROLL
      for (float& value : sums.d[i][j]) value = 0;
    });
    for (int from = 0; from < p.splits; ++from)
      for_each_fragment<C>([&](int i, int j, int f) {
        if (owns(f)) add(sums.d[i][j], simt::load_global_16_written(at(partials + from * tile_floats, f)));
      });
    return true;
  }

  /// Rounds, and stores the tile.
  template <class Output>
  SIMT_DEVICE void end(const Output& output, const tile::Accumulators<C>& sums) const {
    output.put_all([&](auto put) {
      for_each_fragment<C>([&](int i, int j, int f) {
        if (!owns(f)) return;
        SIMT_UNROLL
        for (int half = 0; half < 2; ++half)
          put(m() + sums.row(i, half, lane), n() + sums.column(j, lane), sums.d[i][j][2 * half],
              sums.d[i][j][2 * half + 1]);
      });
    });
    simt::sync_threads();
    output.store();
  }
};

/// Grid: x = pixel tiles, for each phase in turn; y = tiles of output channels; z = groups, and splits of each.
template <class C, bool TRANSPOSED, bool VECTORIZED>
SIMT_KERNEL(C::threads, (VECTORIZED && !TRANSPOSED ? C::blocks_per_multiprocessor : C::blocks_otherwise))
void implicit_gemm(const SIMT_GRID_CONSTANT GemmParams p) {
  using Tiles = GemmOperands<C, TRANSPOSED, VECTORIZED>;
  const simt::Dim3 block = simt::block_idx();
  const ConvParams& params = p.conv;
  const int first_pixel = static_cast<int>(block.x) % p.tiles_per_phase * C::BLOCK_M;
  const int first_channel = static_cast<int>(block.y) * C::BLOCK_N;
  const int group = static_cast<int>(block.z) / p.splits, split = static_cast<int>(block.z) % p.splits;
  const Walks walks = p.template walks<TRANSPOSED>(TRANSPOSED ? static_cast<int>(block.x) / p.tiles_per_phase : 0);
  // The grid is made for the largest phase.
  simt::grid_launch_dependents();
  if (TRANSPOSED && static_cast<std::int64_t>(params.n) * walks.pixels_per_image() <= first_pixel)
    return simt::grid_dependency_wait();

  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  auto* const origins = reinterpret_cast<PixelOrigin*>(smem + C::num_stages * C::stage_bytes);
  auto* const output_pixels = reinterpret_cast<int*>(origins + C::BLOCK_M);
  auto* const flag = reinterpret_cast<unsigned*>(output_pixels + C::BLOCK_M);
  fill_pixels<C::BLOCK_M, C::threads>(origins, output_pixels, params, walks, first_pixel);
  const int all_k_tiles = Tiles::Cut::k_tiles(walks.rows.taps * walks.columns.taps, params.c_per_group);
  const int first_k_tile = static_cast<int>(static_cast<std::int64_t>(all_k_tiles) * split / p.splits);
  const int k_tiles = static_cast<int>(static_cast<std::int64_t>(all_k_tiles) * (split + 1) / p.splits) - first_k_tile;

  // The output's tile takes the place of the first stage that is loaded no more, where it has room there.
  constexpr bool early = C::output_bytes <= C::stage_bytes;
  const OutputTile<C::BLOCK_M, C::BLOCK_N, C::threads> output{
      params, output_pixels, group * params.k_per_group + first_channel, params.k_per_group - first_channel,
      smem + (early ? k_tiles % C::num_stages * C::stage_bytes : 0)};
  const GemmWarp<C> warp{};
  tile::Accumulators<C> sums;
  warp.begin(params, output.first_channel, output.channels, split == 0, sums);
  simt::sync_threads();  // the pixels are there
  typename Tiles::Image image(params, walks, origins, group, first_k_tile);
  typename Tiles::Filter filter(params, walks, first_channel, group, first_k_tile);

  // Gathered elements go through registers: no more than one tile can be under way.
  constexpr int ahead = VECTORIZED ? C::num_stages - 1 : 1;
  const auto start_filter = [&](int k_tile, int stage) {
    if (k_tile < k_tiles) filter.start(smem + stage * C::stage_bytes + C::smem_a_bytes);
  };
  const auto start_image = [&](int k_tile, int stage) {
    if (k_tile < k_tiles)
      image.start(smem + stage * C::stage_bytes);
    else if (early && k_tile == k_tiles)
      output.load_residual();
  };
  const auto finish = [&](int k_tile, int stage) {
    if (VECTORIZED || k_tile >= k_tiles) return;
    image.finish(smem + stage * C::stage_bytes);
    filter.finish(smem + stage * C::stage_bytes + C::smem_a_bytes);
  };

  if constexpr (VECTORIZED) {  // the filter does not wait for the kernel before this one
    SIMT_UNROLL
    for (int stage = 0; stage < ahead; ++stage) start_filter(stage, stage);
  }
  simt::grid_dependency_wait();
  SIMT_UNROLL
  for (int stage = 0; stage < ahead; ++stage) {
    start_image(stage, stage);
    if constexpr (!VECTORIZED) start_filter(stage, stage);
    simt::cp_async_commit();
    finish(stage, stage);
  }
  tile::StageRing<C::num_stages> ring, next;
  next.stage = ahead;
  for (int k_tile = 0; k_tile < k_tiles; ++k_tile) {
    simt::cp_async_wait<ahead - 1>();
    simt::sync_threads();  // this tile has landed for all, and all are done with the stage that is loaded next
    start_image(k_tile + ahead, next.stage);
    start_filter(k_tile + ahead, next.stage);
    simt::cp_async_commit();  // empty at the end, so that the count of groups stays right
    const unsigned char* const smem_a = smem + ring.stage * C::stage_bytes;
    warp.template multiply<Tiles>(smem_a, smem_a + C::smem_a_bytes, sums);
    finish(k_tile + ahead, next.stage);
    ring.advance();
    next.advance();
  }
  simt::cp_async_wait<0>();
  simt::sync_threads();  // all are done with the stages
  if constexpr (C::slices > 1) {
    // Behind the output's tile, which may hold the residual by now.
    static_assert(early && C::num_stages > 1 && C::slices * C::output_bytes * 2 <= C::stage_bytes);
    warp.add_slices(sums, reinterpret_cast<float*>(smem + (k_tiles + 1) % C::num_stages * C::stage_bytes));
  }
  if (p.splits > 1) {
    const std::int64_t tile =
        (static_cast<std::int64_t>(group) * simt::grid_dim().y + block.y) * simt::grid_dim().x + block.x;
    if (!warp.add_splits(sums, p, tile, split, flag)) return;
  }
  if constexpr (!early) {
    output.load_residual();
    simt::cp_async_commit();
    simt::cp_async_wait<0>();
    simt::sync_threads();
  }
  warp.end(output, sums);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
