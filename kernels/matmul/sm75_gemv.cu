// A matrix times a vector, or times a few: no Tensor Core helps where each element of the matrix is used once, and all
// that counts is how fast the matrix arrives. For every GPU from sm_75 on. docs/matmul.md has the picture.
//
// The vectors are the few rows of A, or columns of B; the matrix is the other operand. Where it lies along K, a warp
// takes one of its rows, or several share one, 16 bytes a lane and eight such loads under way. Where it lies the other
// way, lanes have neighbouring outputs, and the warps of a block divide K; so do blocks where there would be too few.
// Parts are added up in one order: the same input gives the same bits.

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/mma_cost.h"
#include "kernels/matmul/multistage_loop.h"
#include "kernels/op/memory.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/element.h"
#include "kernels/tile/split_k.h"

namespace kernelgate {
namespace {

constexpr int warps = 8;
constexpr int most_vectors = 4;
constexpr int column_stride = 36;
constexpr int row_loads = 8;  ///< of gemv_rows: under way at once, 16 bytes each

/// The problem with the roles told: `vectors` vectors x, a matrix w whose rows are the outputs.
struct Params {
  const f16 *w, *x;
  f16* c;
  std::int64_t rows, k;  ///< of w
  std::int64_t m, n;     ///< of C
  std::int64_t item_w, item_x;
  int vectors;
  bool vectors_are_rows;  ///< of C; else its columns
  int log2_row_warps;     ///< of gemv_rows: how many warps share a row
  std::int64_t part_k;    ///< of gemv_columns: how much of K a block has
  float* partials;        ///< parts x items x rows
  unsigned* arrivals;     ///< for each block of outputs, 0 before a launch and after it
  EpilogueParams epilogue;
};

/// STEP neighbouring elements.
template <int STEP>
struct Elements {
  std::uint32_t words[STEP == 8 ? 4 : 1] = {};

  /// Of the matrix: nobody else reads them, and L1 is for the vector.
  SIMT_DEVICE static Elements load_once(const f16* from) {
    if constexpr (STEP == 8)
      return of(simt::load_global_16_streaming(from));
    else
      return of(simt::load_global(from));
  }
  /// Of the vector: each warp reads them.
  SIMT_DEVICE static Elements load_again(const f16* from) {
    if constexpr (STEP == 8)
      return of(simt::load_global_16(from));
    else
      return of(simt::load_global(from));
  }
  SIMT_DEVICE static Elements of(simt::Vec4 four) {
    const auto loaded = std::bit_cast<std::array<std::uint32_t, 4>>(four);
    Elements e;
    SIMT_UNROLL
    for (int i = 0; i < 4; ++i) e.words[i] = loaded[static_cast<std::size_t>(i)];
    return e;
  }
  SIMT_DEVICE static Elements of(f16 one) {
    Elements e;
    e.words[0] = one.bits;
    return e;
  }
  template <Type TYPE>
  SIMT_DEVICE float at(int i) const {
    return i % 2 == 0 ? tile::low_of<TYPE>(words[i / 2] & 0xffffu) : tile::high_of<TYPE>(words[i / 2]);
  }
};

template <Type TYPE>
SIMT_DEVICE void store_output(const Params& p, float sum, std::int64_t item, std::int64_t row, int vector) {
  const std::int64_t c_row = item * p.m + (p.vectors_are_rows ? vector : row),
                     c_column = p.vectors_are_rows ? row : vector;
  const float value = p.epilogue.plain ? sum : finish_one<TYPE>(p.epilogue, sum, c_row, c_column);
  simt::store_global(p.c + c_row * p.n + c_column, f16{static_cast<std::uint16_t>(tile::pack_pair<TYPE>(value, 0))});
}

/// w lies along K, and so do the vectors. STEP: 8 where all of it begins at multiples of 16 bytes, else 1.
/// 2^log2_row_warps warps of a block share a row, so that a long K gives many blocks, whose last wave is short.
/// Of single elements two blocks are asked for: without a number (0) ptxas 13.0 aims at more on sm_120, and spills. Of
/// the vectors none: asked for one it takes so many registers that two fit, and the memory waits.
template <Type TYPE, int STEP, int VECTORS>
SIMT_KERNEL(warps * 32, STEP == 1 ? 2 : 0)
void gemv_rows(Params p) {
  float* const smem = simt::dynamic_shared<float>();  // the sums of each warp
  const unsigned lane = simt::lane_idx(), warp = simt::warp_idx();
  const unsigned row_warps = 1u << p.log2_row_warps, block_rows = warps >> p.log2_row_warps;
  const std::int64_t first = std::int64_t{simt::block_idx().x} * block_rows, item = simt::block_idx().y;
  const std::int64_t row = std::min(first + (warp >> p.log2_row_warps), p.rows - 1);
  const std::int64_t own = ((warp & (row_warps - 1)) * 32 + lane) * STEP;
  const f16* const w = p.w + item * p.item_w + row * p.k;
  const f16* const x = p.x + item * p.item_x;
  const std::int64_t step = std::int64_t{32 * STEP} << p.log2_row_warps;
  float sums[VECTORS] = {};
  for (std::int64_t k = own; k < p.k; k += step * row_loads) {
    Elements<STEP> loaded[row_loads];
    SIMT_UNROLL
    for (int u = 0; u < row_loads; ++u)
      if (const std::int64_t at = k + u * step; at < p.k) loaded[u] = Elements<STEP>::load_once(w + at);
    SIMT_UNROLL
    for (int v = 0; v < VECTORS; ++v) {
      if (v >= p.vectors) break;
      Elements<STEP> of_x[row_loads];
      SIMT_UNROLL
      for (int u = 0; u < row_loads; ++u)
        if (const std::int64_t at = k + u * step; at < p.k) of_x[u] = Elements<STEP>::load_again(x + v * p.k + at);
      // What is behind the end is 0 on both sides.
      SIMT_UNROLL
      for (int u = 0; u < row_loads; ++u) {
        SIMT_UNROLL
        for (int i = 0; i < STEP; ++i)
          sums[v] = simt::fma(loaded[u].template at<TYPE>(i), of_x[u].template at<TYPE>(i), sums[v]);
      }
    }
  }
  SIMT_UNROLL
  for (int v = 0; v < VECTORS; ++v) {
    SIMT_UNROLL
    for (unsigned mask = 16; mask > 0; mask /= 2) sums[v] += simt::shuffle_xor(sums[v], mask);
    if (lane == 0) simt::store_shared(smem + warp * VECTORS + v, sums[v]);
  }
  simt::sync_threads();
  const unsigned thread = simt::linear_thread_idx(), of_row = thread / VECTORS, vector = thread % VECTORS;
  if (of_row >= block_rows || first + of_row >= p.rows || static_cast<int>(vector) >= p.vectors) return;
  float sum = 0;
  for (unsigned part = 0; part < row_warps; ++part)
    sum += simt::load_shared(smem + (of_row * row_warps + part) * VECTORS + vector);
  store_output<TYPE>(p, sum, item, first + of_row, static_cast<int>(vector));
}

/// w lies along its rows, the outputs; one vector.
template <Type TYPE, int STEP>
SIMT_KERNEL(warps * 32)
void gemv_columns(Params p) {
  constexpr int unroll = 4, outputs = 32 * STEP;
  // Floats from a lane's i-th output to the next: what 32 threads read of 8 lanes' is in 32 banks.
  constexpr int stride = column_stride, warp_floats = STEP * stride;
  const unsigned lane = simt::lane_idx(), warp = simt::warp_idx(), thread = simt::linear_thread_idx();
  const std::int64_t first = std::int64_t{simt::block_idx().x} * outputs, item = simt::block_idx().y;
  const unsigned part = simt::block_idx().z, parts = simt::grid_dim().z;
  float* const smem = simt::dynamic_shared<float>();  // the sums of each warp, and whether this block is the last

  const std::int64_t k_begin = part * p.part_k, k_end = std::min(k_begin + p.part_k, p.k), own = first + lane * STEP;
  const f16* const w = p.w + item * p.item_w + own;
  const f16* const x = p.x + item * p.item_x;
  float sums[STEP] = {};
  for (std::int64_t k = k_begin + warp; k < k_end && own < p.rows; k += warps * unroll) {
    Elements<STEP> loaded[unroll];
    float of_x[unroll] = {};
    SIMT_UNROLL
    for (int u = 0; u < unroll; ++u) {
      const std::int64_t at = k + u * warps;
      if (at >= k_end) continue;
      loaded[u] = Elements<STEP>::load_once(w + at * p.rows);
      of_x[u] = tile::widen<TYPE>(simt::load_global(x + at));
    }
    SIMT_UNROLL
    for (int u = 0; u < unroll; ++u) {
      if (k + u * warps >= k_end) continue;
      SIMT_UNROLL
      for (int i = 0; i < STEP; ++i) sums[i] = simt::fma(loaded[u].template at<TYPE>(i), of_x[u], sums[i]);
    }
  }
  SIMT_UNROLL
  for (int i = 0; i < STEP; ++i) simt::store_shared(smem + warp * warp_floats + i * stride + lane, sums[i]);
  simt::sync_threads();
  // Thread i has output i of the block: lane i / STEP had it, as its number i % STEP.
  const bool has_output = thread < outputs && first + thread < p.rows;
  float sum = 0;
  if (has_output)
    for (unsigned of = 0; of < warps; ++of)
      sum += simt::load_shared(smem + of * warp_floats + thread % STEP * stride + thread / STEP);
  if (parts > 1) {
    const std::int64_t part_floats = simt::grid_dim().y * p.rows;
    float* const place = p.partials + item * p.rows + first + thread;
    if (has_output) simt::store_global(place + part * part_floats, sum);
    auto* const flag = reinterpret_cast<unsigned*>(smem + warps * warp_floats);
    unsigned* const arrivals = p.arrivals + item * simt::grid_dim().x + simt::block_idx().x;
    if (!tile::is_last_block(arrivals, parts, flag, thread)) return;
    sum = 0;
    if (has_output)
      for (unsigned of = 0; of < parts; ++of) sum += simt::load_global_written(place + of * part_floats);
  }
  if (has_output) store_output<TYPE>(p, sum, item, first + thread, 0);
}

/// Which operand is the matrix: where both could be, the one with more rows.
bool vectors_are_rows(const Matmul::Problem& problem) { return problem.m <= problem.n; }

struct Roles {
  std::int64_t vectors, rows;
  bool w_along_k, x_along_k;
};

Roles roles_of(const Matmul::Problem& p) {
  if (vectors_are_rows(p)) return {p.m, p.n, p.b_transposed(), !p.a_transposed() || p.m == 1};
  return {p.n, p.m, !p.a_transposed(), p.b_transposed() || p.n == 1};
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 75)
    return Support::no("needs compute capability 7.5");
  const Roles roles = roles_of(problem);
  if (roles.vectors > most_vectors) return Support::no("takes at most 4 rows or 4 columns of C");
  if (roles.vectors > 1 && !(roles.w_along_k && roles.x_along_k))
    return Support::no("takes several vectors only where A and B both lie along K (nt)");
  if (problem.batch > 65535) return Support::no("has more items in its batch than a grid has rows");
  return {};
}

template <int STEP>
Launch launch_rows(Params params, Type type, std::int64_t items) {
  using Kernel = void (*)(Params);
  const Kernel kernel = with_type(type, [&](auto type_constant) -> Kernel {
    constexpr Type TYPE = decltype(type_constant)::value;
    return params.vectors == 1 ? gemv_rows<TYPE, STEP, 1> : gemv_rows<TYPE, STEP, most_vectors>;
  });
  // As many warps as have a whole round each.
  params.log2_row_warps = 0;
  while (2 << params.log2_row_warps <= warps && params.k >= std::int64_t{64 * STEP * row_loads}
                                                                << params.log2_row_warps)
    ++params.log2_row_warps;
  const simt::LaunchShape shape{
      {static_cast<unsigned>(ceil_div(params.rows, warps >> params.log2_row_warps)), static_cast<unsigned>(items)},
      {warps * 32},
      warps * (params.vectors == 1 ? 1 : most_vectors) * sizeof(float),
      "gemv_rows"};
  return [=](Stream stream) { simt::launch(kernel, shape, stream, params); };
}

template <int STEP>
Launch launch_columns(const Device& device, Params params, Type type, std::int64_t items) {
  using Kernel = void (*)(Params);
  constexpr int outputs = 32 * STEP;
  const Kernel kernel = with_type(type, [](auto type_constant) -> Kernel {
    constexpr Type TYPE = decltype(type_constant)::value;
    return gemv_columns<TYPE, STEP>;
  });
  const std::int64_t blocks = ceil_div(params.rows, outputs);
  // Four blocks for each multiprocessor, and 16 steps for each warp at least.
  const std::int64_t wanted = std::clamp<std::int64_t>(4 * std::int64_t{device.multiprocessors} / (blocks * items), 1,
                                                       std::max<std::int64_t>(1, params.k / (16 * warps)));
  params.part_k = std::max<std::int64_t>(1, ceil_div(params.k, wanted));
  const std::int64_t parts = std::max<std::int64_t>(1, ceil_div(params.k, params.part_k));
  std::shared_ptr<const Memory> partials, arrivals;
  if (parts > 1) {
    partials = std::make_shared<const Memory>(device, static_cast<std::size_t>(parts * items * params.rows) * 4);
    arrivals = std::make_shared<const Memory>(device, static_cast<std::size_t>(blocks * items) * 4);
    arrivals->fill(0);
    params.partials = reinterpret_cast<float*>(partials->data());
    params.arrivals = reinterpret_cast<unsigned*>(arrivals->data());
  }
  const simt::LaunchShape shape{
      {static_cast<unsigned>(blocks), static_cast<unsigned>(items), static_cast<unsigned>(parts)},
      {warps * 32},
      (warps * STEP * column_stride + 1) * sizeof(float),
      "gemv_columns"};
  return [=](Stream stream) {
    (void)partials, (void)arrivals;  // keeps the memory
    simt::launch(kernel, shape, stream, params);
  };
}

Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  const bool rows = vectors_are_rows(problem);
  const Roles roles = roles_of(problem);
  const Params params{.w = rows ? buffers.b : buffers.a,
                      .x = rows ? buffers.a : buffers.b,
                      .c = buffers.c,
                      .rows = roles.rows,
                      .k = problem.k,
                      .m = problem.m,
                      .n = problem.n,
                      .item_w = roles.rows * problem.k,
                      .item_x = roles.vectors * problem.k,
                      .vectors = static_cast<int>(roles.vectors),
                      .vectors_are_rows = rows,
                      .log2_row_warps = 0,
                      .part_k = 0,
                      .partials = nullptr,
                      .arrivals = nullptr,
                      .epilogue = epilogue_params(problem, buffers)};
  if (roles.w_along_k) {
    const bool wide = row_alignment(params.w, problem.k) >= 16 && row_alignment(params.x, problem.k) >= 16;
    return wide ? launch_rows<8>(params, problem.type, problem.batch)
                : launch_rows<1>(params, problem.type, problem.batch);
  }
  return row_alignment(params.w, roles.rows) >= 16 ? launch_columns<8>(device, params, problem.type, problem.batch)
                                                   : launch_columns<1>(device, params, problem.type, problem.batch);
}

const Register<Matmul> registered{{"sm75_gemv", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
