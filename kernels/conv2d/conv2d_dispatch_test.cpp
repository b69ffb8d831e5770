// Which kernel the table gives a convolution.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "bench/run/devices.h"
#include "kernels/conv2d/dispatch.h"
#include "kernels/conv2d/shape.h"
#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

using conv2d::Shape;
using testing::HasSubstr;

std::string kernel_for(int capability, const Conv2d::Problem& problem) {
  Device device = simt_device();
  device.compute_capability = capability;
  device.multiprocessors = 132;
  std::string why_not;
  const Conv2dRow* const row = conv2d_dispatch().choose(device, problem, why_not);
  return row == nullptr ? why_not : std::string(row->kernel);
}

constexpr Shape dense_layer{.image = 24, .c = 64, .k = 64, .filter = 3, .pad = 1};
constexpr Shape first_layer{.image = 96, .c = 6, .k = 16, .filter = 7, .pad = 3};
constexpr Shape depthwise_layer{.image = 56, .c = 96, .k = 96, .filter = 7, .pad = 3, .groups = 96};
constexpr Shape up_layer{
    .image = 12, .c = 512, .k = 256, .filter = 3, .stride = 2, .pad = 1, .transposed = true, .output_padding = 1};

TEST(Conv2dDispatch, EachKindHasItsKernel) {
  EXPECT_EQ(kernel_for(90, dense_layer), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, up_layer), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, Shape{.image = {1, 3000}, .c = 128, .k = 1280, .filter = {1, 3}, .pad = {0, 1}}),
            "sm90a_im2col");
  for (const int capability : {75, 80, 90}) {
    EXPECT_EQ(kernel_for(capability, first_layer), "sm75_few_channels") << capability;
    EXPECT_EQ(kernel_for(capability, depthwise_layer), "sm75_depthwise") << capability;
  }
  EXPECT_EQ(kernel_for(90, Shape{.image = 96, .c = 16, .k = 32, .filter = 3}), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 96, .c = 128, .k = 3, .filter = 3}), "sm75_few_outputs");
  EXPECT_EQ(kernel_for(90, Shape{.image = 96, .c = 32, .k = 3}), "sm75_few_outputs");
}

TEST(Conv2dDispatch, ShortSumsWithMuchToStoreAreNotForTma) {
  EXPECT_EQ(kernel_for(90, Shape{.image = 56, .c = 64, .k = 256}), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.n = 32, .image = 56, .c = 64, .k = 256}), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, Shape{.image = 56, .c = 64, .k = 64}), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, Shape{.image = 56, .c = 128, .k = 256}), "sm90a_im2col");
  const Shape layer{.n = 128, .image = 24, .c = 64, .k = 64, .filter = 3, .pad = 1, .residual = true};
  EXPECT_EQ(kernel_for(90, layer), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 96, .c = 64, .k = 64, .filter = 3, .pad = 1, .residual = true}),
            "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, Shape{.image = 48, .c = 128, .k = 128, .filter = 3, .pad = 1, .residual = true}),
            "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, Shape{.n = 128, .image = 24, .c = 64, .k = 64, .filter = 3, .pad = 1}), "sm90a_im2col");
}

TEST(Conv2dDispatch, ThirtyTwoChannelsGoByTheNumberOfTiles) {
  const auto layer = [](std::int64_t n, std::int64_t c, std::int64_t k) {
    return Shape{.n = n, .image = 48, .c = c, .k = k, .filter = 3, .pad = 1};
  };
  EXPECT_EQ(kernel_for(90, layer(1, 32, 32)), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, layer(16, 32, 32)), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, layer(128, 32, 32)), "sm75_implicit_gemm");
  EXPECT_EQ(kernel_for(90, layer(1, 80, 32)), "sm90a_im2col");
  EXPECT_EQ(kernel_for(90, layer(128, 80, 32)), "sm75_implicit_gemm");
  EXPECT_EQ(kernel_for(80, layer(1, 32, 32)), "sm80_implicit_gemm");
}

TEST(Conv2dDispatch, UpToThreeChannelsAreGathered) {
  for (const int channels : {1, 3})
    EXPECT_EQ(kernel_for(90, Shape{.image = 224, .c = channels, .k = 64, .filter = 7}), "sm75_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 224, .c = 4, .k = 64, .filter = 7}), "sm75_few_channels");
  EXPECT_EQ(kernel_for(90, Shape{.image = 224, .c = 3, .k = 64, .filter = 3}), "sm75_few_channels");
  EXPECT_EQ(kernel_for(90, Shape{.image = 56, .c = 3, .k = 64, .filter = 3}), "sm75_implicit_gemm");
}

TEST(Conv2dDispatch, WhatAKernelDeclinesGoesToAnother) {
  EXPECT_EQ(kernel_for(90, Shape{.image = 9, .c = 100, .k = 64, .filter = 3}),
            "sm80_implicit_gemm");  // no whole 16 bytes
  EXPECT_EQ(kernel_for(90, Shape{.image = 96, .c = 512, .k = 3, .filter = 3}), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 9, .c = 128, .k = 128, .filter = 3, .groups = 2}), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 9, .c = 6, .k = 16, .filter = 3, .dilation = 2}), "sm80_implicit_gemm");
  EXPECT_EQ(kernel_for(90, Shape{.image = 9, .c = 6, .k = 6, .filter = 3, .groups = 6}), "sm75_implicit_gemm");
}

TEST(Conv2dDispatch, CodeForOneCapabilityIsForNoOther) {
  for (const int capability : {80, 86, 89, 100, 120})
    EXPECT_EQ(kernel_for(capability, dense_layer), "sm80_implicit_gemm") << capability;
  EXPECT_EQ(kernel_for(75, dense_layer), "sm75_implicit_gemm");
  EXPECT_EQ(kernel_for(70, dense_layer), "needs compute capability 7.5, for its Tensor Cores");
}

// Pointers are known only when it comes to the launch: then the next row is taken.
TEST(Conv2dDispatch, MisalignedPointersTakeTheNextRow) {
  const AnyProblem::Candidate ours{"ours", Origin::ours, DeviceKind::simt};
  for (const Shape& shape : {Shape{.image = 5, .c = 64, .k = 40, .filter = 3, .pad = 1},
                             Shape{.image = 9, .c = 8, .k = 8, .filter = 3, .pad = 1, .groups = 8}}) {
    const auto problem = std::make_shared<TypedProblem<Conv2d>>(Workload<Conv2d>{shape, "", {}});
    for (const std::size_t elements : {0, 1}) {
      Proof proof(problem, simt_device(), {.seed = 1, .misalign_elements = elements, .flop_budget = 1e8});
      EXPECT_TRUE(proof.verify(proof.prepare(ours)).right);
    }
    EXPECT_NE(problem->choice(ours, simt_device()).value().row, "");
    EXPECT_FALSE(problem->choice({"sm75_implicit_gemm", Origin::ours, DeviceKind::simt}, simt_device()));
  }
}

TEST(Conv2dDispatch, SaysWhyNothingIsLeft) {
  EXPECT_THAT(kernel_for(90, Shape{.n = 1 << 28, .image = 4, .c = 8, .k = 8}),
              HasSubstr("sm75_implicit_gemm needs fewer than 2^30"));
}

// A row that nothing reaches, or whose kernel is not there, is a mistake in the table.
TEST(Conv2dDispatch, EveryRowHasANameAKernelAndAReason) {
  std::set<std::string_view> names;
  for (const Conv2dRow& row : conv2d_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.reason.empty()) << row.kernel;
    bool found = false;
    for (const auto& one : Implementations<Conv2d>::sorted())
      found |= one.name == row.kernel && one.device == DeviceKind::simt;
    EXPECT_TRUE(found) << row.kernel;
  }
}

}  // namespace
}  // namespace kernelgate
