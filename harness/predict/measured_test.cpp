// The model against what was measured, of a kernel whose machine code is kept as it was: kernels change, and this one
// stays the truth.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/base/paths_for_test.h"
#include "harness/predict/model/launch_model.h"
#include "harness/predict/sass/decode.h"

namespace kernelgate::predict {
namespace {

/// sm75_multistage of 2026-11-27: its tile of 64 x 64, K by 32 through 4 stages, for rows of whole 16 bytes. What
/// stores rows of C that have no whole 16 bytes had changed when this was kept: 1000 x 300 x 512 is not here.
constexpr int registers = 106, stages_bytes = 4 * 2 * 64 * 32 * 2;

const SassKernel& measured_kernel() {
  static const SassKernel kernel = [] {
    std::ifstream file(source_folder() / "harness/predict/testdata/measured.sass");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<SassKernel> all = read_disassembly(text, "measured.sass");
    if (all.size() != 1) throw std::logic_error("not one kernel");
    return std::move(all[0]);
  }();
  return kernel;
}

struct Row {
  std::int64_t m, n, k, batch;
  const char* gpu;
  double cold_us, hot_us;  ///< docs/gpu_figures.md
};

/// As the kernel's parameters were then.
struct Parameters {
  std::uint64_t a = 0x7f0000000000, b = 0x7f1000000000, c = 0x7f2000000000;
  std::int64_t m, n, k, lda, ldb;
  std::uint32_t tiles_m, tiles_n;
  bool aligned_c = true;
};

LaunchFacts launch_of(const Row& row) {
  Parameters p{.m = row.m, .n = row.n, .k = row.k, .lda = row.k, .ldb = row.k, .tiles_m = 0, .tiles_n = 0};
  p.tiles_m = static_cast<std::uint32_t>((row.m + 63) / 64);
  p.tiles_n = static_cast<std::uint32_t>((row.n + 63) / 64);
  p.aligned_c = row.n % 8 == 0;
  LaunchFacts launch;
  launch.grid = {p.tiles_m * p.tiles_n * static_cast<std::uint32_t>(row.batch), 1, 1};
  launch.block = {128, 1, 1};
  launch.dynamic_shared_bytes = stages_bytes;
  launch.parameters.resize(sizeof p);
  std::memcpy(launch.parameters.data(), &p, sizeof p);
  launch.parameters_alignment = alignof(Parameters);
  return launch;
}

double predicted_us(const Row& row, const LaunchFacts& launch, const std::vector<BlockTrace>& blocks, bool cold) {
  LaunchQuestion question;
  question.kernel = &measured_kernel();
  question.launch = &launch;
  question.needs = {registers, 0};
  question.blocks = &blocks;
  const auto m = static_cast<double>(row.m), n = static_cast<double>(row.n), k = static_cast<double>(row.k);
  question.flop = 2 * m * n * k * static_cast<double>(row.batch);
  question.unique_bytes = 2 * (m * k + n * k + m * n) * static_cast<double>(row.batch);
  question.cold = cold;
  return predict_launch(question, find_gpu(row.gpu)).seconds() * 1e6;
}

class Measured : public testing::TestWithParam<Row> {};

TEST_P(Measured, IsPredictedWithinATenth) {
  const Row& row = GetParam();
  const LaunchFacts launch = launch_of(row);
  std::vector<BlockTrace> blocks;
  const std::uint32_t all = launch.grid[0], some = std::min(all, row.k > 1000 ? 3u : 16u);
  for (std::uint32_t i = 0; i < some; ++i)
    blocks.push_back(follow_block(measured_kernel(), launch, {i * (all - 1) / (some - 1), 0, 0}));
  const double hot = predicted_us(row, launch, blocks, false);
  EXPECT_NEAR(hot, row.hot_us, 0.1 * row.hot_us);
  // So many launches stand behind one flush of the caches (docs/measuring.md), of which the first is cold.
  const double launches = std::max(std::ceil(10 / hot), 1.0);
  const double cold = (predicted_us(row, launch, blocks, true) + (launches - 1) * hot) / launches;
  EXPECT_NEAR(cold, row.cold_us, 0.1 * row.cold_us);
}

INSTANTIATE_TEST_SUITE_P(
    OnGpus, Measured,
    testing::Values(Row{256, 256, 256, 1, "h200-sxm", 5.72, 5.44}, Row{512, 512, 512, 1, "h200-sxm", 7.7, 7.14},
                    Row{16, 2112, 7168, 1, "h200-sxm", 64.2, 47.5}, Row{128, 128, 128, 8, "h200-sxm", 4.93, 4.38},
                    Row{256, 256, 256, 1, "h100-sxm", 5.84, 5.52}, Row{512, 512, 512, 1, "h100-sxm", 7.71, 7.1},
                    Row{16, 2112, 7168, 1, "h100-sxm", 64, 49.1}, Row{128, 128, 128, 8, "h100-sxm", 4.69, 4.68}));

}  // namespace
}  // namespace kernelgate::predict
