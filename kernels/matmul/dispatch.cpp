#include "kernels/matmul/dispatch.h"

#include <array>

namespace kernelgate {
namespace {

// Nothing of this was measured yet. The figures are `kernelgate predict`'s, hot, on an H200: docs/matmul.md.
constexpr std::array rows{
    MatmulRow{.name = "one row",
              .kernel = "sm75_gemv",
              .capability = 75,
              .most_rows = 1,
              .reason = "each element of B is used once: no Tensor Core, and 108 KiB of B under way in a "
                        "multiprocessor (predicted: 1 x 7168 x 16384 in 59.9 us, in sm90a_small_m 61.9)"},
    MatmulRow{.name = "one column",
              .kernel = "sm75_gemv",
              .capability = 75,
              .most_columns = 1,
              .reason = "each element of A is used once, as with one row (predicted)"},
    MatmulRow{.name = "small",
              .kernel = "sm80_direct",
              .capability = 80,
              .least_rows = 5,
              .most_k = 512,
              .most_tiles = 16,
              .reason =
                  "latency decides: all of K is under way at once, with no copy and no ring before the first product "
                  "(predicted: 256 x 256 x 256 in 4.1 us, in sm90a_small_m 4.4; 512 x 512 x 512 in 5.3 and 5.8)"},
    MatmulRow{.name = "few rows, sm_90a",
              .kernel = "sm90a_small_m",
              .capability = 90,
              .alone = true,
              .most_rows = 128,
              .reason = "at most 128 rows: what counts is how fast B arrives, and that all multiprocessors load it "
                        "(predicted: 16 x 2112 x 7168 in 9.3 us, in sm80_multistage 13.1)"},
    MatmulRow{.name = "few tiles, sm_90a",
              .kernel = "sm90a_small_m",
              .capability = 90,
              .alone = true,
              .most_tiles = 40,
              .reason = "at most 40 tiles of 128 x 128 for 132 multiprocessors: smaller tiles and a divided K use "
                        "them all (predicted: 1000 x 300 x 512 in 6.4 us, in sm90a_cooperative 7.4)"},
    MatmulRow{.name = "many tiles, sm_90a",
              .kernel = "sm90a_cooperative",
              .capability = 90,
              .alone = true,
              .whole_rows = true,
              .reason = "tiles for all multiprocessors: the widest ones load least (predicted: 4096 x 4096 x 4096 in "
                        "177 us, in sm90_tma_mma 262)"},
    MatmulRow{.name = "many tiles packed, sm_90a",
              .kernel = "sm90a_cooperative",
              .capability = 90,
              .alone = true,
              .least_rows = 256,
              .least_tiles = 132,
              .reason = "rows of no whole 16 bytes, so many that packing them for TMA takes less than it saves "
                        "(predicted: 4095 x 4095 x 4095 in 245 us, in sm90_tma_mma 369)"},
    MatmulRow{.name = "very few rows",
              .kernel = "sm75_gemv",
              .capability = 75,
              .most_rows = 4,
              .reason = "at most 4 rows: a mma of 16 would waste three quarters of itself, and B's arrival decides "
                        "(predicted)"},
    MatmulRow{.name = "many tiles, TMA",
              .kernel = "sm90_tma_mma",
              .capability = 90,
              .least_rows = 256,
              .least_tiles = 132,
              .reason = "tiles for all multiprocessors: one warp loads with TMA, on into the next tile while this one "
                        "is stored (predicted)"},
    MatmulRow{.name = "cp.async",
              .kernel = "sm80_multistage",
              .capability = 80,
              .reason = "few tiles, whose K blocks divide, or rows of any alignment (predicted)"},
    MatmulRow{.name = "mma", .kernel = "sm75_multistage", .capability = 75, .reason = "takes what no other does"},
};

const Register<Matmul> on_the_host{matmul_dispatch().ours(DeviceKind::simt)};
#if KERNELGATE_HAS_CUDA
const Register<Matmul> on_a_gpu{matmul_dispatch().ours(DeviceKind::cuda)};
#endif

}  // namespace

bool MatmulRow::fits(const Matmul::Problem& problem) const {
  if (problem.m < least_rows || problem.m > most_rows || problem.n > most_columns || problem.k > most_k) return false;
  if (whole_rows && (problem.lda() % 8 != 0 || problem.ldb() % 8 != 0)) return false;
  const std::int64_t rows_of_tiles = (problem.m + 127) / 128, columns_of_tiles = (problem.n + 127) / 128;
  // As doubles: the product may be beyond 64 bits.
  const double tiles =
      static_cast<double>(rows_of_tiles) * static_cast<double>(columns_of_tiles) * static_cast<double>(problem.batch);
  return static_cast<double>(least_tiles) <= tiles && tiles <= static_cast<double>(most_tiles);
}

std::span<const MatmulRow> matmul_rows() { return rows; }

}  // namespace kernelgate
