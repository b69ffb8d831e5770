#include "kernels/conv2d/dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace kernelgate {
namespace {

// Nothing of this was measured yet. What is predicted: docs/conv2d.md.
constexpr std::array rows{
    Conv2dDispatchRow{.kernel = "sm75_depthwise",
                      .capability = 75,
                      .alone = false,
                      .most_channels = 1,
                      .reason = "one filter a channel: memory bounds it, and no Tensor Core would help (by its work)"},
    Conv2dDispatchRow{.kernel = "sm75_implicit_gemm",
                      .capability = 75,
                      .alone = false,
                      .most_channels = 3,
                      .reason = "up to 3 channels: lines of the image are too short to be loaded by themselves "
                                "(predicted: 224 x 224 x 3, 7x7, 64 outputs in 14.5 us cold, sm75_few_channels in 85)"},
    Conv2dDispatchRow{
        .kernel = "sm75_few_channels",
        .capability = 75,
        .alone = false,
        .most_channels = 15,
        .reason = "few channels: the image under a tile is loaded once, not once for each tap (by its loads)"},
    Conv2dDispatchRow{.kernel = "sm75_few_outputs",
                      .capability = 75,
                      .alone = false,
                      .least_channels = 16,
                      .most_outputs = 8,
                      .reason =
                          "few outputs: memory bounds it, and the image is loaded once, not once for each tap (by "
                          "its loads)"},
    Conv2dDispatchRow{.kernel = "sm80_implicit_gemm",
                      .capability = 90,
                      .alone = true,
                      .least_channels = 64,
                      .least_outputs = 33,
                      .most_products = 1152,
                      .least_sums = 250'000,
                      .residual = true,
                      .reason = "short sums and much to store: the residual is there when they end (predicted: 56 x 56 "
                                "x 64 to 256 in 6.7 us cold, sm90a_im2col in 10.3)"},
    Conv2dDispatchRow{.kernel = "sm80_implicit_gemm",
                      .capability = 90,
                      .alone = true,
                      .least_channels = 64,
                      .least_outputs = 33,
                      .most_products = 64,
                      .least_sums = 250'000,
                      .reason =
                          "sums of 64 and much to store, which several blocks at a time do sooner (predicted: 56 x "
                          "56 x 64 to 256 in 6.2 us cold, sm90a_im2col in 7.9)"},
    Conv2dDispatchRow{.kernel = "sm90a_im2col",
                      .capability = 90,
                      .alone = true,
                      .least_channels = 64,
                      .least_outputs = 33,
                      .reason = "whole rows of 64 channels for TMA, and output channels for the 64 rows of a wgmma "
                                "(predicted: 12 x 12 x 128 to 128 in 6.3 us cold, sm80_implicit_gemm in 8.1)"},
    Conv2dDispatchRow{.kernel = "sm80_implicit_gemm",
                      .capability = 80,
                      .alone = false,
                      .reason = "any channels: gathered by cp.async, and where there are few outputs the reduction is "
                                "divided (predicted)"},
    Conv2dDispatchRow{
        .kernel = "sm75_implicit_gemm", .capability = 75, .alone = false, .reason = "takes what no other does"},
};

const Implementation<Conv2d>* find(DeviceKind kind, std::string_view name) {
  const auto& all = Implementations<Conv2d>::sorted();
  const auto found = std::ranges::find_if(all, [&](const auto& one) { return one.device == kind && one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// act(kernel) for each row that fits and whose kernel supports the problem, until it says true.
template <class Act>
const Conv2dDispatchRow* first_row(const Device& device, const Conv2d::Problem& problem, std::string& why_not,
                                   Act act) {
  why_not.clear();
  const auto add = [&](const Conv2dDispatchRow& row, std::string_view reason) {
    why_not += fmt::format("{}{} {}", why_not.empty() ? "" : "; ", row.kernel, reason);
  };
  for (const Conv2dDispatchRow& row : rows) {
    if (!row.fits(device.compute_capability, problem)) continue;
    const Implementation<Conv2d>* const kernel = find(device.kind, row.kernel);
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

Support supports(const Device& device, const Conv2d::Problem& problem) {
  std::string why_not;
  return choose_conv2d(device, problem, why_not) != nullptr ? Support{} : Support::no(why_not);
}

/// Where pointers don't suit a row's kernel, the next row is taken.
Launch prepare(const Device& device, const Conv2d::Problem& problem, const Conv2d::Buffers& buffers) {
  std::string why_not;
  Launch launch;
  const auto prepares = [&](const Implementation<Conv2d>& kernel) {
    launch = kernel.prepare(device, problem, buffers);
    return true;
  };
  if (first_row(device, problem, why_not, prepares) == nullptr) throw Unsupported(why_not);
  return launch;
}

Choice choose(const Device& device, const Conv2d::Problem& problem) {
  std::string why_not;
  const Conv2dDispatchRow* const row = choose_conv2d(device, problem, why_not);
  return row == nullptr ? Choice{"", why_not} : Choice{std::string(row->kernel), std::string(row->reason)};
}

const Register<Conv2d> on_the_host{
    {.name = "ours", .device = DeviceKind::simt, .supports = supports, .prepare = prepare, .choose = choose}};
#if KERNELGATE_HAS_CUDA
const Register<Conv2d> on_a_gpu{
    {.name = "ours", .device = DeviceKind::cuda, .supports = supports, .prepare = prepare, .choose = choose}};
#endif

}  // namespace

bool Conv2dDispatchRow::fits(int of_device, const Conv2d::Problem& problem) const {
  if (alone ? of_device != capability : of_device < capability) return false;
  if (residual && !problem.residual) return false;
  // As doubles: products may be beyond 64 bits.
  const double products =
      static_cast<double>(problem.r) * static_cast<double>(problem.s) * static_cast<double>(problem.c_per_group());
  if (products > static_cast<double>(most_products) || problem.y_count() < least_sums) return false;
  return problem.c_per_group() >= least_channels && problem.c_per_group() <= most_channels &&
         problem.k_per_group() >= least_outputs && problem.k_per_group() <= most_outputs;
}

std::span<const Conv2dDispatchRow> conv2d_dispatch() { return rows; }

const Conv2dDispatchRow* choose_conv2d(const Device& device, const Conv2d::Problem& problem, std::string& why_not) {
  return first_row(device, problem, why_not, [](const auto&) { return true; });
}

}  // namespace kernelgate
