#pragma once
// What becomes of a product's sums before they are rounded, in every kernel: Epilogue of matmul.h, on the device.

#include <cstdint>
#include <numbers>

#include "kernels/matmul/matmul.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/accumulators.h"
#include "kernels/tile/element.h"

namespace kernelgate {
inline namespace SIMT_SIDE {

/// A kernel's parameter. A kernel asks `plain` once, so that a product alone costs one branch.
struct EpilogueParams {
  const f16* source;  ///< null where nothing of it is to be added
  const f16* bias;    ///< null: none
  std::int64_t n;     ///< columns of C, and elements from a row of the source to the next
  float alpha, beta;
  Activation activation;
  bool plain;
  bool pairs;  ///< where n and the pointers let two neighbours be loaded at once
};

inline EpilogueParams epilogue_params(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const Epilogue& last = problem.epilogue;
  const f16* const source = last.beta == 0 ? nullptr : buffers.source;
  const auto bits = reinterpret_cast<std::uintptr_t>(source) | reinterpret_cast<std::uintptr_t>(buffers.bias);
  return {.source = source,
          .bias = buffers.bias,
          .n = problem.n,
          .alpha = last.alpha,
          .beta = last.beta,
          .activation = last.activation,
          .plain = last.alpha == 1 && source == nullptr && !last.bias && last.activation == Activation::none,
          .pairs = problem.n % 2 == 0 && bits % 4 == 0};
}

SIMT_DEVICE float activate(Activation activation, float x) {
  if (activation == Activation::relu) return x < 0 ? 0 : x;
  if (activation == Activation::none) return x;
  // 0.5 (1 + tanh(u)) is 1 / (1 + exp(-2 u)).
  constexpr auto scale = static_cast<float>(-2 * std::numbers::log2e * 0.79788456080286536);  // sqrt(2/pi)
  const float cubed = simt::fma(0.044715f * x * x, x, x);
  return x * simt::reciprocal_approx(1 + simt::exp2_approx(scale * cubed));
}

/// Of two neighbours of one row of C. What is outside C is left alone.
///
/// Units   row: through the whole batch. column: even, from the row's begin.
template <Type TYPE>
SIMT_DEVICE void finish_pair(const EpilogueParams& p, float& left, float& right, std::int64_t row,
                             std::int64_t column) {
  const bool both = column + 1 < p.n;
  if (column >= p.n) return;
  const auto load = [&](const f16* from) -> std::uint32_t {
    if (p.pairs) return simt::load_global(reinterpret_cast<const std::uint32_t*>(from));
    const std::uint32_t low = simt::load_global(from).bits;
    return both ? low | std::uint32_t{simt::load_global(from + 1).bits} << 16 : low;
  };
  left = p.alpha == 0 ? 0 : p.alpha * left;  // as in BLAS, also where the sum is no number
  right = p.alpha == 0 ? 0 : p.alpha * right;
  if (p.source != nullptr) {
    const std::uint32_t pair = load(p.source + row * p.n + column);
    left = simt::fma(p.beta, tile::low_of<TYPE>(pair), left);
    right = simt::fma(p.beta, tile::high_of<TYPE>(pair), right);
  }
  if (p.bias != nullptr) {
    const std::uint32_t pair = load(p.bias + column);
    left += tile::low_of<TYPE>(pair);
    right += tile::high_of<TYPE>(pair);
  }
  if (p.activation == Activation::none) return;
  left = activate(p.activation, left);
  right = activate(p.activation, right);
}

/// Of one element of C.
template <Type TYPE>
SIMT_DEVICE float finish_one(const EpilogueParams& p, float sum, std::int64_t row, std::int64_t column) {
  float value = p.alpha == 0 ? 0 : p.alpha * sum;
  if (p.source != nullptr)
    value = simt::fma(p.beta, tile::widen<TYPE>(simt::load_global(p.source + row * p.n + column)), value);
  if (p.bias != nullptr) value += tile::widen<TYPE>(simt::load_global(p.bias + column));
  return activate(p.activation, value);
}

/// Of all the sums of a block whose warps multiply by mma: its tile begins at (row, column).
///
/// Units   row: through the whole batch. rows_left: rows of C from the first one on, within its item.
template <Type TYPE, class Grid>
SIMT_DEVICE void finish_sums(const EpilogueParams& p, tile::Accumulators<Grid>& sums, std::int64_t row,
                             std::int64_t rows_left, std::int64_t column, unsigned thread_idx) {
  const unsigned warp_idx = thread_idx / 32, lane_idx = thread_idx % 32;
  SIMT_UNROLL
  for (int i = 0; i < Grid::WARP_M / 16; ++i) {
    SIMT_UNROLL
    for (int half = 0; half < 2; ++half) {
      const int at = Grid::warp_m(warp_idx) + sums.row(i, half, lane_idx);
      if (at >= rows_left) continue;
      SIMT_UNROLL
      for (int j = 0; j < Grid::WARP_N / 8; ++j)
        finish_pair<TYPE>(p, sums.d[i][j][2 * half], sums.d[i][j][2 * half + 1], row + at,
                          column + Grid::warp_n(warp_idx) + sums.column(j, lane_idx));
    }
  }
}

/// Of the sums of a warpgroup, as wgmma_m64nNk16 leaves them: 64 rows from `row` on, N columns from `column` on.
///
/// Units   as finish_sums.
template <Type TYPE, int REGISTERS>
SIMT_DEVICE void finish_wgmma_sums(const EpilogueParams& p, float (&sums)[REGISTERS], std::int64_t row,
                                   std::int64_t rows_left, std::int64_t column) {
  const unsigned thread = simt::linear_thread_idx() % 128, lane = thread % 32;
  SIMT_UNROLL
  for (unsigned half = 0; half < 2; ++half) {
    const unsigned at = thread / 32 * 16 + half * 8 + lane / 4;
    if (at >= rows_left) continue;
    SIMT_UNROLL
    for (unsigned j = 0; j < REGISTERS / 4; ++j)
      finish_pair<TYPE>(p, sums[4 * j + 2 * half], sums[4 * j + 2 * half + 1], row + at, column + 8 * j + lane % 4 * 2);
  }
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate
