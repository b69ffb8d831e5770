// Tensor-Core matmul for sm_90a at the rate of wgmma: tiles of 128 x 256, two warpgroups that multiply and one thread
// that loads. docs/matmul.md has the picture.
//
// Blocks stay, one on each multiprocessor, and take one tile after the other. The two blocks of a cluster have tiles
// below each other, so that each loads half of B's tile for both; where C is small, four have narrow ones side by side,
// and each loads a quarter of A's for all. Each multiplying warpgroup has 64 rows of the tile, in registers. The first
// of them is two k-tiles ahead of the second: while one rounds and stores its rows, the other has the Tensor Cores to
// itself, and they never wait for an epilogue. Operands whose rows TMA can't load are packed first.

#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/pack_rows.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/cluster_places.h"
#include "kernels/tile/matrix_map.h"
#include "kernels/tile/mbarrier_ring.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/tile_order.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate {
namespace {

/// The blocks of a cluster have tiles next to each other: below each other they share B's, side by side A's.
template <int BLOCK_N_, int NUM_STAGES, int CLUSTER_M, int CLUSTER_N>
struct Config {
  static constexpr int BLOCK_M = 128, BLOCK_N = BLOCK_N_, BLOCK_K = 64;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int cluster_m = CLUSTER_M, cluster_n = CLUSTER_N, cluster = CLUSTER_M * CLUSTER_N;
  static_assert(CLUSTER_M == 1 || CLUSTER_N == 1, "all of a cluster load for all");
  static constexpr int rows = cluster_m * BLOCK_M, columns = cluster_n * BLOCK_N;  ///< of C, in a cluster's tiles
  static constexpr int groups = 2;  ///< warpgroups that multiply, 64 rows each
  static constexpr int lead = 2;    ///< k-tiles by which the first group is ahead
  static constexpr int threads = 128 * (1 + groups);
  // 65536 registers are 168 for each of 384 threads: 40 + 2 * 232 = 3 * 168.
  static constexpr unsigned load_registers = 40, math_registers = 232;

  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int stage_bytes = smem_a_bytes + smem_b_bytes;
  static constexpr int slice_n = 64;                    ///< columns of C that are stored at a time
  static constexpr int slice_bytes = 64 * slice_n * 2;  ///< of a group
  static constexpr int slices = 2;                      ///< of a group, in turns
  static constexpr int smem_c_bytes = groups * slices * slice_bytes;
  struct Barriers {
    tile::MbarrierRing<num_stages> ring;
    simt::Mbarrier ahead;  ///< a phase for each tile: the first group is `lead` k-tiles ahead
  };
  static constexpr int smem_bytes = num_stages * stage_bytes + smem_c_bytes + static_cast<int>(sizeof(Barriers));
  static_assert(smem_bytes <= static_cast<int>(simt::max_shared_bytes_of(9, 0)));
  static_assert(BLOCK_N % slice_n == 0 && stage_bytes % 1024 == 0 && slice_bytes % 1024 == 0, "swizzles begin anew");
  static_assert(lead < num_stages, "the second group must find its first stage while the first one waits for no other");
};

struct Params {
  simt::TensorMap a, b, c;
  f16* c_begin;
  std::int64_t m, n;
  int k_tiles;
  tile::BatchedTiles tiles;  ///< each of a whole cluster
  bool tma_stores;           ///< TMA takes C; else threads store its elements
  EpilogueParams epilogue;
};

template <class C, Layout LAYOUT, Type TYPE = Type::f16>
struct Operands {
  static constexpr simt::Major a_major = a_transposed(LAYOUT) ? simt::Major::mn : simt::Major::k;
  static constexpr simt::Major b_major = b_transposed(LAYOUT) ? simt::Major::k : simt::Major::mn;
  using TileA = tile::WgmmaOperand<C::BLOCK_M, C::BLOCK_K, a_major, C::cluster_n>;
  using TileB = tile::WgmmaOperand<C::BLOCK_N, C::BLOCK_K, b_major, C::cluster_m>;
  static constexpr simt::WgmmaForm form{.input = tile::wgmma_input(TYPE), .a = a_major, .b = b_major};
};
constexpr tile::OperandBox slice_box{64, 64, simt::Swizzle::bytes_128};

/// A block's shared memory, and what its roles share.
template <class C>
struct Block {
  const Params& p;
  unsigned char* smem;

  SIMT_DEVICE unsigned char* smem_a(int stage) const { return smem + stage * C::stage_bytes; }
  SIMT_DEVICE unsigned char* smem_b(int stage) const { return smem_a(stage) + C::smem_a_bytes; }
  SIMT_DEVICE unsigned char* smem_c(int group, unsigned slice) const {
    return smem_a(C::num_stages) + (group * C::slices + static_cast<int>(slice % C::slices)) * C::slice_bytes;
  }
  SIMT_DEVICE typename C::Barriers& barriers() const {
    return *reinterpret_cast<typename C::Barriers*>(smem_a(C::num_stages) + C::smem_c_bytes);
  }
  /// With fewer k-tiles than stages the first group could be two tiles ahead, and its mbarrier two phases.
  SIMT_DEVICE bool staggered() const { return p.k_tiles >= C::num_stages; }

  /// act(first row, first column, item of the batch), for each tile of this block.
  template <class Act>
  SIMT_DEVICE void for_each_tile(Act act) const {
    const auto rank = static_cast<int>(simt::cluster_rank());
    const int row = C::cluster_m > 1 ? rank * C::BLOCK_M : 0, column = C::cluster_n > 1 ? rank * C::BLOCK_N : 0;
    for (unsigned i = simt::block_idx().x / C::cluster; i < p.tiles.count(); i += simt::grid_dim().x / C::cluster) {
      const auto [tile, item] = p.tiles.grouped(i);
      act(static_cast<int>(tile.m) * C::rows + row, static_cast<int>(tile.n) * C::columns + column, item);
    }
  }
};

/// By one thread: fills stages as they become empty, for all tiles of the block.
template <class C, Layout LAYOUT>
SIMT_DEVICE void load_tiles(const Block<C>& block) {
  using Tiles = Operands<C, LAYOUT>;
  const Params& p = block.p;
  const unsigned rank = simt::cluster_rank();
  const unsigned part_a = C::cluster_n > 1 ? rank : 0, part_b = C::cluster_m > 1 ? rank : 0;
  auto& ring = block.barriers().ring;
  tile::StageRing<C::num_stages> slot;
  block.for_each_tile([&](int m, int n, int item) {
    for (int k_tile = 0; k_tile < p.k_tiles; ++k_tile, slot.advance()) {
      ring.wait_empty(slot);
      simt::Mbarrier* const full = &ring.full[slot.stage];
      simt::mbarrier_arrive_expect_tx(full, C::stage_bytes);
      Tiles::TileA::load(block.smem_a(slot.stage), p.a, full, m, k_tile * C::BLOCK_K, item, part_a);
      Tiles::TileB::load(block.smem_b(slot.stage), p.b, full, n, k_tile * C::BLOCK_K, item, part_b);
    }
  });
  // The other blocks' groups arrive here for each stage: the block must not end before they have.
  for (int i = 0; i < C::num_stages; ++i, slot.advance()) ring.wait_empty(slot);
}

/// By a warpgroup: rounds 64 rows of a tile and stores them, 64 columns at a time. Its stores are under way when it
/// returns. `stored` counts the slices that it has stored so far.
template <Type TYPE, class C>
SIMT_DEVICE void store_rows(const Block<C>& block, const float (&sums)[C::BLOCK_N / 2], int group, int m, int n,
                            int item, unsigned& stored) {
  const Params& p = block.p;
  const unsigned thread = simt::linear_thread_idx() % 128, lane = thread % 32, first_row = thread / 32 * 16;
  const unsigned barrier = 1 + static_cast<unsigned>(group);
  SIMT_UNROLL
  for (int slice = 0; slice < C::BLOCK_N / C::slice_n; ++slice, ++stored) {
    unsigned char* const smem = block.smem_c(group, stored);
    if (thread == 0) simt::bulk_wait_read<C::slices - 1>();
    simt::named_barrier_sync(barrier, 128);  // nobody reads what the slice before the last left here
    SIMT_UNROLL
    for (int j = 0; j < C::slice_n / 16; ++j) {
      const int first = slice * (C::slice_n / 2) + j * 8;
      std::uint32_t pairs[4];
      SIMT_UNROLL
      for (int i = 0; i < 4; ++i) pairs[i] = tile::pack_pair<TYPE>(sums[first + 2 * i], sums[first + 2 * i + 1]);
      const unsigned row = first_row + lane % 16, chunk = static_cast<unsigned>(j) * 2 + lane / 16;
      simt::stmatrix_x4(smem + simt::swizzled(slice_box.swizzle, row * 128 + chunk * 16), pairs);
    }
    const int column = n + slice * C::slice_n;
    if (p.tma_stores) {
      simt::fence_proxy_async();
      simt::named_barrier_sync(barrier, 128);
      if (thread == 0) {
        if (column < p.n) simt::tma_store_3d(p.c, smem, column, m, item);
        simt::bulk_commit();  // an empty group too, so that the count in bulk_wait_read stays right
      }
      continue;
    }
    simt::sync_warp();  // a warp stores the rows that it wrote
    f16* const to = p.c_begin + item * p.m * p.n + column;
    for (unsigned row = first_row; row < first_row + 16 && m + static_cast<int>(row) < p.m; ++row) {
      SIMT_UNROLL
      for (unsigned i = lane; i < C::slice_n; i += 32) {
        const unsigned at = simt::swizzled(slice_box.swizzle, row * 128 + i / 8 * 16) + i % 8 * 2;
        const f16 value = simt::load_shared(reinterpret_cast<const f16*>(smem + at));
        if (column + static_cast<int>(i) < p.n) simt::store_global(to + (m + std::int64_t{row}) * p.n + i, value);
      }
    }
  }
}

/// By a warpgroup: multiplies and stores 64 rows of each tile of the block.
template <Type TYPE, class C, Layout LAYOUT>
SIMT_DEVICE void multiply_tiles(const Block<C>& block, int group) {
  using Tiles = Operands<C, LAYOUT, TYPE>;
  const Params& p = block.p;
  const unsigned thread = simt::linear_thread_idx() % 128;
  auto& ring = block.barriers().ring;
  simt::Mbarrier* const ahead = &block.barriers().ahead;
  // The stage may be filled again when the groups of all blocks say so, for all blocks write into it.
  const auto release = [&](int stage) {
    if (thread < C::cluster) simt::mbarrier_arrive_cluster_relaxed(simt::map_shared_rank(&ring.empty[stage], thread));
  };
  tile::StageRing<C::num_stages> slot;
  unsigned tile_parity = 0, stored = 0;
  float sums[C::BLOCK_N / 2];
  block.for_each_tile([&](int m, int n, int item) {
    if (group == 1 && block.staggered()) simt::mbarrier_wait(ahead, tile_parity);
    tile_parity ^= 1;
    for (int k_tile = 0; k_tile < p.k_tiles; ++k_tile, slot.advance()) {
      ring.wait_full(slot);
      const auto a = Tiles::TileA::descriptor(block.smem_a(slot.stage), group * 64);
      const auto b = Tiles::TileB::descriptor(block.smem_b(slot.stage), 0);
      simt::wgmma_fence();
      SIMT_UNROLL
      for (int k = 0; k < C::BLOCK_K; k += 16)
        simt::wgmma_m64nNk16<C::BLOCK_N, Tiles::form>(sums, Tiles::TileA::at_k(a, k), Tiles::TileB::at_k(b, k),
                                                      k_tile > 0 || k > 0);
      simt::wgmma_commit();
      if (group == 0 && k_tile == C::lead - 1 && block.staggered() && thread == 0) simt::mbarrier_arrive(ahead);
      simt::wgmma_wait<1>();
      if (k_tile > 0) release(slot.before());
    }
    simt::wgmma_wait<0>(sums);
    release(slot.before());
    const int first_row = m + group * 64;
    if (!p.epilogue.plain) finish_wgmma_sums<TYPE>(p.epilogue, sums, item * p.m + first_row, p.m - first_row, n);
    store_rows<TYPE>(block, sums, group, first_row, n, item, stored);
  });
  if (thread == 0) simt::bulk_wait_read<0>();
}

template <Type TYPE, class C, Layout LAYOUT>
SIMT_KERNEL(C::threads, 1)
void matmul_cooperative(const SIMT_GRID_CONSTANT Params p) {
  const Block<C> block{p, simt::dynamic_shared<unsigned char>()};
  if (simt::linear_thread_idx() == 0) {
    simt::prefetch_tensor_map(p.a);
    simt::prefetch_tensor_map(p.b);
    if (p.tma_stores) simt::prefetch_tensor_map(p.c);
    block.barriers().ring.init(1, C::groups * C::cluster);
    simt::mbarrier_init(&block.barriers().ahead, 1);
    simt::fence_mbarrier_init();
  }
  simt::cluster_arrive_relaxed();
  simt::cluster_wait();  // the other blocks' mbarriers are there
  const unsigned warp = simt::warp_idx();
  if (warp < 4) {
    simt::set_max_registers_dec<C::load_registers>();
    if (warp == 0) {
      if (simt::elect_one()) load_tiles<C, LAYOUT>(block);
      simt::sync_warp();
    }
  } else {
    simt::set_max_registers_inc<C::math_registers>();
    multiply_tiles<TYPE, C, LAYOUT>(block, static_cast<int>(warp) / 4 - 1);
  }
}

using Kernel = void (*)(Params);

template <class C>
Kernel kernel_for(const Matmul::Problem& problem) {
  return with_type(problem.type, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [](auto layout_constant) -> Kernel {
      return matmul_cooperative<TYPE, C, decltype(layout_constant)::value>;
    });
  });
}

std::int64_t tile_count(const Matmul::Problem& problem, int block_m, int block_n) {
  return (problem.m + block_m - 1) / block_m * ((problem.n + block_n - 1) / block_n) * problem.batch;
}

template <class C>
std::int64_t clusters_of(const Device& device) {
  return tile::cluster_places(device.multiprocessors, C::cluster);
}

/// How long a problem should take in tiles of C, in cycles: rounds of all clusters, times those of their k-tiles.
/// Chooses, no more; infinite where no cluster has a place.
///
/// A narrower tile must save a twentieth: it loads more for what it multiplies, which takes power, and large problems
/// run as fast as their power allows.
///
/// Source  wgmma takes 4 BLOCK_N cycles for a k-tile of 128 rows. An H200's L2 has 4850 bytes a cycle (9.6 TB/s at 1.98
///         GHz), of which a multiprocessor is given 64 at most, with what others load for it.
template <class C>
double cycles(const Device& device, const Matmul::Problem& problem) {
  if (C::cluster > 2 && device.multiprocessors < C::cluster) return std::numeric_limits<double>::infinity();
  const std::int64_t tiles = tile_count(problem, C::rows, C::columns);
  const std::int64_t at_once = std::min(tiles, clusters_of<C>(device));
  const double asked = C::smem_a_bytes / C::cluster_n + C::smem_b_bytes / C::cluster_m;
  const double load = std::max(asked * static_cast<double>(at_once * C::cluster) / 4850, C::stage_bytes / 64.0);
  const double rounds = static_cast<double>((tiles + at_once - 1) / at_once);
  return rounds * std::max(4.0 * C::BLOCK_N, load) * (C::BLOCK_N == 256 ? 1 : 1.05);
}

template <class C>
Launch make_launch(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  using Nt = Operands<C, Layout::nt>;  // both contiguous along K
  using Tn = Operands<C, Layout::tn>;  // neither
  const std::int64_t a_rows = problem.a_transposed() ? problem.k : problem.m;
  const std::int64_t b_rows = problem.b_transposed() ? problem.n : problem.k;
  const tile::MatrixBatch a{"a", buffers.a, a_rows, problem.lda(), problem.batch},
      b{"b", buffers.b, b_rows, problem.ldb(), problem.batch}, c{"c", buffers.c, problem.m, problem.n, problem.batch};
  const TmaOperand loaded_a = tma_operand(device, a), loaded_b = tma_operand(device, b);
  Params params{
      .a = tile::matrix_map(loaded_a.matrices, problem.a_transposed() ? Tn::TileA::box : Nt::TileA::box),
      .b = tile::matrix_map(loaded_b.matrices, problem.b_transposed() ? Nt::TileB::box : Tn::TileB::box),
      .c = {},
      .c_begin = buffers.c,
      .m = problem.m,
      .n = problem.n,
      .k_tiles = static_cast<int>((problem.k + C::BLOCK_K - 1) / C::BLOCK_K),
      .tiles = {static_cast<unsigned>((problem.m + C::rows - 1) / C::rows),
                static_cast<unsigned>((problem.n + C::columns - 1) / C::columns), static_cast<unsigned>(problem.batch)},
      .tma_stores = c.fits_tma(),
      .epilogue = epilogue_params(problem, buffers)};
  if (params.tma_stores) params.c = tile::matrix_map(c, slice_box);
  // As many clusters as take no round longer: fewer blocks do the same in the same time, with less power.
  const std::int64_t tiles = params.tiles.count(), at_once = clusters_of<C>(device),
                     rounds = (tiles + at_once - 1) / at_once;
  simt::LaunchShape shape{{static_cast<unsigned>((tiles + rounds - 1) / rounds) * C::cluster},
                          {C::threads},
                          C::smem_bytes,
                          "matmul_cooperative"};
  shape.cluster = {C::cluster};
  const Kernel kernel = kernel_for<C>(problem);
  return [=, pack_a = loaded_a.pack, pack_b = loaded_b.pack](Stream stream) {
    if (pack_a) pack_a(stream);
    if (pack_b) pack_b(stream);
    simt::launch(kernel, shape, stream, params);
  };
}

using Wide = Config<256, 4, 2, 1>;
using Medium = Config<192, 4, 2, 1>;
using Narrow = Config<128, 6, 2, 1>;
using Quarters = Config<64, 8, 1, 4>;

/// Wide tiles load least for what they multiply; narrower ones may end with a fuller last round, or use more
/// multiprocessors.
struct Choice {
  const char* name;
  double (*cycles)(const Device&, const Matmul::Problem&);
  Launch (*launch)(const Device&, const Matmul::Problem&, const Matmul::Buffers&);
};
constexpr Choice choices[] = {{"128x256x64, 4 stages", cycles<Wide>, make_launch<Wide>},
                              {"128x192x64, 4 stages", cycles<Medium>, make_launch<Medium>},
                              {"128x128x64, 6 stages", cycles<Narrow>, make_launch<Narrow>},
                              {"128x64x64, 8 stages, four side by side", cycles<Quarters>, make_launch<Quarters>}};

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability != 90)
    return Support::no("needs compute capability 9.0, for wgmma");
  if (problem.k == 0) return Support::no("has nothing to load where K is 0");
  if (tile_count(problem, Narrow::BLOCK_M, Narrow::BLOCK_N) > std::numeric_limits<int>::max())
    return Support::no("has more tiles than it can count");
  return {};
}

Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  const auto quickest =
      std::ranges::min_element(choices, {}, [&](const Choice& one) { return one.cycles(device, problem); });
  return quickest->launch(device, problem, buffers);
}

std::vector<TilePolicy<Matmul>> policies() {
  std::vector<TilePolicy<Matmul>> all;
  for (const Choice& one : choices) all.push_back({one.name, one.launch});
  return all;
}

const Register<Matmul> registered{{.name = "sm90a_cooperative",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = policies()}};

}  // namespace
}  // namespace kernelgate
