#include "kernels/matmul/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace kernelgate {
namespace {

// Nothing of this was measured yet. What is predicted, and from what: docs/matmul.md.
constexpr std::array rows{
    DispatchRow{.name = "one row",
                .kernel = "sm75_gemv",
                .capability = 75,
                .most_rows = 1,
                .reason = "each element of B is used once: no Tensor Core, and 108 KiB of B under way in a "
                          "multiprocessor (predicted: 1 x 7168 x 16384 in 57 us, in sm90a_small_m 61)"},
    DispatchRow{.name = "one column",
                .kernel = "sm75_gemv",
                .capability = 75,
                .most_columns = 1,
                .reason = "each element of A is used once, as with one row (predicted)"},
    DispatchRow{.name = "few rows, sm_90a",
                .kernel = "sm90a_small_m",
                .capability = 90,
                .alone = true,
                .most_rows = 128,
                .reason = "at most 128 rows: what counts is how fast B arrives, and that all multiprocessors load it "
                          "(predicted: 16 x 2112 x 7168 in 12.3 us)"},
    DispatchRow{.name = "few tiles, sm_90a",
                .kernel = "sm90a_small_m",
                .capability = 90,
                .alone = true,
                .most_tiles = 40,
                .reason = "at most 40 tiles of 128 x 128 for 132 multiprocessors: smaller tiles and a divided K use "
                          "them all (predicted: 512 x 512 x 512 in 5.6 us)"},
    DispatchRow{.name = "many tiles, sm_90a",
                .kernel = "sm90a_cooperative",
                .capability = 90,
                .alone = true,
                .whole_rows = true,
                .reason = "tiles for all multiprocessors: the widest ones load least (predicted: 4096 x 4096 x 4096 in "
                          "174 us)"},
    DispatchRow{.name = "many tiles packed, sm_90a",
                .kernel = "sm90a_cooperative",
                .capability = 90,
                .alone = true,
                .least_rows = 256,
                .least_tiles = 132,
                .reason = "rows of no whole 16 bytes, so many that packing them for TMA takes less than it saves "
                          "(predicted: 4095 x 4095 x 4095 in 210 us)"},
    DispatchRow{.name = "very few rows",
                .kernel = "sm75_gemv",
                .capability = 75,
                .most_rows = 4,
                .reason = "at most 4 rows: a mma of 16 would waste three quarters of itself, and B's arrival decides "
                          "(predicted)"},
    DispatchRow{.name = "many tiles, TMA",
                .kernel = "sm90_tma_mma",
                .capability = 90,
                .least_rows = 256,
                .least_tiles = 132,
                .reason =
                    "tiles for all multiprocessors: one warp loads with TMA, on into the next tile while this one "
                    "is stored (predicted)"},
    DispatchRow{.name = "cp.async",
                .kernel = "sm80_multistage",
                .capability = 80,
                .reason = "few tiles, whose K blocks divide, or rows of any alignment (predicted)"},
    DispatchRow{.name = "mma", .kernel = "sm75_multistage", .capability = 75, .reason = "takes what no other does"},
};

const Implementation<Matmul>* find(DeviceKind kind, std::string_view name) {
  const auto& all = Implementations<Matmul>::sorted();
  const auto found = std::ranges::find_if(all, [&](const auto& one) { return one.device == kind && one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// act(row, kernel) for each row that fits and whose kernel supports the problem, until it says true.
template <class Act>
const DispatchRow* first_row(const Device& device, const Matmul::Problem& problem, std::string& why_not, Act act) {
  why_not.clear();
  const auto add = [&](const DispatchRow& row, std::string_view reason) {
    if (why_not.find(row.kernel) == std::string::npos)
      why_not += fmt::format("{}{} {}", why_not.empty() ? "" : "; ", row.kernel, reason);
  };
  for (const DispatchRow& row : rows) {
    if (!row.fits(device.compute_capability, problem)) continue;
    const Implementation<Matmul>* const kernel = find(device.kind, row.kernel);
    if (kernel == nullptr) {
      add(row, "is not in this build");
      continue;
    }
    if (const Support support = kernel->supports(device, problem); !support) {
      add(row, support.reason);
      continue;
    }
    try {
      if (act(*kernel)) return &row;
    } catch (const Unsupported& why) {
      add(row, why.what());
    }
  }
  if (why_not.empty()) why_not = "needs compute capability 7.5, for its Tensor Cores";
  return nullptr;
}

Support supports(const Device& device, const Matmul::Problem& problem) {
  std::string why_not;
  return choose_matmul(device, problem, why_not) != nullptr ? Support{} : Support::no(why_not);
}

/// Where pointers don't suit a row's kernel, the next row is taken.
Launch prepare(const Device& device, const Matmul::Problem& problem, const Matmul::Buffers& buffers) {
  std::string why_not;
  Launch launch;
  const auto prepares = [&](const Implementation<Matmul>& kernel) {
    launch = kernel.prepare(device, problem, buffers);
    return true;
  };
  if (first_row(device, problem, why_not, prepares) == nullptr) throw Unsupported(why_not);
  return launch;
}

Choice choose(const Device& device, const Matmul::Problem& problem) {
  std::string why_not;
  const DispatchRow* const row = choose_matmul(device, problem, why_not);
  return row == nullptr ? Choice{"", why_not}
                        : Choice{std::string(row->kernel), std::string(row->reason), std::string(row->name)};
}

const Register<Matmul> on_the_host{
    {.name = "ours", .device = DeviceKind::simt, .supports = supports, .prepare = prepare, .choose = choose}};
#if KERNELGATE_HAS_CUDA
const Register<Matmul> on_a_gpu{
    {.name = "ours", .device = DeviceKind::cuda, .supports = supports, .prepare = prepare, .choose = choose}};
#endif

}  // namespace

bool DispatchRow::fits(int of_device, const Matmul::Problem& problem) const {
  if (alone ? of_device != capability : of_device < capability) return false;
  if (problem.m < least_rows || problem.m > most_rows || problem.n > most_columns) return false;
  if (whole_rows && (problem.lda() % 8 != 0 || problem.ldb() % 8 != 0)) return false;
  const std::int64_t rows_of_tiles = (problem.m + 127) / 128, columns_of_tiles = (problem.n + 127) / 128;
  // As doubles: the product may be beyond 64 bits.
  const double tiles =
      static_cast<double>(rows_of_tiles) * static_cast<double>(columns_of_tiles) * static_cast<double>(problem.batch);
  return static_cast<double>(least_tiles) <= tiles && tiles <= static_cast<double>(most_tiles);
}

std::span<const DispatchRow> matmul_dispatch() { return rows; }

const DispatchRow* choose_matmul(const Device& device, const Matmul::Problem& problem, std::string& why_not) {
  return first_row(device, problem, why_not, [](const auto&) { return true; });
}

}  // namespace kernelgate
