// Tensor-Core matmul for every GPU from sm_75 on: a pipeline of cp.async stages feeds ldmatrix and mma.
//
// A block computes one tile of C, a warp a part of it. While a stage is multiplied, the next ones are on
// their way from global memory, and the fragments of the next 16 along K on theirs from shared memory.

#include <bit>

#include "kernels/matmul/matmul.h"
#include "kernels/matmul/operand_tile.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

template <int BLOCK_M_, int BLOCK_N_, int BLOCK_K_, int WARPS_M_, int WARPS_N_, int NUM_STAGES, int BLOCKS>
struct Policy {
  static constexpr int BLOCK_M = BLOCK_M_, BLOCK_N = BLOCK_N_, BLOCK_K = BLOCK_K_;
  static constexpr int WARPS_M = WARPS_M_, WARPS_N = WARPS_N_;
  static constexpr int num_stages = NUM_STAGES;
  static constexpr int blocks_per_multiprocessor = BLOCKS;  ///< at least: what ptxas plans registers for
  static constexpr int THREADS = WARPS_M * WARPS_N * 32;
  static constexpr int WARP_M = BLOCK_M / WARPS_M, WARP_N = BLOCK_N / WARPS_N;
  static constexpr int smem_a_bytes = BLOCK_M * BLOCK_K * 2, smem_b_bytes = BLOCK_N * BLOCK_K * 2;
  static constexpr int shared_bytes = num_stages * (smem_a_bytes + smem_b_bytes);
  static_assert(WARP_M % 16 == 0 && WARP_N % 16 == 0 && BLOCK_K % 16 == 0 && num_stages >= 2);
  static_assert(shared_bytes <= 48 * 1024, "what every GPU gives without asking; sm_75 has 64 KiB");
  static_assert(BLOCK_M * BLOCK_N * 2 <= shared_bytes, "the epilogue stages C where A and B were");
};

using LargeTile = Policy<128, 128, 32, 2, 4, 3, 1>;
using SmallTile = Policy<64, 64, 32, 2, 2, 4, 2>;

struct Params {
  const f16* a;
  const f16* b;
  f16* c;
  std::int64_t m, n, k;
  std::int64_t lda, ldb;
  unsigned tiles_m, tiles_n;
  bool aligned_c;  ///< every row of C begins at a multiple of 16 bytes
};

struct TileIndex {
  unsigned m, n;
};

/// Tiles in groups of 8 rows, column by column within a group: blocks that run at the same time share
/// rows of A and columns of B in L2.
SIMT_DEVICE TileIndex grouped_tile(unsigned tile, unsigned tiles_m, unsigned tiles_n) {
  constexpr unsigned group_rows = 8;
  const unsigned group = tile / (group_rows * tiles_n), within = tile % (group_rows * tiles_n);
  const unsigned first = group * group_rows;
  const unsigned rows = tiles_m - first < group_rows ? tiles_m - first : group_rows;
  return {first + within % rows, within / rows};
}

template <class P, Layout LAYOUT, int ALIGN>
struct Operands {
  static constexpr bool a_k_contiguous = LAYOUT == Layout::nt || LAYOUT == Layout::nn;
  static constexpr bool b_k_contiguous = LAYOUT == Layout::nt || LAYOUT == Layout::tt;
  using TileA = OperandTile<P::BLOCK_M, P::BLOCK_K, a_k_contiguous, P::THREADS>;
  using TileB = OperandTile<P::BLOCK_N, P::BLOCK_K, b_k_contiguous, P::THREADS>;
  using LoaderA = TileLoader<TileA, a_k_contiguous, ALIGN>;
  using LoaderB = TileLoader<TileB, b_k_contiguous, ALIGN>;
};

/// What a warp needs of A and B for 16 along K.
template <class P>
struct Fragments {
  std::uint32_t a[P::WARP_M / 16][4];
  std::uint32_t b[P::WARP_N / 16][4];  // two fragments of 8 columns each

  template <class Tiles>
  SIMT_DEVICE void load(const unsigned char* smem_a, const unsigned char* smem_b, int m, int n, int k, int lane_idx) {
    SIMT_UNROLL
    for (int i = 0; i < P::WARP_M / 16; ++i) Tiles::TileA::load_a(a[i], smem_a, m + i * 16, k, lane_idx);
    SIMT_UNROLL
    for (int j = 0; j < P::WARP_N / 16; ++j) Tiles::TileB::load_b(b[j], smem_b, n + j * 16, k, lane_idx);
  }
};

template <class P>
struct Accumulators {
  float d[P::WARP_M / 16][P::WARP_N / 8][4];

  SIMT_DEVICE void clear() {
    SIMT_UNROLL
    for (auto& row : d) {
      SIMT_UNROLL
      for (auto& fragment : row) {
        SIMT_UNROLL
        for (float& value : fragment) value = 0;
      }
    }
  }

  SIMT_DEVICE void multiply(const Fragments<P>& fragments) {
    SIMT_UNROLL
    for (int i = 0; i < P::WARP_M / 16; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < P::WARP_N / 8; ++j) {
        const std::uint32_t b[2] = {fragments.b[j / 2][j % 2 * 2], fragments.b[j / 2][j % 2 * 2 + 1]};
        simt::mma_m16n8k16(d[i][j], fragments.a[i], b);
      }
    }
  }
};

/// Rounds to f16, and goes through shared memory, so that global memory is written in whole rows.
/// Expects every warp to be done with shared memory.
template <class P>
SIMT_DEVICE void epilogue(const Accumulators<P>& accumulators, const Params& params, f16* c, std::int64_t m_begin,
                          std::int64_t n_begin, unsigned char* smem, int warp_m, int warp_n, int lane_idx,
                          int thread_idx) {
  constexpr int row_chunks = P::BLOCK_N / 8;
  const auto offset = [](int row, int chunk) { return (row * row_chunks + (chunk ^ row % 8)) * 16; };
  SIMT_UNROLL
  for (int i = 0; i < P::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int j = 0; j < P::WARP_N / 8; ++j) {
      SIMT_UNROLL
      for (int half = 0; half < 2; ++half) {
        const int row = warp_m + i * 16 + half * 8 + lane_idx / 4;
        unsigned char* to = smem + offset(row, (warp_n + j * 8) / 8) + lane_idx % 4 * 4;
        const float(&d)[4] = accumulators.d[i][j];
        simt::store_shared(reinterpret_cast<std::uint32_t*>(to), simt::pack_f16x2(d[half * 2], d[half * 2 + 1]));
      }
    }
  }
  simt::sync_threads();

  const std::int64_t rows_left = params.m - m_begin, columns_left = params.n - n_begin;
  f16* const tile = c + m_begin * params.n + n_begin;
  if (params.aligned_c) {
    for (int i = thread_idx; i < P::BLOCK_M * row_chunks; i += P::THREADS) {
      const int row = i / row_chunks, chunk = i % row_chunks;
      if (row < rows_left && chunk * 8 < columns_left)  // aligned rows end with a whole chunk
        simt::store_global_16(tile + row * params.n + chunk * 8,
                              simt::load_shared(reinterpret_cast<const simt::Vec4*>(smem + offset(row, chunk))));
    }
  } else {
    for (int i = thread_idx; i < P::BLOCK_M * P::BLOCK_N; i += P::THREADS) {
      const int row = i / P::BLOCK_N, column = i % P::BLOCK_N;
      if (row < rows_left && column < columns_left) {
        const std::uint32_t pair = simt::load_shared(
            reinterpret_cast<const std::uint32_t*>(smem + offset(row, column / 8) + column % 8 / 2 * 4));
        simt::store_global(tile + row * params.n + column,
                           f16{static_cast<std::uint16_t>(column % 2 == 0 ? pair : pair >> 16)});
      }
    }
  }
}

template <class P, Layout LAYOUT, int ALIGN>
SIMT_KERNEL(P::THREADS, P::blocks_per_multiprocessor)
void matmul_multistage(Params params) {
  using Tiles = Operands<P, LAYOUT, ALIGN>;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const auto smem_a = [smem](int stage) { return smem + stage * P::smem_a_bytes; };
  const auto smem_b = [smem](int stage) { return smem + P::num_stages * P::smem_a_bytes + stage * P::smem_b_bytes; };

  const unsigned tiles = params.tiles_m * params.tiles_n;
  const std::int64_t item = simt::block_idx().x / tiles;
  const TileIndex tile = grouped_tile(simt::block_idx().x % tiles, params.tiles_m, params.tiles_n);
  const std::int64_t m_begin = std::int64_t{tile.m} * P::BLOCK_M, n_begin = std::int64_t{tile.n} * P::BLOCK_N;
  const int thread_idx = static_cast<int>(simt::thread_idx().x), lane_idx = thread_idx % 32;
  const int warp_idx = thread_idx / 32;
  const int warp_m = warp_idx / P::WARPS_N * P::WARP_M, warp_n = warp_idx % P::WARPS_N * P::WARP_N;

  const int k = static_cast<int>(params.k);
  typename Tiles::LoaderA loader_a(params.a + item * params.m * params.k, params.lda, m_begin,
                                   static_cast<int>(params.m - m_begin), k, thread_idx);
  typename Tiles::LoaderB loader_b(params.b + item * params.n * params.k, params.ldb, n_begin,
                                   static_cast<int>(params.n - n_begin), k, thread_idx);
  const int num_k_tiles = k / P::BLOCK_K + (k % P::BLOCK_K != 0);
  constexpr int k_steps = P::BLOCK_K / 16;

  Accumulators<P> accumulators;
  accumulators.clear();
  Fragments<P> fragments[2];

  SIMT_UNROLL
  for (int stage = 0; stage < P::num_stages - 1; ++stage) {
    if (stage < num_k_tiles) {
      loader_a.start(smem_a(stage));
      loader_b.start(smem_b(stage));
      loader_a.finish(smem_a(stage));
      loader_b.finish(smem_b(stage));
    }
    simt::cp_async_commit();  // an empty group too, so that the count in cp_async_wait stays right
  }
  simt::cp_async_wait<P::num_stages - 2>();
  simt::sync_threads();
  if (num_k_tiles > 0) fragments[0].template load<Tiles>(smem_a(0), smem_b(0), warp_m, warp_n, 0, lane_idx);

  int stage = 0, free_stage = P::num_stages - 1;
  for (int k_tile = 0; k_tile < num_k_tiles; ++k_tile) {
    const bool more_to_start = k_tile + P::num_stages - 1 < num_k_tiles;
    const int next_stage = stage + 1 == P::num_stages ? 0 : stage + 1;
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
        accumulators.multiply(fragments[step % 2]);
        continue;
      }
      if (more_to_start) {
        loader_a.finish(smem_a(free_stage));
        loader_b.finish(smem_b(free_stage));
      }
      simt::cp_async_wait<P::num_stages - 2>();
      simt::sync_threads();
      if (k_tile + 1 < num_k_tiles)
        fragments[(step + 1) % 2].template load<Tiles>(smem_a(next_stage), smem_b(next_stage), warp_m, warp_n, 0,
                                                       lane_idx);
      accumulators.multiply(fragments[step % 2]);
    }
    free_stage = stage;
    stage = next_stage;
  }
  static_assert(k_steps % 2 == 0, "the next tile's first fragments must land where step 0 looks for them");

  // The last pass of the loop ended its reads of shared memory before its barrier.
  epilogue<P>(accumulators, params, params.c + item * params.m * params.n, m_begin, n_begin, smem, warp_m, warp_n,
              lane_idx, thread_idx);
}

using Kernel = void (*)(Params);

template <class P, int ALIGN>
Kernel kernel_for(Layout layout) {
  switch (layout) {
    case Layout::nt:
      return matmul_multistage<P, Layout::nt, ALIGN>;
    case Layout::nn:
      return matmul_multistage<P, Layout::nn, ALIGN>;
    case Layout::tn:
      return matmul_multistage<P, Layout::tn, ALIGN>;
    case Layout::tt:
      return matmul_multistage<P, Layout::tt, ALIGN>;
  }
  throw Unsupported("unknown layout");
}

/// The largest power of two up to 16 that divides the address of every row.
unsigned row_alignment(const f16* matrix, std::int64_t ld) {
  const auto bits = reinterpret_cast<std::uintptr_t>(matrix) | static_cast<std::uintptr_t>(ld * 2) | 16;
  return 1u << std::countr_zero(bits);
}

template <class P>
Kernel kernel_for(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const unsigned alignment = std::min(row_alignment(buffers.a, problem.lda()), row_alignment(buffers.b, problem.ldb()));
  if (alignment >= 16) return kernel_for<P, 16>(problem.layout);
  if (alignment >= 8) return kernel_for<P, 8>(problem.layout);
  return kernel_for<P, 2>(problem.layout);
}

template <class P>
std::int64_t tile_count(const Matmul::Problem& problem) {
  return (problem.m + P::BLOCK_M - 1) / P::BLOCK_M * ((problem.n + P::BLOCK_N - 1) / P::BLOCK_N) * problem.batch;
}

template <class P>
Launch make_launch(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const Kernel kernel = kernel_for<P>(problem, buffers);
  const Params params{buffers.a,
                      buffers.b,
                      buffers.c,
                      problem.m,
                      problem.n,
                      problem.k,
                      problem.lda(),
                      problem.ldb(),
                      static_cast<unsigned>((problem.m + P::BLOCK_M - 1) / P::BLOCK_M),
                      static_cast<unsigned>((problem.n + P::BLOCK_N - 1) / P::BLOCK_N),
                      row_alignment(buffers.c, problem.n) >= 16};
  const simt::LaunchShape shape{
      {static_cast<unsigned>(tile_count<P>(problem))}, {P::THREADS}, P::shared_bytes, "matmul_multistage"};
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

const Register<Matmul> registered{{"sm75_multistage", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
