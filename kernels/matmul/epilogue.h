#pragma once
// What becomes of a product's sums before they are rounded, in every kernel: Epilogue of matmul.h, on the device.

#include <array>
#include <bit>
#include <cstdint>
#include <numbers>
#include <type_traits>

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
  bool fours;  ///< four, and stored
};

inline EpilogueParams epilogue_params(const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  const Epilogue& last = problem.epilogue;
  const f16* const source = last.beta == 0 ? nullptr : buffers.source;
  const auto bits = reinterpret_cast<std::uintptr_t>(source) | reinterpret_cast<std::uintptr_t>(buffers.bias);
  const auto all_bits = bits | reinterpret_cast<std::uintptr_t>(buffers.c);
  return {.source = source,
          .bias = buffers.bias,
          .n = problem.n,
          .alpha = last.alpha,
          .beta = last.beta,
          .activation = last.activation,
          .plain = last.alpha == 1 && source == nullptr && !last.bias && last.activation == Activation::none,
          .pairs = problem.n % 2 == 0 && bits % 4 == 0,
          .fours = problem.n % 4 == 0 && all_bits % 8 == 0};
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

/// ELEMENTS neighbours of a row of C, where they begin at multiples of that many.
template <Type TYPE, int ELEMENTS>
SIMT_DEVICE void finish_neighbours(const EpilogueParams& p, const float* sums, std::int64_t row, std::int64_t column,
                                   f16* c) {
  using Piece = std::conditional_t<ELEMENTS == 4, std::uint64_t, f16>;
  const auto add = [](float(&values)[ELEMENTS], const f16* from, float factor) {
    const Piece piece = simt::load_global(reinterpret_cast<const Piece*>(from));
    if constexpr (ELEMENTS == 4) {
      SIMT_UNROLL
      for (int e = 0; e < 4; ++e) {
        const auto pair = static_cast<std::uint32_t>(piece >> (e / 2 * 32));
        values[e] = simt::fma(factor, e % 2 == 0 ? tile::low_of<TYPE>(pair) : tile::high_of<TYPE>(pair), values[e]);
      }
    } else {
      values[0] = simt::fma(factor, tile::widen<TYPE>(piece), values[0]);
    }
  };
  float values[ELEMENTS];
  SIMT_UNROLL
  for (int e = 0; e < ELEMENTS; ++e) values[e] = p.alpha == 0 ? 0 : p.alpha * sums[e];  // as in BLAS, also of NaN
  if (p.source != nullptr) add(values, p.source + row * p.n + column, p.beta);
  if (p.bias != nullptr) add(values, p.bias + column, 1);
  if (p.activation != Activation::none) {
    SIMT_UNROLL
    for (float& value : values) value = activate(p.activation, value);
  }
  if constexpr (ELEMENTS == 4)
    simt::store_global(
        reinterpret_cast<Piece*>(c + row * p.n + column),
        tile::pack_pair<TYPE>(values[0], values[1]) | std::uint64_t{tile::pack_pair<TYPE>(values[2], values[3])} << 32);
  else
    simt::store_global(c + row * p.n + column, f16{static_cast<std::uint16_t>(tile::pack_pair<TYPE>(values[0], 0))});
}

/// Eight rows of a warp's sums in shared memory, on their way from mma's fragments to whole rows of C.
template <int COLUMNS_>
struct SumRows {
  static constexpr int rows = 8, columns = COLUMNS_, chunks = columns / 8;
  static constexpr int smem_bytes = rows * columns * 4;
  static_assert(chunks == 4 || chunks == 8, "chunks of one column are in other banks for each of four rows");

  SIMT_DEVICE static int offset(int row, int column) {
    return row * columns + ((column / 8) ^ (row % chunks)) * 8 + column % 8;
  }
};

template <Type TYPE, int ELEMENTS, class Rows>
SIMT_DEVICE void finish_rows(const EpilogueParams& p, const float* smem, std::int64_t row, std::int64_t rows_left,
                             std::int64_t column, f16* c, unsigned lane_idx) {
  constexpr int per_row = Rows::columns / ELEMENTS;
  SIMT_NO_UNROLL
  for (int i = static_cast<int>(lane_idx); i < Rows::rows * per_row; i += 32) {
    const int r = i / per_row, at = i % per_row * ELEMENTS;
    if (r >= rows_left || column + at >= p.n) continue;
    float sums[ELEMENTS];
    const float* const from = smem + Rows::offset(r, at);
    if constexpr (ELEMENTS == 4) {
      const auto four =
          std::bit_cast<std::array<float, 4>>(simt::load_shared(reinterpret_cast<const simt::Vec4*>(from)));
      SIMT_UNROLL
      for (int e = 0; e < 4; ++e) sums[e] = four[static_cast<std::size_t>(e)];
    } else {
      sums[0] = simt::load_shared(from);
    }
    finish_neighbours<TYPE, ELEMENTS>(p, sums, row + r, column + at, c);
  }
}

/// By each warp of a block whose warps multiply by mma, instead of tile::store_rounded: its tile begins at
/// (row, column). Eight rows at a time go through shared memory, so that the steps of the epilogue are there once, not
/// once for each register, and the source is read in whole rows, as C is written.
///
/// Units   row: through the whole batch. rows_left: rows of C from the first one on, within its item. smem: for each
///         warp SumRows<WARP_N>::smem_bytes, which nobody else uses.
template <Type TYPE, class Grid>
SIMT_DEVICE void finish_and_store(const EpilogueParams& p, const tile::Accumulators<Grid>& sums, std::int64_t row,
                                  std::int64_t rows_left, std::int64_t column, f16* c, unsigned char* smem,
                                  unsigned thread_idx) {
  using Rows = SumRows<Grid::WARP_N>;
  const unsigned warp_idx = thread_idx / 32, lane_idx = thread_idx % 32;
  constexpr int strips = Grid::WARP_M / 8;
  auto* const strip = reinterpret_cast<float*>(smem + warp_idx * Rows::smem_bytes);
  const int warp_m = Grid::warp_m(warp_idx), warp_n = Grid::warp_n(warp_idx);
  // Registers have no index: each strip is stored where its bit is set. Numbers instead of bits nvcc makes a table of
  // jumps of.
  unsigned turn = 1;
  SIMT_NO_UNROLL
  for (int at = warp_m; turn < 1u << strips; turn *= 2, at += 8) {
    SIMT_UNROLL
    for (int i = 0; i < strips; ++i) {
      if ((turn & 1u << i) == 0) continue;
      SIMT_UNROLL
      for (int j = 0; j < Grid::WARP_N / 8; ++j) {
        const float* const pair = &sums.d[i / 2][j][i % 2 * 2];
        const int place = Rows::offset(static_cast<int>(lane_idx / 4), sums.column(j, lane_idx));
        simt::store_shared(reinterpret_cast<std::uint64_t*>(strip + place),
                           std::bit_cast<std::uint64_t>(std::array{pair[0], pair[1]}));
      }
    }
    simt::sync_warp();
    if (p.fours)
      finish_rows<TYPE, 4, Rows>(p, strip, row + at, rows_left - at, column + warp_n, c, lane_idx);
    else
      finish_rows<TYPE, 1, Rows>(p, strip, row + at, rows_left - at, column + warp_n, c, lane_idx);
    simt::sync_warp();  // before the next strip takes its place
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
