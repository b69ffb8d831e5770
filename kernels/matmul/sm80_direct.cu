// Tensor-Core matmul for small products, where nothing but latency counts: fragments come straight from global memory,
// all of K at once. docs/matmul.md has the picture.
//
// A block computes 32 x 32 of C; its warps divide K, 32 at a time. A lane loads 16 bytes along K, which are what it
// multiplies: which k is which within a mma is free, as long as A and B agree. So there is no copy to shared memory, no
// barrier before the products, and no ring; shared memory is for the warps' sums alone, which are added in one order:
// the same input gives the same bits. Each element is loaded as often as there are tiles in its row: too often for
// large products.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "kernels/matmul/epilogue.h"
#include "kernels/matmul/layout.h"
#include "kernels/matmul/matmul.h"
#include "kernels/matmul/mma_cost.h"
#include "kernels/matmul/multistage_loop.h"
#include "kernels/simt/simt.h"

namespace kernelgate {
namespace {

/// A lane g * 4 + t has rows 4 g .. 4 g + 3 of A and of B's columns, and k from 8 t on within 32.
constexpr int BLOCK_M = 32, BLOCK_N = 32, CHUNK_K = 32, LANE_K = 8, LANE_ROWS = 4;
constexpr int most_warps = 8;
constexpr int fours = BLOCK_N / 4;  ///< of a row of the tile
constexpr int warp_sums_bytes = BLOCK_M * BLOCK_N * 4;

struct Params {
  const f16* a;
  const f16* b;
  f16* c;
  int m, n, k;
  unsigned lda, ldb;
  std::int64_t item_a, item_b;  ///< elements from a matrix of the batch to the next
  EpilogueParams epilogue;
};

/// Four rows of an operand (of B: columns), 8 neighbours along K of each: words[row][pair].
struct Fragment {
  std::uint32_t words[LANE_ROWS][LANE_K / 2];
};

/// What a lane loads of A or B. VECTORS: 16 bytes along K, or 8 across it; else element by element.
template <simt::Major MAJOR, bool VECTORS>
class LaneOperand {
 public:
  /// `rows`: of the operand; the last of them stands for those behind it, whose products nobody stores.
  SIMT_DEVICE LaneOperand(const f16* matrix, unsigned ld, int rows, int first_row) : matrix_(matrix), ld_(ld) {
    SIMT_UNROLL
    for (int r = 0; r < LANE_ROWS; ++r) rows_[r] = static_cast<unsigned>(std::min(first_row + r, rows - 1));
    if constexpr (MAJOR == simt::Major::mn && VECTORS)
      rows_[0] = static_cast<unsigned>(std::min(first_row, rows - LANE_ROWS));
  }

  /// From `k` on; what is behind the end of K is 0.
  SIMT_DEVICE Fragment load(int k, int k_end) const {
    Fragment to;
    if constexpr (MAJOR == simt::Major::k && VECTORS) {
      SIMT_UNROLL
      for (int r = 0; r < LANE_ROWS; ++r) {
        const simt::Vec4 v = k < k_end ? simt::load_global_16(matrix_ + rows_[r] * ld_ + k) : simt::Vec4{};
        to.words[r][0] = v.x, to.words[r][1] = v.y, to.words[r][2] = v.z, to.words[r][3] = v.w;
      }
    } else if constexpr (VECTORS) {
      std::uint64_t across[LANE_K];  // four rows each
      SIMT_UNROLL
      for (int e = 0; e < LANE_K; ++e)
        across[e] = k + e < k_end ? simt::load_global(reinterpret_cast<const std::uint64_t*>(
                                        matrix_ + static_cast<unsigned>(k + e) * ld_ + rows_[0]))
                                  : 0;
      SIMT_UNROLL
      for (int r = 0; r < LANE_ROWS; ++r) {
        SIMT_UNROLL
        for (int w = 0; w < LANE_K / 2; ++w)
          to.words[r][w] = static_cast<std::uint16_t>(across[2 * w] >> 16 * r) |
                           std::uint32_t{static_cast<std::uint16_t>(across[2 * w + 1] >> 16 * r)} << 16;
      }
    } else {
      SIMT_UNROLL
      for (int r = 0; r < LANE_ROWS; ++r) {
        SIMT_UNROLL
        for (int w = 0; w < LANE_K / 2; ++w)
          to.words[r][w] = element(r, k + 2 * w, k_end) | std::uint32_t{element(r, k + 2 * w + 1, k_end)} << 16;
      }
    }
    return to;
  }

 private:
  SIMT_DEVICE std::uint16_t element(int r, int k, int k_end) const {
    const unsigned at =
        MAJOR == simt::Major::k ? rows_[r] * ld_ + static_cast<unsigned>(k) : static_cast<unsigned>(k) * ld_ + rows_[r];
    return k < k_end ? simt::load_global(matrix_ + at).bits : std::uint16_t{0};
  }

  const f16* matrix_;
  unsigned ld_;
  unsigned rows_[LANE_ROWS];
};

/// Row 4 g + 2 i + half of the tile and its columns 8 t + 4 side .. 8 t + 4 side + 3 are in
/// d[i][0 .. 3][2 * half + side].
using Sums = float[BLOCK_M / 16][BLOCK_N / 8][4];

template <Type TYPE>
SIMT_DEVICE void multiply(Sums& d, const Fragment& a, const Fragment& b) {
  SIMT_UNROLL
  for (int step = 0; step < CHUNK_K / 16; ++step) {
    SIMT_UNROLL
    for (int i = 0; i < BLOCK_M / 16; ++i) {
      const std::uint32_t left[4] = {a.words[2 * i][2 * step], a.words[2 * i + 1][2 * step],
                                     a.words[2 * i][2 * step + 1], a.words[2 * i + 1][2 * step + 1]};
      SIMT_UNROLL
      for (int j = 0; j < BLOCK_N / 8; ++j) {
        const std::uint32_t right[2] = {b.words[j][2 * step], b.words[j][2 * step + 1]};
        if constexpr (TYPE == Type::bf16)
          simt::mma_m16n8k16_bf16(d[i][j], left, right);
        else
          simt::mma_m16n8k16(d[i][j], left, right);
      }
    }
  }
}

/// Bytes from the first sum of a warp on. Lanes that store at once have other banks: of two rows of lanes one has its
/// neighbours' order changed.
SIMT_DEVICE int sums_offset(int row, int four) { return (row * fours + (four ^ (row / 4 % 2))) * 16; }

SIMT_DEVICE void leave_sums(unsigned char* smem, const Sums& d, int g, int t) {
  SIMT_UNROLL
  for (int r = 0; r < LANE_ROWS; ++r) {
    SIMT_UNROLL
    for (int side = 0; side < 2; ++side) {
      std::array<float, 4> four;
      SIMT_UNROLL
      for (std::size_t j = 0; j < 4; ++j) four[j] = d[r / 2][j][r % 2 * 2 + side];
      simt::store_shared(reinterpret_cast<simt::Vec4*>(smem + sums_offset(4 * g + r, 2 * t + side)),
                         std::bit_cast<simt::Vec4>(four));
    }
  }
}

/// By all threads, when the sums of all warps are there.
template <Type TYPE>
SIMT_DEVICE void add_up_and_store(const Params& p, const unsigned char* smem, int m_begin, int n_begin,
                                  std::int64_t item) {
  const unsigned warps = simt::block_dim().x / 32;
  for (int i = static_cast<int>(simt::thread_idx().x); i < BLOCK_M * fours; i += static_cast<int>(warps) * 32) {
    const int row = i / fours, four = i % fours, column = n_begin + four * 4;
    if (m_begin + row >= p.m || column >= p.n) continue;
    simt::Vec4 parts[most_warps];  // all on their way before the first is needed
    SIMT_UNROLL
    for (unsigned warp = 0; warp < most_warps; ++warp)
      if (warp < warps)
        parts[warp] = simt::load_shared(
            reinterpret_cast<const simt::Vec4*>(smem + warp * warp_sums_bytes + sums_offset(row, four)));
    float sums[4] = {};
    SIMT_UNROLL
    for (unsigned warp = 0; warp < most_warps; ++warp) {
      if (warp >= warps) continue;
      const auto part = std::bit_cast<std::array<float, 4>>(parts[warp]);
      SIMT_UNROLL
      for (std::size_t e = 0; e < 4; ++e) sums[e] += part[e];
    }
    const std::int64_t c_row = item * p.m + m_begin + row;
    if (p.epilogue.fours) {
      finish_neighbours<TYPE, 4>(p.epilogue, sums, c_row, column, p.c);
    } else {
      SIMT_UNROLL
      for (int e = 0; e < 4; ++e)
        if (column + e < p.n) finish_neighbours<TYPE, 1>(p.epilogue, sums + e, c_row, column + e, p.c);
    }
  }
}

template <Type TYPE, Layout LAYOUT, bool VECTORS>
SIMT_KERNEL(most_warps * 32, VECTORS ? 2 : 1)
void matmul_direct(const SIMT_GRID_CONSTANT Params p) {
  constexpr simt::Major a_major = a_transposed(LAYOUT) ? simt::Major::mn : simt::Major::k;
  constexpr simt::Major b_major = b_transposed(LAYOUT) ? simt::Major::k : simt::Major::mn;
  unsigned char* const smem = simt::dynamic_shared<unsigned char>();
  const int lane = static_cast<int>(simt::lane_idx()), warp = static_cast<int>(simt::warp_idx());
  const int warps = static_cast<int>(simt::block_dim().x / 32), g = lane / 4, t = lane % 4;
  const int m_begin = static_cast<int>(simt::block_idx().y) * BLOCK_M;
  const int n_begin = static_cast<int>(simt::block_idx().x) * BLOCK_N;
  const std::int64_t item = simt::block_idx().z;
  const LaneOperand<a_major, VECTORS> a(p.a + item * p.item_a, p.lda, p.m, m_begin + g * LANE_ROWS);
  const LaneOperand<b_major, VECTORS> b(p.b + item * p.item_b, p.ldb, p.n, n_begin + g * LANE_ROWS);

  Sums sums = {};
  const int own = t * LANE_K, step = warps * CHUNK_K;
  // Two at a time: with eight warps, all loads of a K of 512 are under way before the first product. Of single elements
  // one takes as many registers as there are.
  constexpr int at_once = VECTORS ? 2 : 1;
  SIMT_NO_UNROLL
  for (int k = warp * CHUNK_K; k < p.k; k += at_once * step) {
    const Fragment first_a = a.load(k + own, p.k), first_b = b.load(k + own, p.k);
    const bool second = at_once == 2 && k + step < p.k;
    Fragment second_a = {}, second_b = {};
    if (second) second_a = a.load(k + step + own, p.k), second_b = b.load(k + step + own, p.k);
    multiply<TYPE>(sums, first_a, first_b);
    if (second) multiply<TYPE>(sums, second_a, second_b);
  }
  leave_sums(smem + warp * warp_sums_bytes, sums, g, t);
  simt::sync_threads();
  add_up_and_store<TYPE>(p, smem, m_begin, n_begin, item);
}

constexpr std::int64_t most_elements = std::int64_t{1} << 31;  // of a matrix: indices have 32 bits

Support supports(const Device& device, const Matmul::Problem& p) {
  if (simt::device_kind == DeviceKind::cuda && device.compute_capability < 80)
    return Support::no("needs compute capability 8.0");
  if (ceil_div(p.m, BLOCK_M) > 65535 || p.batch > 65535) return Support::no("has more tiles than a grid has rows");
  if (std::max({p.m, p.n, p.k}) > (1 << 30) || p.m * p.k >= most_elements || p.n * p.k >= most_elements)
    return Support::no("has a matrix of 2^31 elements or more");
  return {};
}

using Kernel = void (*)(Params);

bool vectors(const Matmul::Problem& p, const Matmul::Buffers& buffers) {
  const auto operand = [](const f16* begin, std::int64_t ld, bool along_k) {
    return row_alignment(begin, ld) >= (along_k ? 16u : 8u);
  };
  return operand(buffers.a, p.lda(), !p.a_transposed()) && operand(buffers.b, p.ldb(), p.b_transposed());
}

Launch prepare(const Device&, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  if (problem.m == 0 || problem.n == 0) return [](Stream) {};
  const Params params{.a = buffers.a,
                      .b = buffers.b,
                      .c = buffers.c,
                      .m = static_cast<int>(problem.m),
                      .n = static_cast<int>(problem.n),
                      .k = static_cast<int>(problem.k),
                      .lda = static_cast<unsigned>(problem.lda()),
                      .ldb = static_cast<unsigned>(problem.ldb()),
                      .item_a = problem.m * problem.k,
                      .item_b = problem.n * problem.k,
                      .epilogue = epilogue_params(problem, buffers)};
  const Kernel kernel = with_type(problem.type, [&](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return with_layout(problem.layout, [&](auto layout_constant) -> Kernel {
      constexpr Layout LAYOUT = decltype(layout_constant)::value;
      return vectors(problem, buffers) ? matmul_direct<TYPE, LAYOUT, true> : matmul_direct<TYPE, LAYOUT, false>;
    });
  });
  const auto warps = static_cast<unsigned>(std::clamp<std::int64_t>(ceil_div(problem.k, CHUNK_K), 1, most_warps));
  const simt::LaunchShape shape{
      {static_cast<unsigned>(ceil_div(problem.n, BLOCK_N)), static_cast<unsigned>(ceil_div(problem.m, BLOCK_M)),
       static_cast<unsigned>(problem.batch)},
      {warps * 32},
      warps * warp_sums_bytes,
      "matmul_direct"};
  return [=](Stream stream) { simt::launch(kernel, shape, stream, params); };
}

const Register<Matmul> registered{{"sm80_direct", Origin::ours, simt::device_kind, supports, prepare}};

}  // namespace
}  // namespace kernelgate
