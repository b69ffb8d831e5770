// Tensor-Core matmul for sm_90a where C is small or has few rows: decoding, and products too small for large tiles.
// docs/matmul.md has the picture.
//
// A and B change places: the rows of a wgmma, 64 at least, are columns of C (weights), its columns are rows of C
// (tokens), of which it takes as few as 16. One warp loads, through as many stages as fit, since what counts is the
// bytes under way. Where there are fewer tiles than multiprocessors, the blocks of a cluster divide K. Each leaves its
// sums in its shared memory, and adds a part of all of them up, always in the same order: the same input gives the same
// bits.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/cluster_places.h"
#include "kernels/tile/divided_tiles.h"
#include "kernels/tile/matrix_map.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/tile_order.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate {
namespace {

/// A tile is BLOCK_M rows of C (tokens) by BLOCK_N of its columns (weights), 64 for each warpgroup.
template <int BLOCK_M_, int GROUPS, int BLOCK_K_, int NUM_STAGES>
struct Config {
  static constexpr int BLOCK_M = BLOCK_M_, BLOCK_N = 64 * GROUPS, BLOCK_K = BLOCK_K_;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int groups = GROUPS;
  static constexpr int math_threads = 128 * GROUPS, threads = math_threads + 32;

  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_a_bytes + smem_b_bytes;
  /// Floats from one token's sums to the next one's: neighbouring lanes have columns next to each other, and every
  /// fourth a token two further on, which is 8 banks.
  static constexpr int sums_ld = BLOCK_N + 4;
  static constexpr int sums_bytes = BLOCK_M * sums_ld * 4;
  static constexpr int smem_bytes =
      num_stages * stage_bytes + sums_bytes + static_cast<int>(sizeof(tile::MbarrierRing<num_stages>));
  static_assert(smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(9, 0)));
  static_assert(smem_a_bytes % 1024 == 0 && smem_b_bytes % 1024 == 0, "swizzles begin anew");
};

constexpr unsigned most_splits = simt::max_cluster_blocks;

struct Params {
  simt::TensorMap a, b;
  f16* c;
  std::int64_t m, n;
  int k_tiles;
  tile::BatchedTiles tiles;
  unsigned splits;          ///< blocks of a cluster; with more than one the grid has a cluster for each tile
  unsigned log2_splits;     ///< a kernel divides by them before its first load
  bool c_in_fours;          ///< four columns of C from a multiple of four on are at a multiple of 8 bytes
  simt::CacheHint b_again;  ///< for weights: whether other tiles read the same ones
  EpilogueParams epilogue;
};

template <class C, Layout LAYOUT, Type TYPE = Type::f16>
struct Operands {
  static constexpr simt::Major a_major = a_transposed(LAYOUT) ? simt::Major::mn : simt::Major::k;
  static constexpr simt::Major b_major = b_transposed(LAYOUT) ? simt::Major::k : simt::Major::mn;
  using TileA = tile::WgmmaOperand<C::BLOCK_M, C::BLOCK_K, a_major>;
  using TileB = tile::WgmmaOperand<C::BLOCK_N, C::BLOCK_K, b_major>;
  static constexpr simt::WgmmaForm form{
      .input = tile::wgmma_input(TYPE), .a = b_major, .b = a_major};  // they change places
};

/// A block's shared memory, and what its roles share.
template <class C>
struct Block {
  const Params& p;
  unsigned char* smem;
  int first_k_tile, last_k_tile;  ///< this block's share of K; the last one is not in it

  SIMT_DEVICE Block(const Params& params, unsigned rank) : p(params), smem(simt::dynamic_shared<unsigned char>()) {
    const auto share = [&](unsigned of) { return static_cast<int>(std::int64_t{of} * p.k_tiles >> p.log2_splits); };
    first_k_tile = share(rank);
    last_k_tile = share(rank + 1);
  }

  SIMT_DEVICE unsigned char* smem_b(int stage) const { return smem + stage * C::stage_bytes; }
  SIMT_DEVICE unsigned char* smem_a(int stage) const { return smem_b(stage) + C::smem_b_bytes; }
  SIMT_DEVICE float* sums() const { return reinterpret_cast<float*>(smem_b(C::num_stages)); }
  SIMT_DEVICE tile::MbarrierRing<C::num_stages>& ring() const {
    return *reinterpret_cast<tile::MbarrierRing<C::num_stages>*>(smem_b(C::num_stages) + C::sums_bytes);
  }

  /// act(first row, first column, item of the batch), for each tile of this block.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    for (unsigned i = simt::block_idx().x >> p.log2_splits; i < p.tiles.count();
         i += simt::grid_dim().x >> p.log2_splits) {
      const auto [tile, item] = p.tiles.by_column(i);
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
    for (int k_tile = block.first_k_tile; k_tile < block.last_k_tile; ++k_tile, slot.advance()) {
      block.ring().wait_empty(slot);
      simt::Mbarrier* const full = &block.ring().full[slot.stage];
      simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);
      Tiles::TileB::load(block.smem_b(slot.stage), block.p.b, full, n, k_tile * C::BLOCK_K, item, 0, block.p.b_again);
      Tiles::TileA::load(block.smem_a(slot.stage), block.p.a, full, m, k_tile * C::BLOCK_K, item, 0,
                         simt::CacheHint::evict_last);
    }
  });
}

/// By all multiplying threads, when the sums of all blocks of the cluster are in shared memory: adds up this block's
/// part of the tokens, rounds and stores it.
template <Type TYPE, class C>
SIMT_DEVICE void store_part(const Block<C>& block, unsigned rank, int m, int n, int item) {
  const Params& p = block.p;
  constexpr int fours = C::BLOCK_N / 4;
  const int first = static_cast<int>(C::BLOCK_M * rank >> p.log2_splits);
  const int last = static_cast<int>(C::BLOCK_M * (rank + 1) >> p.log2_splits);
  const int rows = std::min<std::int64_t>(last, p.m - m) - first;
  for (int i = static_cast<int>(simt::linear_thread_idx()); i < rows * fours; i += C::math_threads) {
    const int row = first + i / fours, column = i % fours * 4;
    if (n + column >= p.n) continue;
    float* const own = block.sums() + row * C::sums_ld + column;
    simt::Vec4 parts[most_splits];  // all on their way before the first is needed
    SIMT_UNROLL
    for (unsigned split = 0; split < most_splits; ++split)
      if (split < p.splits)
        parts[split] = simt::load_cluster(simt::map_shared_rank(reinterpret_cast<simt::Vec4*>(own), split));
    float sums[4] = {};
    SIMT_UNROLL
    for (unsigned split = 0; split < most_splits; ++split) {
      if (split < p.splits) {
        const auto part = std::bit_cast<std::array<float, 4>>(parts[split]);
        SIMT_UNROLL
        for (int j = 0; j < 4; ++j) sums[j] += part[j];
      }
    }
    const std::int64_t at = item * p.m + m + row;
    if (!p.epilogue.plain) {
      finish_pair<TYPE>(p.epilogue, sums[0], sums[1], at, n + column);
      finish_pair<TYPE>(p.epilogue, sums[2], sums[3], at, n + column + 2);
    }
    const std::uint64_t rounded =
        tile::pack_pair<TYPE>(sums[0], sums[1]) | std::uint64_t{tile::pack_pair<TYPE>(sums[2], sums[3])} << 32;
    f16* const to = p.c + at * p.n + n + column;
    if (p.c_in_fours) {
      simt::store_global(reinterpret_cast<std::uint64_t*>(to), rounded);
    } else {
      SIMT_UNROLL
      for (int j = 0; j < 4; ++j)
        if (n + column + j < p.n) simt::store_global(to + j, f16{static_cast<std::uint16_t>(rounded >> 16 * j)});
    }
  }
}

/// By the multiplying warpgroups.
template <Type TYPE, class C, Layout LAYOUT>
SIMT_DEVICE void multiply_tiles(const Block<C>& block, unsigned rank) {
  using Tiles = Operands<C, LAYOUT, TYPE>;
  const unsigned thread = simt::linear_thread_idx() % 128, lane = thread % 32, group = simt::linear_thread_idx() / 128;
  auto& ring = block.ring();
  tile::StageRing<C::num_stages> slot;
  float sums[C::BLOCK_M / 2];
  block.for_each_tile([&](int m, int n, int item) {
    for (int k_tile = block.first_k_tile; k_tile < block.last_k_tile; ++k_tile, slot.advance()) {
      ring.wait_full(slot);
      const auto b = Tiles::TileB::descriptor(block.smem_b(slot.stage), static_cast<int>(group) * 64);
      const auto a = Tiles::TileA::descriptor(block.smem_a(slot.stage), 0);
      simt::wgmma_fence();
      SIMT_UNROLL
      for (int k = 0; k < C::BLOCK_K; k += 16)
        simt::wgmma_m64nNk16<C::BLOCK_M, Tiles::form>(sums, Tiles::TileB::at_k(b, k), Tiles::TileA::at_k(a, k),
                                                      k_tile > block.first_k_tile || k > 0);
      simt::wgmma_commit();
      simt::wgmma_wait<1>();
      if (k_tile > block.first_k_tile && thread == 0) simt::mbarrier_arrive(&ring.empty[slot.before()]);
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
    if (block.p.splits > 1) {
      simt::cluster_sync();
      store_part<TYPE>(block, rank, m, n, item);
      return;
    }
    simt::named_barrier_sync(1, C::math_threads);
    store_part<TYPE>(block, 0, m, n, item);
    simt::named_barrier_sync(1, C::math_threads);  // before the next tile's sums take their place
  });
}

template <Type TYPE, class C, Layout LAYOUT>
SIMT_KERNEL(C::threads, 1)
void matmul_small_m(const SIMT_GRID_CONSTANT Params p) {
  const unsigned rank = p.splits > 1 ? simt::cluster_rank() : 0;
  const Block<C> block(p, rank);
  constexpr unsigned loader = C::math_threads / 32;
  const unsigned warp = simt::warp_idx();
  if (simt::linear_thread_idx() == C::math_threads) {
    simt::prefetch_tensor_map(p.b);
    simt::prefetch_tensor_map(p.a);
    block.ring().init(1, C::groups);
    simt::fence_mbarrier_init();
  }
  simt::sync_threads();
  if (warp == loader) {
    if (simt::elect_one()) load_tiles<C, LAYOUT>(block);
    simt::sync_warp();
    if (p.splits > 1) simt::cluster_sync();  // the one of multiply_tiles, at which all threads meet
  } else {
    multiply_tiles<TYPE, C, LAYOUT>(block, rank);
  }
  if (p.splits > 1) {  // the others may still read this block's sums
    simt::cluster_arrive_relaxed();
    simt::cluster_wait();
  }
}

using Kernel = void (*)(Params);

template <class C>
Kernel kernel_for(const Matmul::Problem& problem) {
  return with_type(problem.type, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [](auto layout_constant) -> Kernel {
      return matmul_small_m<TYPE, C, decltype(layout_constant)::value>;
    });
  });
}

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

template <class C>
std::int64_t tile_count(const Matmul::Problem& problem) {
  return ceil_div(problem.m, C::BLOCK_M) * ceil_div(problem.n, C::BLOCK_N) * problem.batch;
}

/// How long a problem should take in tiles of C, its K divided `splits` times: in cycles, but for what is always the
/// same. Chooses, no more; infinite where it can't be done.
///
/// Source  H200 at 1.98 GHz: L2 has 4850 bytes a cycle, memory 2070, and a multiprocessor takes 34 by itself. wgmma of
/// n
///         columns takes n / 2 cycles, or reads 32 (64 + n) bytes of shared memory, at 128 a cycle. Blocks of a cluster
///         meet in about 1100 cycles, and read 19 bytes a cycle of each other's sums.
template <class C>
double cycles(const Device& device, const Matmul::Problem& problem, unsigned splits) {
  const std::int64_t blocks = tile_count<C>(problem) * splits, k_tiles = ceil_div(problem.k, C::BLOCK_K);
  if (splits > 1 && (blocks > tile::cluster_places(device.multiprocessors, splits) * splits || splits > k_tiles))
    return std::numeric_limits<double>::infinity();
  const std::int64_t at_once = std::min<std::int64_t>(blocks, std::max(1, device.multiprocessors));
  const double bytes_a_cycle = std::min(34.0, 4850.0 / static_cast<double>(at_once));
  const double load = C::stage_bytes / bytes_a_cycle;
  const double multiply = C::groups * (C::BLOCK_K / 16) * std::max(C::BLOCK_M / 2, (64 + C::BLOCK_M) * 32 / 128);
  const double body =
      static_cast<double>(ceil_div(blocks, at_once) * ceil_div(k_tiles, splits)) * std::max(load, multiply);
  const double memory = Matmul::work(problem).bytes / 2070;
  const double add_up = splits == 1 ? 0 : 1100 + C::sums_bytes * (1 - 1.0 / splits) / 19;
  return std::max(body, memory) + add_up;
}

template <class C>
Launch make_launch(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers,
                   unsigned splits) {
  using Nt = Operands<C, Layout::nt>;  // both contiguous along K
  using Tn = Operands<C, Layout::tn>;  // neither
  const std::int64_t a_rows = problem.a_transposed() ? problem.k : problem.m;
  const std::int64_t b_rows = problem.b_transposed() ? problem.n : problem.k;
  const tile::MatrixBatch a{"a", buffers.a, a_rows, problem.lda(), problem.batch},
      b{"b", buffers.b, b_rows, problem.ldb(), problem.batch};
  for (const tile::MatrixBatch& operand : {a, b})
    if (!operand.fits_tma())
      throw Unsupported(std::string(operand.name) + " does not begin at a multiple of 16 bytes, which TMA needs");
  const Params params{
      .a = tile::matrix_map(a, problem.a_transposed() ? Tn::TileA::box : Nt::TileA::box),
      .b = tile::matrix_map(b, problem.b_transposed() ? Nt::TileB::box : Tn::TileB::box),
      .c = buffers.c,
      .m = problem.m,
      .n = problem.n,
      .k_tiles = static_cast<int>(ceil_div(problem.k, C::BLOCK_K)),
      .tiles = {static_cast<unsigned>(ceil_div(problem.m, C::BLOCK_M)),
                static_cast<unsigned>(ceil_div(problem.n, C::BLOCK_N)), static_cast<unsigned>(problem.batch)},
      .splits = splits,
      .log2_splits = static_cast<unsigned>(std::countr_zero(splits)),
      .c_in_fours = problem.n % 4 == 0 && reinterpret_cast<std::uintptr_t>(buffers.c) % 8 == 0,
      .b_again = problem.m <= C::BLOCK_M ? simt::CacheHint::evict_first : simt::CacheHint::evict_normal,
      .epilogue = epilogue_params(problem, buffers)};
  const std::int64_t tiles = params.tiles.count();
  const std::int64_t clusters = splits > 1 ? tiles : std::min<std::int64_t>(tiles, std::max(1, device.multiprocessors));
  simt::LaunchShape shape{{static_cast<unsigned>(clusters) * splits}, {C::threads}, C::smem_bytes, "matmul_small_m"};
  shape.cluster = {splits};
  const Kernel kernel = kernel_for<C>(problem);
  return [=](Stream stream) { simt::launch(kernel, shape, stream, params); };
}

using Tokens16 = Config<16, 1, 128, 8>;
using Tokens32 = Config<32, 1, 128, 8>;
using Tokens64 = Config<64, 1, 128, 6>;
using Tokens128 = Config<128, 2, 64, 5>;

constexpr tile::DividedTile<Matmul> tiles[] = {{"16x64x128, 8 stages", cycles<Tokens16>, make_launch<Tokens16>},
                                               {"32x64x128, 8 stages", cycles<Tokens32>, make_launch<Tokens32>},
                                               {"64x64x128, 6 stages", cycles<Tokens64>, make_launch<Tokens64>},
                                               {"128x128x64, 5 stages", cycles<Tokens128>, make_launch<Tokens128>}};

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability != 90)
    return Support::no("needs compute capability 9.0, for wgmma");
  if (problem.k == 0) return Support::no("has nothing to load where K is 0");
  if (problem.lda() % 8 != 0 || problem.ldb() % 8 != 0)
    return Support::no("needs rows of A and B that are whole multiples of 16 bytes, for TMA");
  if (tile_count<Tokens16>(problem) > std::numeric_limits<int>::max())
    return Support::no("has more tiles than it can count");
  return {};
}

Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  return tile::launch_quickest<Matmul>(tiles, most_splits, device, problem, buffers);
}

const Register<Matmul> registered{{.name = "sm90a_small_m",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = tile::policies<Matmul>(tiles, most_splits, ", K by ")}};

}  // namespace
}  // namespace kernelgate
