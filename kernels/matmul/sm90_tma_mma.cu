// Tensor-Core matmul from sm_90 on without wgmma: TMA loads, mbarriers say when, warps multiply by mma. For sm_100 and
// sm_120, and what is left of it on an H100. docs/matmul.md has the picture.
//
// Blocks stay, one on each multiprocessor, and take one tile after the other. One warp loads, on into the next tile
// while the others store this one. Each of those has 64 x 64 of the tile, and rounds and stores it by itself, 16 rows
// at a time through shared memory of its own. Operands whose rows TMA can't load are packed first.

#include <algorithm>
#include <limits>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/mma_cost.h"
#include "kernels/matmul/multistage_loop.h"
#include "kernels/matmul/pack_rows.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/epilogue.h"
#include "kernels/tile/matrix_map.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/tile_order.h"
#include "kernels/tile/tma_operand_tile.h"
#include "kernels/tile/warp_fragments.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate {
namespace {

template <int BLOCK_M, int BLOCK_N, int WARPS_M, int WARPS_N, int NUM_STAGES>
struct Config : tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, WARPS_N> {
  static constexpr int BLOCK_K = 64;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int math_warps = WARPS_M * WARPS_N;
  static constexpr int block_threads = Config::threads + 32;  ///< with the warp that loads
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_a_bytes + smem_b_bytes;
  using Strip = tile::SwizzledTile<16, Config::WARP_N>;  ///< of C, in which a warp stores; or 8 rows of sums
  static_assert(Strip::smem_bytes == SumRows<Config::WARP_N>::smem_bytes);
  static constexpr int smem_bytes = num_stages * stage_bytes + math_warps * Strip::smem_bytes +
                                    static_cast<int>(sizeof(tile::MbarrierRing<num_stages>));
  static_assert(smem_a_bytes % 1024 == 0 && smem_b_bytes % 1024 == 0, "swizzles begin anew");
};

// Four warps that multiply and one that loads. With eight and one, a scheduler would hold three warps, and each had 168
// registers: 64 x 64 sums and their fragments take more.
using Deep = Config<128, 128, 2, 2, 6>;     // 200 KiB: sm_90, sm_100
using Shallow = Config<128, 128, 2, 2, 2>;  // 72 KiB: sm_120 has 99
static_assert(Deep::smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(9, 0)));
static_assert(Shallow::smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(12, 0)));

struct Params {
  simt::TensorMap a, b;
  f16* c;
  std::int64_t m, n;
  int k_tiles;
  tile::BatchedTiles tiles;
  unsigned c_alignment;  ///< of each row of C
  EpilogueParams epilogue;
};

template <class C, Layout LAYOUT>
struct Operands {
  using TileA = tile::TmaOperandTile<C::BLOCK_M, C::BLOCK_K, a_transposed(LAYOUT) ? simt::Major::mn : simt::Major::k>;
  using TileB = tile::TmaOperandTile<C::BLOCK_N, C::BLOCK_K, b_transposed(LAYOUT) ? simt::Major::k : simt::Major::mn>;
};

/// A block's shared memory, and what its roles share.
template <class C>
struct Block {
  const Params& p;
  unsigned char* smem;

  SIMT_DEVICE unsigned char* smem_a(int stage) const { return smem + stage * C::stage_bytes; }
  SIMT_DEVICE unsigned char* smem_b(int stage) const { return smem_a(stage) + C::smem_a_bytes; }
  SIMT_DEVICE unsigned char* smem_c(unsigned warp) const { return smem_a(C::num_stages) + warp * C::Strip::smem_bytes; }
  SIMT_DEVICE tile::MbarrierRing<C::num_stages>& ring() const {
    return *reinterpret_cast<tile::MbarrierRing<C::num_stages>*>(smem_c(C::math_warps));
  }

  /// act(first row, first column, item of the batch), for each tile of this block.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    for (unsigned i = simt::block_idx().x; i < p.tiles.count(); i += simt::grid_dim().x) {
      const auto [tile, item] = p.tiles.grouped(i);
      act(static_cast<int>(tile.m) * C::BLOCK_M, static_cast<int>(tile.n) * C::BLOCK_N, item);
    }
  }
};

/// By one thread: fills stages as they become empty, for all tiles of the block.
template <class C, Layout LAYOUT>
SIMT_DEVICE void load_tiles(const Block<C>& block) {
  using Tiles = Operands<C, LAYOUT>;
  tile::StageRing<C::num_stages> slot;
  block.for_each_tile([&](int m, int n, int item) {
    for (int k_tile = 0; k_tile < block.p.k_tiles; ++k_tile, slot.advance()) {
      block.ring().wait_empty(slot);
      simt::Mbarrier* const full = &block.ring().full[slot.stage];
      simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);
      Tiles::TileA::load(block.smem_a(slot.stage), block.p.a, full, m, k_tile * C::BLOCK_K, item);
      Tiles::TileB::load(block.smem_b(slot.stage), block.p.b, full, n, k_tile * C::BLOCK_K, item);
    }
  });
}

/// By a warp: rounds its part of a tile and stores it, 16 rows at a time.
template <Type TYPE, class C>
SIMT_DEVICE void store_warp(const Block<C>& block, const tile::Accumulators<C>& sums, int m, int n, int item,
                            unsigned warp) {
  const Params& p = block.p;
  const unsigned lane = simt::lane_idx();
  unsigned char* const smem = block.smem_c(warp);
  const int column = n + C::warp_n(warp);
  SIMT_UNROLL
  for (int i = 0; i < C::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 16; ++j) {
      const auto& left = sums.d[i][2 * j];
      const auto& right = sums.d[i][2 * j + 1];
      const std::uint32_t pairs[4] = {tile::pack_pair<TYPE>(left[0], left[1]), tile::pack_pair<TYPE>(left[2], left[3]),
                                      tile::pack_pair<TYPE>(right[0], right[1]),
                                      tile::pack_pair<TYPE>(right[2], right[3])};
      simt::stmatrix_x4(smem + C::Strip::offset(static_cast<int>(lane % 16), 2 * j + static_cast<int>(lane / 16)),
                        pairs);
    }
    simt::sync_warp();
    const int row = m + C::warp_m(warp) + i * 16;
    tile::store_tile<typename C::Strip, 32>(
        {p.c + (item * p.m + row) * p.n + column, p.n, p.m - row, p.n - column, p.c_alignment}, smem, lane);
    simt::sync_warp();  // before the next strip takes its place
  }
}

/// By each warp but the one that loads.
template <Type TYPE, class C, Layout LAYOUT>
SIMT_DEVICE void multiply_tiles(const Block<C>& block, unsigned warp) {
  using Tiles = Operands<C, LAYOUT>;
  const Params& p = block.p;
  const unsigned lane = simt::lane_idx();
  const int warp_m = C::warp_m(warp), warp_n = C::warp_n(warp);
  constexpr int k_steps = C::BLOCK_K / 16;
  using Fragments = tile::WarpFragments<C, typename Tiles::TileA, typename Tiles::TileB>;
  tile::StageRing<C::num_stages> slot;
  block.for_each_tile([&](int m, int n, int item) {
    tile::Accumulators<C> sums;
    sums.clear();
    for (int k_tile = 0; k_tile < p.k_tiles; ++k_tile, slot.advance()) {
      block.ring().wait_full(slot);
      Fragments fragments;
      const auto from = [&](int step) {
        return typename Fragments::From{block.smem_a(slot.stage), block.smem_b(slot.stage), step * 16};
      };
      fragments.load(from(0), warp_m, warp_n, lane);
      SIMT_UNROLL
      for (int step = 0; step < k_steps; ++step) {
        if (step + 1 == k_steps) {  // all of the stage is in registers
          simt::sync_warp();
          if (lane == 0) simt::mbarrier_arrive(&block.ring().empty[slot.stage]);
        }
        fragments.template multiply<TYPE>(sums, step, step + 1 < k_steps, from(step + 1), warp_m, warp_n, lane);
      }
    }
    if (p.epilogue.plain)
      store_warp<TYPE>(block, sums, m, n, item, warp);
    else
      finish_and_store<TYPE>(p.epilogue, sums, item * p.m + m, p.m - m, n, p.c, block.smem_c(0),
                             simt::linear_thread_idx());
  });
}

template <Type TYPE, class C, Layout LAYOUT>
SIMT_KERNEL(C::block_threads, 1)
void matmul_tma_mma(const SIMT_GRID_CONSTANT Params p) {
  const Block<C> block{p, simt::dynamic_shared<unsigned char>()};
  const unsigned warp = simt::warp_idx();
  if (simt::linear_thread_idx() == C::threads) {
    simt::prefetch_tensor_map(p.a);
    simt::prefetch_tensor_map(p.b);
    block.ring().init(1, C::math_warps);
    simt::fence_mbarrier_init();
  }
  simt::sync_threads();
  if (warp == C::math_warps) {
    if (simt::elect_one()) load_tiles<C, LAYOUT>(block);
  } else {
    multiply_tiles<TYPE, C, LAYOUT>(block, warp);
  }
}

using Kernel = void (*)(Params);

template <class C>
Launch make_launch(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  using Nt = Operands<C, Layout::nt>;  // both contiguous along K
  using Tn = Operands<C, Layout::tn>;  // neither
  const TmaOperand a = tma_operand(
      device, {"a", buffers.a, problem.a_transposed() ? problem.k : problem.m, problem.lda(), problem.batch});
  const TmaOperand b = tma_operand(
      device, {"b", buffers.b, problem.b_transposed() ? problem.n : problem.k, problem.ldb(), problem.batch});
  const Params params{
      .a = tile::matrix_map(a.matrices, problem.a_transposed() ? Tn::TileA::box : Nt::TileA::box),
      .b = tile::matrix_map(b.matrices, problem.b_transposed() ? Nt::TileB::box : Tn::TileB::box),
      .c = buffers.c,
      .m = problem.m,
      .n = problem.n,
      .k_tiles = static_cast<int>(ceil_div(problem.k, C::BLOCK_K)),
      .tiles = {static_cast<unsigned>(ceil_div(problem.m, C::BLOCK_M)),
                static_cast<unsigned>(ceil_div(problem.n, C::BLOCK_N)), static_cast<unsigned>(problem.batch)},
      .c_alignment = row_alignment(buffers.c, problem.n),
      .epilogue = epilogue_params(problem, buffers)};
  // As many blocks as take no round longer: fewer do the same in the same time, with less power.
  const std::int64_t tiles = params.tiles.count(), at_once = std::max(1, device.multiprocessors);
  const auto blocks = static_cast<unsigned>(ceil_div(tiles, ceil_div(tiles, at_once)));
  const simt::LaunchShape shape{{blocks}, {C::block_threads}, C::smem_bytes, "matmul_tma_mma"};
  const Kernel kernel = with_type(problem.type, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [](auto layout_constant) -> Kernel {
      return matmul_tma_mma<TYPE, C, decltype(layout_constant)::value>;
    });
  });
  return [=, pack_a = a.pack, pack_b = b.pack](Stream stream) {
    if (pack_a) pack_a(stream);
    if (pack_b) pack_b(stream);
    simt::launch(kernel, shape, stream, params);
  };
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 90)
    return Support::no("needs compute capability 9.0, for TMA");
  if (problem.k == 0) return Support::no("has nothing to load where K is 0");
  if (tile_count(problem, Deep::BLOCK_M, Deep::BLOCK_N) > std::numeric_limits<int>::max())
    return Support::no("has more tiles than it can count");
  return {};
}

Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  const std::size_t limit = simt::max_shared_bytes_of(device.compute_capability / 10, device.compute_capability % 10);
  return Deep::smem_bytes <= static_cast<int>(limit) ? make_launch<Deep>(device, problem, buffers)
                                                     : make_launch<Shallow>(device, problem, buffers);
}

const Register<Matmul> registered{{"sm90_tma_mma", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
