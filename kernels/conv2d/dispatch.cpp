#include "kernels/conv2d/dispatch.h"

#include <array>

namespace kernelgate {
namespace {

// Nothing of this was measured yet. What is predicted: docs/conv2d.md.
constexpr std::array rows{
    Conv2dRow{.name = "one filter a channel",
              .kernel = "sm75_depthwise",
              .capability = 75,
              .most_channels = 1,
              .reason = "one filter a channel: memory bounds it, and no Tensor Core would help (by its work)"},
    Conv2dRow{.name = "up to 3 channels, 3x3, many sums, sm_90a",
              .kernel = "sm75_few_channels",
              .capability = 90,
              .alone = true,
              .most_channels = 3,
              .most_products = 27,
              .least_sums = 3'000'000,
              .reason = "up to 3 channels, 3x3: so many tiles that loading the image once pays (predicted: 720 x 1280 "
                        "x 3 to 64 in 109 us hot, sm75_implicit_gemm in 180)"},
    Conv2dRow{.name = "up to 3 channels",
              .kernel = "sm75_implicit_gemm",
              .capability = 75,
              .most_channels = 3,
              .reason = "up to 3 channels: lines of the image are too short to be loaded by themselves "
                        "(predicted: 224 x 224 x 3, 7x7, 64 outputs in 14.5 us cold, sm75_few_channels in 85)"},
    Conv2dRow{.name = "few channels",
              .kernel = "sm75_few_channels",
              .capability = 75,
              .most_channels = 15,
              .reason = "few channels: the image under a tile is loaded once, not once for each tap (by its loads)"},
    Conv2dRow{.name = "few outputs",
              .kernel = "sm75_few_outputs",
              .capability = 75,
              .least_channels = 16,
              .most_outputs = 8,
              .reason = "few outputs: memory bounds it, and the image is loaded once, not once for each tap (by "
                        "its loads)"},
    Conv2dRow{.name = "32 outputs, many sums, sm_90a",
              .kernel = "sm75_implicit_gemm",
              .capability = 90,
              .alone = true,
              .least_channels = 16,
              .least_outputs = 9,
              .most_outputs = 32,
              .least_sums = 3'000'000,
              .reason = "32 outputs and many tiles: its shorter tiles of K leave room for more blocks (predicted: 128 "
                        "times 48 x 48 x 32 to 32 in 47.9 us hot, sm80_implicit_gemm in 64.4, sm90a_im2col in 83.3)"},
    Conv2dRow{.name = "sums of 64 and many outputs, sm_90a",
              .kernel = "sm80_implicit_gemm",
              .capability = 90,
              .alone = true,
              .least_channels = 64,
              .least_outputs = 33,
              .most_products = 64,
              .least_sums = 250'000,
              .most_sums = 20'000'000,
              .reason = "sums of 64 and much to store, which several blocks at a time do sooner (predicted: 56 x "
                        "56 x 64 to 256 in 6.3 us cold, sm90a_im2col in 6.8)"},
    Conv2dRow{.name = "short sums, a large residual, sm_90a",
              .kernel = "sm80_implicit_gemm",
              .capability = 90,
              .alone = true,
              .least_channels = 64,
              .most_channels = 128,
              .least_outputs = 33,
              .most_products = 576,
              .least_sums = 3'000'000,
              .residual = true,
              .reason = "short sums and a residual from DRAM, which is there when they end (predicted: 128 times 24 x "
                        "24 x 64 in 31.4 us cold, sm90a_im2col in 45.1; hot 30.9 and 31.5)"},
    Conv2dRow{.name = "32 channels, few sums, sm_90a",
              .kernel = "sm90a_im2col",
              .capability = 90,
              .alone = true,
              .least_channels = 32,
              .most_channels = 63,
              .least_outputs = 32,
              .most_sums = 100'000,
              .reason = "few tiles, so that latency counts and not that half of TMA's boxes are empty (predicted: 48 x "
                        "48 x 32 to 32 in 5.7 us hot, sm80_implicit_gemm in 6.4)"},
    Conv2dRow{.name = "32 outputs, few sums, sm_90a",
              .kernel = "sm90a_im2col",
              .capability = 90,
              .alone = true,
              .least_channels = 64,
              .least_outputs = 32,
              .most_outputs = 32,
              .most_sums = 1'000'000,
              .reason =
                  "few tiles: half of wgmma's 64 rows is empty, and it is the sooner one all the same (predicted: "
                  "96 x 96 x 80 to 32 in 9.6 us hot, sm80_implicit_gemm in 10.3)"},
    Conv2dRow{.name = "64 channels, sm_90a",
              .kernel = "sm90a_im2col",
              .capability = 90,
              .alone = true,
              .least_channels = 64,
              .least_outputs = 33,
              .reason = "whole rows of 64 channels for TMA, and output channels for the 64 rows of a wgmma "
                        "(predicted: 12 x 12 x 128 to 128 in 5.7 us cold, sm80_implicit_gemm in 8.7)"},
    Conv2dRow{.name = "cp.async",
              .kernel = "sm80_implicit_gemm",
              .capability = 80,
              .reason = "any channels: gathered by cp.async, and where there are few outputs the reduction is "
                        "divided (predicted)"},
    Conv2dRow{.name = "mma", .kernel = "sm75_implicit_gemm", .capability = 75, .reason = "takes what no other does"},
};

const Register<Conv2d> on_the_host{conv2d_dispatch().ours(DeviceKind::simt)};
#if KERNELGATE_HAS_CUDA
const Register<Conv2d> on_a_gpu{conv2d_dispatch().ours(DeviceKind::cuda)};
#endif

}  // namespace

bool Conv2dRow::fits(const Conv2d::Problem& problem) const {
  if (residual && !problem.residual) return false;
  // As doubles: products may be beyond 64 bits.
  const double products =
      static_cast<double>(problem.r) * static_cast<double>(problem.s) * static_cast<double>(problem.c_per_group());
  if (products > static_cast<double>(most_products) || problem.y_count() < least_sums || problem.y_count() > most_sums)
    return false;
  return problem.c_per_group() >= least_channels && problem.c_per_group() <= most_channels &&
         problem.k_per_group() >= least_outputs && problem.k_per_group() <= most_outputs;
}

std::span<const Conv2dRow> conv2d_rows() { return rows; }

}  // namespace kernelgate
