// Tensor-Core matmul for every GPU from sm_75 on: a pipeline of cp.async stages feeds ldmatrix and mma.
//
// A block computes one tile of C, a warp a part of it. While a stage is multiplied, the next ones are on
// their way from global memory, and the fragments of the next 16 along K on theirs from shared memory.

#include <algorithm>
#include <bit>

#include "kernels/matmul/matmul.h"
#include "kernels/matmul/tile_loader.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/epilogue.h"
#include "kernels/tile/operand_tile.h"
#include "kernels/tile/stage_ring.h"
#include "kernels/tile/tile_order.h"
#include "kernels/tile/warp_grid.h"

namespace kernelgate {
namespace {

template <int BLOCK_M, int BLOCK_N, int BLOCK_K_, int WARPS_M, int WARPS_N, int NUM_STAGES, int BLOCKS>
struct Config : tile::WarpGrid<BLOCK_M, BLOCK_N, WARPS_M, WARPS_N> {
  static constexpr int BLOCK_K = BLOCK_K_;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int blocks_per_multiprocessor = BLOCKS;  ///< at least: what ptxas plans registers for
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int smem_bytes = num_stages * (smem_a_bytes + smem_b_bytes);
  static_assert(BLOCK_K % 16 == 0 && num_stages >= 2);
  static_assert(smem_bytes <= simt::default_shared_bytes, "what every GPU gives without asking");
  static_assert(BLOCK_M * BLOCK_N * 2 <= smem_bytes, "the epilogue stages C where A and B were");
};

using LargeTile = Config<128, 128, 32, 2, 4, 3, 1>;
using SmallTile = Config<64, 64, 32, 2, 2, 4, 2>;

struct Params {
  const f16* a;
  const f16* b;
  f16* c;
  std::int64_t m, n, k;
  std::int64_t lda, ldb;
  unsigned tiles_m, tiles_n;
  bool aligned_c;  ///< every row of C begins at a multiple of 16 bytes
};

template <class C, Layout LAYOUT, int ALIGN>
struct Operands {
  static constexpr bool a_is_mk = LAYOUT == Layout::nt || LAYOUT == Layout::nn;
  static constexpr bool b_is_nk = LAYOUT == Layout::nt || LAYOUT == Layout::tt;
  static constexpr simt::Major a_major = a_is_mk ? simt::Major::k : simt::Major::mn;
  static constexpr simt::Major b_major = b_is_nk ? simt::Major::k : simt::Major::mn;
  using TileA = tile::OperandTile<C::BLOCK_M, C::BLOCK_K, a_major>;
  using TileB = tile::OperandTile<C::BLOCK_N, C::BLOCK_K, b_major>;
  using LoaderA = TileLoader<TileA, a_major, ALIGN, C::threads, C::num_stages - 1>;
  using LoaderB = TileLoader<TileB, b_major, ALIGN, C::threads, C::num_stages - 1>;
};

/// What a warp needs of A and B for 16 along K.
template <class C>
struct Fragments {
  std::uint32_t a[C::WARP_M / 16][4];
  std::uint32_t b[C::WARP_N / 16][4];  // two fragments of 8 columns each

  template <class Tiles>
  SIMT_DEVICE void load(const unsigned char* smem_a, const unsigned char* smem_b, int m, int n, int k,
                        unsigned lane_idx) {
    SIMT_UNROLL
    for (int i = 0; i < C::WARP_M / 16; ++i) Tiles::TileA::load_a(a[i], smem_a, m + i * 16, k, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 16; ++j) Tiles::TileB::load_b(b[j], smem_b, n + j * 16, k, lane_idx);
  }
};

template <class C>
SIMT_DEVICE void multiply(tile::Accumulators<C>& accumulators, const Fragments<C>& fragments) {
  SIMT_UNROLL
  for (int i = 0; i < C::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < C::WARP_N / 16; ++j) accumulators.multiply(i, j, fragments.a[i], fragments.b[j]);
  }
}

template <class C, Layout LAYOUT, int ALIGN>
SIMT_KERNEL(C::threads, C::blocks_per_multiprocessor)
void matmul_multistage(Params params) {
  using Tiles = Operands<C, LAYOUT, ALIGN>;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const auto smem_a = [smem](int stage) { return smem + stage * C::smem_a_bytes; };
  const auto smem_b = [smem](int stage) { return smem + C::num_stages * C::smem_a_bytes + stage * C::smem_b_bytes; };

  const unsigned tiles = params.tiles_m * params.tiles_n;
  const std::int64_t item = simt::block_idx().x / tiles;
  const tile::TileIndex tile = tile::grouped_order(simt::block_idx().x % tiles, params.tiles_m, params.tiles_n);
  const std::int64_t m_begin = std::int64_t{tile.m} * C::BLOCK_M, n_begin = std::int64_t{tile.n} * C::BLOCK_N;
  const unsigned thread_idx = simt::thread_idx().x, lane_idx = thread_idx % 32, warp_idx = thread_idx / 32;
  const int warp_m = C::warp_m(warp_idx), warp_n = C::warp_n(warp_idx);

  const int k = static_cast<int>(params.k);
  typename Tiles::LoaderA loader_a(params.a + item * params.m * params.k, params.lda, m_begin,
                                   static_cast<int>(params.m - m_begin), k, thread_idx);
  typename Tiles::LoaderB loader_b(params.b + item * params.n * params.k, params.ldb, n_begin,
                                   static_cast<int>(params.n - n_begin), k, thread_idx);
  const int num_k_tiles = k / C::BLOCK_K + (k % C::BLOCK_K != 0);
  constexpr int k_steps = C::BLOCK_K / 16;

  tile::Accumulators<C> accumulators;
  accumulators.clear();
  Fragments<C> fragments[2];

  SIMT_UNROLL
  for (int stage = 0; stage < C::num_stages - 1; ++stage) {
    if (stage < num_k_tiles) {
      loader_a.start(smem_a(stage), stage);
      loader_b.start(smem_b(stage), stage);
    }
    simt::cp_async_commit();  // an empty group too, so that the count in cp_async_wait stays right
  }
  SIMT_UNROLL
  for (int stage = 0; stage < C::num_stages - 1; ++stage) {  // when all are under way: their latencies are one
    if (stage < num_k_tiles) {
      loader_a.finish(smem_a(stage), stage);
      loader_b.finish(smem_b(stage), stage);
    }
  }
  simt::cp_async_wait<C::num_stages - 2>();
  simt::sync_threads();
  if (num_k_tiles > 0) fragments[0].template load<Tiles>(smem_a(0), smem_b(0), warp_m, warp_n, 0, lane_idx);

  tile::StageRing<C::num_stages> ring;
  int free_stage = C::num_stages - 1;
  for (int k_tile = 0; k_tile < num_k_tiles; ++k_tile) {
    const bool more_to_start = k_tile + C::num_stages - 1 < num_k_tiles;
    const int stage = ring.stage;
    ring.advance();
    SIMT_UNROLL
    for (int step = 0; step < k_steps; ++step) {
      if (step == 0) {
        // All warps are past the barrier behind their last read of this stage.
        if (more_to_start) {
          loader_a.start(smem_a(free_stage));
          loader_b.start(smem_b(free_stage));
        }
        simt::cp_async_commit();
      }
      if (step + 1 < k_steps) {
        fragments[(step + 1) % 2].template load<Tiles>(smem_a(stage), smem_b(stage), warp_m, warp_n, (step + 1) * 16,
                                                       lane_idx);
        multiply(accumulators, fragments[step % 2]);
        continue;
      }
      if (more_to_start) {
        loader_a.finish(smem_a(free_stage));
        loader_b.finish(smem_b(free_stage));
      }
      simt::cp_async_wait<C::num_stages - 2>();
      simt::sync_threads();
      if (k_tile + 1 < num_k_tiles)
        fragments[(step + 1) % 2].template load<Tiles>(smem_a(ring.stage), smem_b(ring.stage), warp_m, warp_n, 0,
                                                       lane_idx);
      multiply(accumulators, fragments[step % 2]);
    }
    free_stage = stage;
  }
  static_assert(k_steps % 2 == 0, "the next tile's first fragments must land where step 0 looks for them");

  // The last pass of the loop ended its reads of shared memory before its barrier.
  const tile::OutputTile output{params.c + item * params.m * params.n + m_begin * params.n + n_begin, params.n,
                                params.m - m_begin, params.n - n_begin, params.aligned_c};
  tile::store_f16(accumulators, output, smem, thread_idx);
}

using Kernel = void (*)(Params);

template <class C, int ALIGN>
Kernel kernel_for(Layout layout) {
  switch (layout) {
    case Layout::nt:
      return matmul_multistage<C, Layout::nt, ALIGN>;
    case Layout::nn:
      return matmul_multistage<C, Layout::nn, ALIGN>;
    case Layout::tn:
      return matmul_multistage<C, Layout::tn, ALIGN>;
    case Layout::tt:
      return matmul_multistage<C, Layout::tt, ALIGN>;
  }
  throw Unsupported("unknown layout");
}

/// The largest power of two up to 16 that divides the address of every row.
unsigned row_alignment(const f16* matrix, std::int64_t ld) {
  const auto bits = reinterpret_cast<std::uintptr_t>(matrix) | static_cast<std::uintptr_t>(ld * 2) | 16;
  return 1u << std::countr_zero(bits);
}

template <class C>
Kernel kernel_for(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const unsigned alignment = std::min(row_alignment(buffers.a, problem.lda()), row_alignment(buffers.b, problem.ldb()));
  if (alignment >= 16) return kernel_for<C, 16>(problem.layout);
  if (alignment >= 8) return kernel_for<C, 8>(problem.layout);
  return kernel_for<C, 2>(problem.layout);
}

template <class C>
std::int64_t tile_count(const Matmul::Problem& problem) {
  return (problem.m + C::BLOCK_M - 1) / C::BLOCK_M * ((problem.n + C::BLOCK_N - 1) / C::BLOCK_N) * problem.batch;
}

template <class C>
Launch make_launch(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const Kernel kernel = kernel_for<C>(problem, buffers);
  const Params params{buffers.a,
                      buffers.b,
                      buffers.c,
                      problem.m,
                      problem.n,
                      problem.k,
                      problem.lda(),
                      problem.ldb(),
                      static_cast<unsigned>((problem.m + C::BLOCK_M - 1) / C::BLOCK_M),
                      static_cast<unsigned>((problem.n + C::BLOCK_N - 1) / C::BLOCK_N),
                      row_alignment(buffers.c, problem.n) >= 16};
  const simt::LaunchShape shape{
      {static_cast<unsigned>(tile_count<C>(problem))}, {C::threads}, C::smem_bytes, "matmul_multistage"};
  return [=](Stream stream) { simt::launch(kernel, shape, stream, params); };
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5, for its Tensor Cores");
  if (tile_count<SmallTile>(problem) > std::int64_t{0x7fffffff})
    return Support::no("has more tiles than a grid has blocks");
  return {};
}

/// Large tiles read less of A and B; small ones keep more multiprocessors busy, and waste less of a thin C.
Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  const bool large = problem.m > SmallTile::BLOCK_M && problem.n > SmallTile::BLOCK_N &&
                     tile_count<LargeTile>(problem) >= device.multiprocessors;
  return large ? make_launch<LargeTile>(problem, buffers) : make_launch<SmallTile>(problem, buffers);
}

template <class C>
TilePolicy<Matmul> policy(const char* name) {
  return {name, [](const Device&, const Matmul::Problem& problem, const Matmul::Buffers& buffers) -> Launch {
            if (problem.m == 0 || problem.n == 0) return [](Stream) {};
            return make_launch<C>(problem, buffers);
          }};
}

const Register<Matmul> registered{
    {"sm75_multistage",
     Origin::ours,
     simt::device_kind,
     supports,
     prepare,
     "",
     {},
     {policy<LargeTile>("128x128x32, 3 stages"), policy<SmallTile>("64x64x32, 4 stages")}}};

}  // namespace
}  // namespace kernelgate
