// Tensor-Core matmul for every GPU from sm_75 on: a pipeline of cp.async stages feeds ldmatrix and mma.
//
// A block computes one tile of C, a warp a part of it (multistage_loop.h). Turing has no cp.async: there the loop's
// copies go through registers. From sm_80 on sm80_multistage is faster.

#include <algorithm>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/multistage_loop.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/epilogue.h"
#include "kernels/tile/tile_order.h"

namespace kernelgate {
namespace {

using LargeTile = MultistageConfig<128, 128, 32, 2, 4, 3, 1>;
using SmallTile = MultistageConfig<64, 64, 32, 2, 2, 4, 2>;
static_assert(std::max(LargeTile::smem_bytes, SmallTile::smem_bytes) <= int{simt::default_shared_bytes},
              "what every GPU gives without asking");

struct Params {
  const f16* a;
  const f16* b;
  f16* c;
  std::int64_t m, n, k;
  std::int64_t lda, ldb;
  unsigned tiles_m, tiles_n;
  unsigned c_alignment;  ///< of each row of C
  EpilogueParams epilogue;
};

template <class C, Layout LAYOUT, int ALIGN>
SIMT_KERNEL(C::threads, C::blocks_per_multiprocessor)
void matmul_multistage(Params params) {
  using Tiles = MultistageOperands<C, LAYOUT, ALIGN>;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const unsigned tiles = params.tiles_m * params.tiles_n;
  const std::int64_t item = simt::block_idx().x / tiles;
  const tile::TileIndex tile = tile::grouped_order(simt::block_idx().x % tiles, params.tiles_m, params.tiles_n);
  const std::int64_t m_begin = std::int64_t{tile.m} * C::BLOCK_M, n_begin = std::int64_t{tile.n} * C::BLOCK_N;
  const std::int64_t m_left = params.m - m_begin, n_left = params.n - n_begin;
  const unsigned thread_idx = simt::thread_idx().x;

  const int k = static_cast<int>(params.k);
  typename Tiles::LoaderA loader_a(params.a + item * params.m * params.k, params.lda, m_begin, static_cast<int>(m_left),
                                   k, thread_idx);
  typename Tiles::LoaderB loader_b(params.b + item * params.n * params.k, params.ldb, n_begin, static_cast<int>(n_left),
                                   k, thread_idx);
  tile::Accumulators<C> sums;
  sums.clear();
  multistage_loop<Type::f16, Tiles>(loader_a, loader_b, k / C::BLOCK_K + (k % C::BLOCK_K != 0), smem, sums, thread_idx);

  const std::int64_t row = item * params.m + m_begin;
  if (!params.epilogue.plain)
    return finish_and_store<Type::f16>(params.epilogue, sums, row, m_left, n_begin, params.c, smem, thread_idx);
  const tile::OutputTile output{params.c + row * params.n + n_begin, params.n, m_left, n_left, params.c_alignment};
  tile::store_rounded<Type::f16>(sums, output, smem, thread_idx);
}

using Kernel = void (*)(Params);

template <class C, int ALIGN>
Kernel kernel_for(Layout layout) {
  return with_layout(layout, [](auto layout_constant) -> Kernel {
    return matmul_multistage<C, decltype(layout_constant)::value, ALIGN>;
  });
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
                      row_alignment(buffers.c, problem.n),
                      epilogue_params(problem, buffers)};
  const simt::LaunchShape shape{
      {static_cast<unsigned>(tile_count<C>(problem))}, {C::threads}, C::smem_bytes, "matmul_multistage"};
  return [=](Stream stream) { simt::launch(kernel, shape, stream, params); };
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5, for its Tensor Cores");
  if (problem.type != Type::f16) return Support::no("multiplies f16 alone: Turing has no bf16");
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
            return make_launch<C>(problem, buffers);
          }};
}

const Register<Matmul> registered{
    {.name = "sm75_multistage",
     .origin = Origin::ours,
     .device = simt::device_kind,
     .supports = supports,
     .prepare = prepare,
     .policies = {policy<LargeTile>("128x128x32, 3 stages"), policy<SmallTile>("64x64x32, 4 stages")}}};

}  // namespace
}  // namespace kernelgate
