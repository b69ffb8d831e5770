// Tensor-Core matmul from sm_80 on: a ring of cp.async stages in more than 48 KiB of shared memory feeds ldmatrix and
// mma. docs/matmul.md has the picture.
//
// A block computes one tile of C, or one part of K of it, a warp 64 x 64 where tiles are large (multistage_loop.h).
// Blocks that divide K leave f32 sums, and the last one adds them up in the order of K. Tiles are taken in groups of 8
// rows, so that neighbours share A and B in L2. Rows of any alignment are loaded; where a large product has rows of no
// whole 16 bytes, they are packed first.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/mma_cost.h"
#include "kernels/matmul/multistage_loop.h"
#include "kernels/matmul/pack_rows.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/epilogue.h"
#include "kernels/tile/split_buffers.h"
#include "kernels/tile/tile_order.h"

namespace kernelgate {
namespace {

// 96, 48, 64 and 80 KiB: the smallest limit from sm_80 on is 99 (sm_86, sm_89, sm_120).
using Wide = MultistageConfig<128, 256, 32, 2, 4, 4, 1>;
using Square = MultistageConfig<128, 128, 32, 2, 2, 3, 2>;
using Small = MultistageConfig<64, 64, 64, 2, 2, 4, 2>;
using Thin = MultistageConfig<32, 128, 64, 1, 4, 4, 2>;
/// For rows of no whole 16 bytes: more threads, because elements of 2 bytes are held in registers on their way.
using SquareUnaligned = MultistageConfig<128, 128, 32, 2, 4, 3, 1>;
using SmallUnaligned = MultistageConfig<64, 64, 32, 2, 2, 4, 2>;
/// The stages, and where a tile is.
template <class C>
constexpr std::size_t smem_bytes = C::smem_bytes + sizeof(simt::Vec4);
static_assert(std::max({smem_bytes<Wide>, smem_bytes<Square>, smem_bytes<Small>, smem_bytes<Thin>}) <=
              simt::max_shared_bytes_of(8, 6));

struct Params {
  const f16* a;
  const f16* b;
  f16* c;
  std::int64_t m, n, k;
  std::int64_t lda, ldb;
  std::int64_t item_a, item_b;  ///< elements from a matrix of the batch to the next
  unsigned tiles_m, tiles_n;
  int part_k_tiles;  ///< of each part of K but the last, which may have fewer
  tile::SplitK split;
  unsigned c_alignment;  ///< of each row of C
  EpilogueParams epilogue;
};

/// Behind the loop. `waiting`: the tile's row and column, and the item of the batch, in shared memory.
template <Type TYPE, class C>
SIMT_DEVICE void store_tile(const Params& p, const simt::Vec4* waiting, tile::Accumulators<C>& sums,
                            unsigned char* smem) {
  const unsigned thread_idx = simt::thread_idx().x;
  if (p.split.splits > 1) {
    const unsigned part = simt::block_idx().x / p.split.tiles, tile_idx = simt::block_idx().x % p.split.tiles;
    if (!tile::add_up_parts(p.split, part, tile_idx, sums, smem, thread_idx)) return;
  }
  const simt::Vec4 place = simt::load_shared(waiting);
  const std::int64_t m_begin = std::int64_t{place.x} * C::BLOCK_M, n_begin = std::int64_t{place.y} * C::BLOCK_N;
  const std::int64_t m_left = p.m - m_begin, n_left = p.n - n_begin, row = place.z * p.m + m_begin;
  if (!p.epilogue.plain) return finish_and_store<TYPE>(p.epilogue, sums, row, m_left, n_begin, p.c, smem, thread_idx);
  const tile::OutputTile output{p.c + row * p.n + n_begin, p.n, m_left, n_left, p.c_alignment};
  // Opaque in the tile whose registers are scarce, so that nothing is worked out of it before the loop: ptxas would
  // keep it, and on sm_120 spill it. The epilogue above takes it as it is: else sm_80 spills. Smaller tiles would wait
  // for it.
  constexpr bool is_full = C::BLOCK_M == 128 && C::BLOCK_N == 128;
  tile::store_rounded<TYPE>(sums, output, smem, is_full ? simt::opaque(thread_idx) : thread_idx);
}

template <Type TYPE, class C, Layout LAYOUT, int ALIGN>
SIMT_KERNEL(C::threads, C::blocks_per_multiprocessor)
void matmul_sm80(const SIMT_GRID_CONSTANT Params p) {
  using Tiles = MultistageOperands<C, LAYOUT, ALIGN>;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const unsigned thread_idx = simt::thread_idx().x;
  // Blocks that have the same part of K follow each other.
  const unsigned part = simt::block_idx().x / p.split.tiles, tile_idx = simt::block_idx().x % p.split.tiles;
  const unsigned tiles = p.tiles_m * p.tiles_n;
  const std::int64_t item = tile_idx / tiles;
  const tile::TileIndex tile = tile::grouped_order(tile_idx % tiles, p.tiles_m, p.tiles_n);
  const std::int64_t m_begin = std::int64_t{tile.m} * C::BLOCK_M, n_begin = std::int64_t{tile.n} * C::BLOCK_N;
  const std::int64_t m_left = p.m - m_begin, n_left = p.n - n_begin;

  const std::int64_t k_begin = std::int64_t{part} * p.part_k_tiles * C::BLOCK_K;
  const int k_left = static_cast<int>(std::min(p.k - k_begin, std::int64_t{p.part_k_tiles} * C::BLOCK_K));
  const f16* const a = p.a + item * p.item_a + (a_transposed(LAYOUT) ? k_begin * p.lda : k_begin);
  const f16* const b = p.b + item * p.item_b + (b_transposed(LAYOUT) ? k_begin : k_begin * p.ldb);
  typename Tiles::LoaderA loader_a(a, p.lda, m_begin, static_cast<int>(m_left), k_left, thread_idx);
  typename Tiles::LoaderB loader_b(b, p.ldb, n_begin, static_cast<int>(n_left), k_left, thread_idx);

  // What the end needs waits in shared memory: the loop leaves no register for it.
  auto* const place = reinterpret_cast<simt::Vec4*>(smem + C::smem_bytes);
  if (thread_idx == 0) simt::store_shared(place, simt::Vec4{tile.m, tile.n, tile_idx / tiles});

  tile::Accumulators<C> sums;
  sums.clear();
  const int k_tiles = k_left / C::BLOCK_K + (k_left % C::BLOCK_K != 0);
  multistage_loop<TYPE, Tiles>(loader_a, loader_b, k_tiles, smem, sums, thread_idx);

  store_tile<TYPE>(p, place, sums, smem);
}

/// An operand as the kernel loads it, and what has to be launched before.
struct Operand {
  const f16* begin;
  std::int64_t ld, item;
  Launch pack;
};

struct Operands {
  Operand a, b;
  unsigned alignment;  ///< of each row of both
};

Operands operands(const Device& device, const Matmul::Problem& p, const Matmul::Buffers& buffers, bool pack) {
  const tile::MatrixBatch a{"a", buffers.a, p.a_transposed() ? p.k : p.m, p.lda(), p.batch},
      b{"b", buffers.b, p.b_transposed() ? p.n : p.k, p.ldb(), p.batch};
  const auto operand = [&](const tile::MatrixBatch& given) {
    const TmaOperand loaded = pack ? tma_operand(device, given) : TmaOperand{given, {}};
    const tile::MatrixBatch& m = loaded.matrices;
    return Operand{m.begin, m.ld, m.rows * m.ld, loaded.pack};
  };
  Operands both{operand(a), operand(b), 0};
  both.alignment = std::min(row_alignment(both.a.begin, both.a.ld), row_alignment(both.b.begin, both.b.ld));
  return both;
}

template <class C>
TileShape shape_of() {
  return {C::BLOCK_M, C::BLOCK_N, C::BLOCK_K, C::num_stages, C::blocks_per_multiprocessor};
}

using Kernel = void (*)(Params);

template <class C>
Launch make_launch(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers,
                   const Operands& both, unsigned wanted_splits, Kernel kernel) {
  const std::int64_t k_tiles = ceil_div(problem.k, C::BLOCK_K), part = ceil_div(k_tiles, wanted_splits);
  const auto splits = static_cast<unsigned>(part == 0 ? 1 : ceil_div(k_tiles, part));
  const auto tiles = static_cast<unsigned>(tile_count(problem, C::BLOCK_M, C::BLOCK_N));
  const tile::SplitBuffers split = tile::split_buffers(device, splits, tiles, C::BLOCK_M * C::BLOCK_N);
  const Params params{.a = both.a.begin,
                      .b = both.b.begin,
                      .c = buffers.c,
                      .m = problem.m,
                      .n = problem.n,
                      .k = problem.k,
                      .lda = both.a.ld,
                      .ldb = both.b.ld,
                      .item_a = both.a.item,
                      .item_b = both.b.item,
                      .tiles_m = static_cast<unsigned>(ceil_div(problem.m, C::BLOCK_M)),
                      .tiles_n = static_cast<unsigned>(ceil_div(problem.n, C::BLOCK_N)),
                      .part_k_tiles = static_cast<int>(part),
                      .split = split.params,
                      .c_alignment = row_alignment(buffers.c, problem.n),
                      .epilogue = epilogue_params(problem, buffers)};
  const simt::LaunchShape shape{{tiles * splits}, {C::threads}, smem_bytes<C>, "matmul_sm80"};
  return [=, pack_a = both.a.pack, pack_b = both.b.pack](Stream stream) {
    (void)split;  // keeps its memory
    if (pack_a) pack_a(stream);
    if (pack_b) pack_b(stream);
    simt::launch(kernel, shape, stream, params);
  };
}

constexpr unsigned most_splits = 32;

/// The tile and the number of parts of K that should be done soonest.
struct Choice {
  double cycles = std::numeric_limits<double>::infinity();
  unsigned splits = 1;
  Launch (*launch)(const Device&, const Matmul::Problem&, const Matmul::Buffers&, const Operands&, unsigned) = nullptr;
};

/// bf16 has two of the tiles, and one where rows are unaligned: each kernel costs the build two seconds an
/// architecture.
template <class C>
constexpr bool for_bf16 = std::is_same_v<C, Square> || std::is_same_v<C, Thin> || std::is_same_v<C, SmallUnaligned>;

template <class C, class Act>
Kernel with_type_of(const Matmul::Problem& problem, Act act) {
  if constexpr (!for_bf16<C>)
    return act(std::integral_constant<Type, Type::f16>());
  else
    return with_type(problem.type, act);
}

template <class C>
Launch launch_aligned(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers,
                      const Operands& both, unsigned splits) {
  const Kernel kernel = with_type_of<C>(problem, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [](auto layout_constant) -> Kernel {
      return matmul_sm80<TYPE, C, decltype(layout_constant)::value, 16>;
    });
  });
  return make_launch<C>(device, problem, buffers, both, splits, kernel);
}

/// Each alignment in square tiles; the least one else, which takes all.
template <class C>
Launch launch_unaligned(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers,
                        const Operands& both, unsigned splits) {
  const Kernel kernel = with_type_of<C>(problem, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [&](auto layout_constant) -> Kernel {
      constexpr Layout LAYOUT = decltype(layout_constant)::value;
      if constexpr (std::is_same_v<C, SquareUnaligned>) {
        if (both.alignment >= 8) return matmul_sm80<TYPE, C, LAYOUT, 8>;
        if (both.alignment >= 4) return matmul_sm80<TYPE, C, LAYOUT, 4>;
      }
      return matmul_sm80<TYPE, C, LAYOUT, 2>;
    });
  });
  return make_launch<C>(device, problem, buffers, both, splits, kernel);
}

template <class C>
void consider(Choice& best, const Device& device, const Matmul::Problem& problem, decltype(Choice::launch) launch) {
  if (!for_bf16<C> && problem.type == Type::bf16) return;
  for (unsigned splits = 1; splits <= most_splits; splits = splits < 4 ? splits + 1 : splits + splits / 4)
    if (const double here = mma_cycles(device, problem, shape_of<C>(), splits); here < best.cycles)
      best = {here, splits, launch};
}

Choice choose(const Device& device, const Matmul::Problem& problem, unsigned alignment) {
  Choice best;
  if (alignment >= 16) {
    consider<Wide>(best, device, problem, launch_aligned<Wide>);
    consider<Square>(best, device, problem, launch_aligned<Square>);
    consider<Small>(best, device, problem, launch_aligned<Small>);
    consider<Thin>(best, device, problem, launch_aligned<Thin>);
  } else {
    consider<SquareUnaligned>(best, device, problem, launch_unaligned<SquareUnaligned>);
    consider<SmallUnaligned>(best, device, problem, launch_unaligned<SmallUnaligned>);
  }
  return best;
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 80)
    return Support::no("needs compute capability 8.0, for cp.async");
  if (tile_count(problem, Thin::BLOCK_M, Small::BLOCK_N) > std::int64_t{0x7fffffff} / most_splits)
    return Support::no("has more tiles than a grid has blocks");
  return {};
}

Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  // A copy reads and writes each matrix once, where loading 2 bytes at a time halves the speed of all products.
  const bool pack = problem.m >= 256 && problem.n >= 256 && problem.k > 0 &&
                    tile_count(problem, Square::BLOCK_M, Square::BLOCK_N) >= device.multiprocessors;
  const Operands both = operands(device, problem, buffers, pack);
  const Choice choice = choose(device, problem, both.alignment);
  return choice.launch(device, problem, buffers, both, choice.splits);
}

/// One tile and one number of parts; rows as they are, not packed.
template <class C>
TilePolicy<Matmul> policy(const std::string& tile, unsigned splits) {
  return {splits == 1 ? tile : tile + ", K by " + std::to_string(splits),
          [splits](const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) -> Launch {
            if (!for_bf16<C> && problem.type == Type::bf16) throw Unsupported("this tile is for f16 alone");
            if (!std::isfinite(mma_cycles(device, problem, shape_of<C>(), splits)))
              throw Unsupported("there are too many tiles, or too little of K, to divide K so");
            const Operands both = operands(device, problem, buffers, false);
            if (both.alignment < 16) throw Unsupported("this tile is for rows of whole 16 bytes");
            return launch_aligned<C>(device, problem, buffers, both, splits);
          }};
}

std::vector<TilePolicy<Matmul>> policies() {
  std::vector<TilePolicy<Matmul>> all;
  for (unsigned splits = 1; splits <= most_splits; splits *= 2) {
    all.push_back(policy<Wide>("128x256x32, 4 stages", splits));
    all.push_back(policy<Square>("128x128x32, 3 stages", splits));
    all.push_back(policy<Small>("64x64x64, 4 stages", splits));
    all.push_back(policy<Thin>("32x128x64, 4 stages", splits));
  }
  return all;
}

const Register<Matmul> registered{{.name = "sm80_multistage",
                                   .origin = Origin::ours,
                                   .device = simt::device_kind,
                                   .supports = supports,
                                   .prepare = prepare,
                                   .policies = policies()}};

}  // namespace
}  // namespace kernelgate
