// Each kernel of conv2d alone, on the host executor, where only it goes: every tile that it is compiled for, divided
// reductions, phases, halos. All sums are of integers, so that one result is right, to the bit.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "kernels/conv2d/conv2d_for_test.h"
#include "kernels/conv2d/conv_params.h"
#include "kernels/op/behind_kernel.h"
#include "kernels/simt/host/launch_recorder.h"
#include "kernels/simt/host/settings.h"

namespace kernelgate {
namespace {

using conv2d::Shape;

class Conv2dKernel : public testing::TestWithParam<std::string> {
 protected:
  /// Runs the kernel twice: scratch must not remember the first time. False: it declines the problem.
  bool prove(Shape shape, int multiprocessors = 4, std::size_t misalign = 0) const {
    Device device = simt_device();
    device.multiprocessors = multiprocessors;
    return prove_on(device, shape, misalign);
  }
  bool prove_on(const Device& device, const Shape& shape, std::size_t misalign = 0) const {
    const auto problem = given_integers(shape, 5);
    const AnyProblem::Candidate kernel{GetParam(), Origin::ours, DeviceKind::simt};
    SCOPED_TRACE(problem->name());
    if (!problem->supports(kernel, device)) return false;
    Proof proof(problem, device, {.seed = 1, .misalign_elements = misalign, .flop_budget = 1e9});
    const Launch launch = proof.prepare(kernel);
    for (const char* time : {"once", "again"}) {
      const Verification found = proof.verify(launch);
      EXPECT_TRUE(found.right) << "launched " << time << ": " << found.describe();
    }
    return true;
  }
  /// The same with all that may follow the sums.
  bool prove_both(Shape shape, int multiprocessors = 4) const {
    const bool alone = prove(shape, multiprocessors);
    shape.bias = shape.residual = shape.relu = true;
    return prove(shape, multiprocessors) && alone;
  }
  bool is(std::string_view name) const { return GetParam() == name; }
  bool gemm() const { return GetParam().ends_with("implicit_gemm"); }
  bool dense() const { return gemm() || is("sm90a_im2col"); }
};

// A device of 1000 multiprocessors has the reduction divided, one of 1 the largest tiles.
TEST_P(Conv2dKernel, EveryTileAndSplit) {
  if (!dense()) GTEST_SKIP() << "is of one tile";
  for (const int multiprocessors : {1, 20, 132, 1000}) {
    EXPECT_TRUE(prove_both({.image = 3, .c = 256, .k = 72, .filter = 3, .pad = 1}, multiprocessors));
    EXPECT_TRUE(prove_both({.n = 2, .image = {9, 10}, .c = 72, .k = 136, .filter = 3, .stride = {1, 2}, .pad = 1},
                           multiprocessors));
    EXPECT_TRUE(prove_both({.image = {5, 6},
                            .c = 72,
                            .k = 72,
                            .filter = 3,
                            .stride = 2,
                            .pad = 1,
                            .transposed = true,
                            .output_padding = 1},
                           multiprocessors));
  }
  EXPECT_TRUE(prove_both({.n = 2, .image = 20, .c = 64, .k = 24, .filter = 3, .pad = 1}, 1));  // few output channels
}

// Each tile with each number of blocks that divide a reduction, whatever the costs choose.
TEST_P(Conv2dKernel, EveryPolicy) {
  if (!dense()) GTEST_SKIP() << "has none";
  Device device = simt_device();
  device.multiprocessors = 1000;
  for (const Shape& shape : {Shape{.n = 2, .image = {5, 7}, .c = 136, .k = 72, .filter = 3, .pad = 1},
                             Shape{.n = 3, .image = {7, 9}, .c = 512, .k = 136},
                             Shape{.image = {3, 5},
                             .c = 512,
                             .k = 72,
                             .filter = 3,
                             .stride = 2,
                             .pad = 1,
                             .transposed = true,
                             .output_padding = 1,
                             .skip_c = 64}}) {
    Shape with_all = shape;
    with_all.bias = with_all.residual = with_all.relu = true;
    const auto problem = given_integers(with_all, 7);
    AnyProblem::Candidate kernel{GetParam(), Origin::ours, DeviceKind::simt};
    Proof proof(problem, device, {.seed = 1, .flop_budget = 1e9});
    std::size_t proved = 0;
    std::string why;
    const std::vector<std::string> policies = TypedProblem<Conv2d>({with_all, "", {}}).policies(kernel);
    ASSERT_FALSE(policies.empty());
    for (const std::string& policy : policies) {
      kernel.policy = policy;
      try {
        const Verification found = proof.verify(proof.prepare(kernel));
        EXPECT_TRUE(found.right) << problem->name() << ", " << policy << ": " << found.describe();
        ++proved;
      } catch (const Unsupported& declined) {
        why = policy + ": " + declined.what();
        EXPECT_TRUE(gemm()) << why;  // narrow tiles are for forward ones, and large ones are not divided
      }
    }
    EXPECT_GE(proved, gemm() ? 4u : policies.size()) << why;
  }
}

TEST_P(Conv2dKernel, PhasesOfTransposed) {
  if (!dense()) GTEST_SKIP() << "takes none";
  for (const Shape& shape : {
           Shape{.image = {4, 3}, .c = 64, .k = 40, .filter = 3, .stride = 2, .pad = 1, .output_padding = {1, 0}},
           Shape{.image = {4, 3}, .c = 80, .k = 64, .filter = 4, .stride = 2, .pad = 1},
           Shape{.image = {1, 6}, .c = 64, .k = 64, .filter = {1, 4}, .stride = {1, 2}, .pad = {0, 1}},
           Shape{.image = 1, .c = 136, .k = 64, .filter = 3},
           Shape{.image = 5, .c = 16, .k = 16, .filter = 5, .stride = {2, 1}, .pad = {3, 0}, .dilation = {1, 2}},
       }) {
    Shape transposed = shape;
    transposed.transposed = true;
    EXPECT_TRUE(prove_both(transposed));
    EXPECT_TRUE(prove_both(transposed, 1000));
  }
}

// Each tile and split with a second input: whole tiles of K of each, or the last one's tail, or (implicit GEMM) both in
// one tile.
TEST_P(Conv2dKernel, TwoInputs) {
  if (!dense()) {
    EXPECT_FALSE(prove({.image = 9, .c = 16, .k = 8, .filter = 3, .skip_c = 8}));
    EXPECT_FALSE(prove({.image = 9, .c = 6, .k = 16, .filter = 3, .skip_c = 3}));
    return;
  }
  for (const int multiprocessors : {1, 20, 132, 1000}) {
    EXPECT_TRUE(prove_both({.image = 3, .c = 256, .k = 72, .filter = 3, .pad = 1, .skip_c = 128}, multiprocessors));
    EXPECT_TRUE(
        prove_both({.n = 2, .image = {9, 10}, .c = 80, .k = 136, .filter = 3, .stride = {1, 2}, .pad = 1, .skip_c = 16},
                   multiprocessors));
    for (const std::int64_t skip_c : {8, 40, 64})
      EXPECT_TRUE(prove_both({.image = {5, 6},
                              .c = 64 + skip_c,
                              .k = 72,
                              .filter = 3,
                              .stride = 2,
                              .pad = 1,
                              .transposed = true,
                              .output_padding = 1,
                              .skip_c = skip_c},
                             multiprocessors));
  }
  EXPECT_TRUE(prove_both({.c = 192, .k = 64, .filter = 3, .transposed = true, .skip_c = 64}, 132));
  EXPECT_TRUE(prove_both({.n = 2, .image = 20, .c = 80, .k = 24, .filter = 3, .pad = 1, .skip_c = 16}, 1));
  // Tiles of K that have channels of both.
  EXPECT_EQ(gemm(), prove_both({.image = {7, 6}, .c = 72, .k = 40, .filter = 3, .pad = 1, .skip_c = 32}));
  EXPECT_EQ(gemm(), prove_both({.image = {7, 6}, .c = 11, .k = 17, .filter = 3, .pad = 1, .skip_c = 4}));
  EXPECT_EQ(gemm(), prove_both({.image = {7, 6}, .c = 68, .k = 16, .filter = 3, .transposed = true, .skip_c = 4}));
}

TEST_P(Conv2dKernel, ChannelsOfAllCounts) {
  for (const std::int64_t c : {1, 2, 3, 5, 6, 7, 8, 15, 16, 24, 33, 80, 160})
    for (const Shape& shape : {Shape{.image = {7, 6}, .c = c, .k = 17, .filter = 3, .pad = 1},
                               Shape{.image = {8, 9}, .c = c, .k = 40, .filter = {2, 3}, .stride = 2, .pad = {0, 2}}}) {
      const bool taken = prove_both(shape);
      EXPECT_EQ(taken, gemm() || (is("sm90a_im2col") ? c % 8 == 0 : is("sm75_few_channels") && c <= 15)) << c;
    }
}

// The executor refuses blocks that don't wait for the kernel before, though they may begin before it has ended.
TEST_P(Conv2dKernel, WaitsForTheKernelBefore) {
  if (is("sm75_depthwise")) GTEST_SKIP() << "never begins early";
  Device device = simt_device();
  const BehindKernel behind;
  Shape shape{.image = {9, 10}, .c = 64, .k = 8, .filter = 3, .pad = 1, .residual = true};
  if (is("sm75_few_channels")) shape.c = 6;
  for (const int multiprocessors : {1, 132}) {
    device.multiprocessors = multiprocessors;
    EXPECT_TRUE(prove_on(device, shape));
    if (!dense()) continue;
    EXPECT_TRUE(prove_on(device, {.image = 3, .c = 256, .k = 72, .filter = 3, .pad = 1}));
    // Blocks that have no pixel of their phase.
    EXPECT_TRUE(
        prove_on(device, {.image = 8, .c = 64, .k = 64, .filter = 3, .stride = 2, .pad = 1, .transposed = true}));
    EXPECT_EQ(gemm(), prove_on(device, {.image = 5, .c = 7, .k = 9, .filter = 3}));
  }
}

TEST_P(Conv2dKernel, OneDimension) {
  if (is("sm75_depthwise") || is("sm75_few_outputs")) GTEST_SKIP() << "takes none of these";
  const std::int64_t c = is("sm75_few_channels") ? 4 : 64;
  for (const std::int64_t stride : {1, 2})
    EXPECT_TRUE(
        prove_both({.image = {1, 301}, .c = c, .k = 48, .filter = {1, 3}, .stride = {1, stride}, .pad = {0, 1}}));
  EXPECT_TRUE(prove_both({.image = {1, 150}, .c = c, .k = 24, .filter = {1, 11}, .pad = {0, 5}}));
}

// Tiles of pixels reach beyond the image on each side, and more of them than there are blocks.
TEST_P(Conv2dKernel, ImagesUnderTiles) {
  if (!is("sm75_few_channels")) GTEST_SKIP() << "is about sm75_few_channels";
  for (const std::int64_t k : {16, 17, 33, 70}) {
    EXPECT_TRUE(prove_both({.n = 3, .image = {19, 35}, .c = 6, .k = k, .filter = 7, .pad = 3}, 1));
    EXPECT_TRUE(prove_both({.image = {23, 37}, .c = 3, .k = k, .filter = 7, .stride = 2, .pad = 3}, 1));
    EXPECT_TRUE(prove_both({.image = {18, 17}, .c = 3, .k = k, .filter = 3, .pad = 1}, 1));
    EXPECT_TRUE(prove_both(
        {.image = {5, 130}, .c = 1, .k = k, .filter = {3, 4}, .stride = {1, 3}, .pad = 2, .dilation = {2, 1}}));
  }
  for (const std::size_t elements : {1, 2, 4})
    EXPECT_TRUE(
        prove({.image = {9, 8}, .c = 6, .k = 16, .filter = 3, .pad = 1, .bias = true, .residual = true}, 4, elements));
}

TEST_P(Conv2dKernel, FewOutputs) {
  if (is("sm75_depthwise") || is("sm75_few_channels")) GTEST_SKIP() << "takes none of these";
  for (const std::int64_t k : {1, 2, 3, 4, 5, 8}) {
    EXPECT_TRUE(prove_both({.n = 2, .image = {9, 19}, .c = 32, .k = k}, 1));
    EXPECT_TRUE(prove_both({.n = 2, .image = {11, 18}, .c = 72, .k = k, .filter = 3, .pad = 1}, 1));
    EXPECT_TRUE(prove_both({.image = {17, 35}, .c = 40, .k = k, .filter = {3, 2}, .pad = {2, 1}, .dilation = {1, 2}}));
    EXPECT_TRUE(prove_both({.image = {19, 20}, .c = 40, .k = k, .filter = {2, 1}, .stride = {2, 1}}));
    EXPECT_TRUE(prove_both({.image = {1, 200}, .c = 16, .k = k, .filter = {1, 7}, .pad = {0, 3}}));
  }
  if (!is("sm75_few_outputs")) return;
  EXPECT_FALSE(prove({.image = 9, .c = 32, .k = 9}));
  EXPECT_FALSE(prove({.image = 9, .c = 36, .k = 3}));
  EXPECT_FALSE(prove({.image = 9, .c = 1024, .k = 3, .filter = 3}));
}

TEST_P(Conv2dKernel, Depthwise) {
  const bool own = is("sm75_depthwise");
  for (const std::int64_t taps : {3, 5, 7})
    for (const std::int64_t stride : {1, 2})
      for (const std::int64_t c : {4, 12, 136}) {
        if (c > 12 && !own) continue;  // a group more is one more of the same
        const Shape shape{
            .n = 2, .image = {9, 19}, .c = c, .k = c, .filter = taps, .stride = stride, .pad = taps / 2, .groups = c};
        EXPECT_EQ(prove_both(shape, 1), gemm() || (own && (taps < 7 || stride == 1))) << taps << ", stride " << stride;
      }
  if (!own) return;
  EXPECT_TRUE(prove_both({.image = {3, 2}, .c = 8, .k = 8, .filter = 7, .pad = {4, 6}, .groups = 8}));
  EXPECT_FALSE(prove({.image = 5, .c = 6, .k = 6, .filter = 3, .groups = 6}));   // no whole four
  EXPECT_FALSE(prove({.image = 5, .c = 8, .k = 16, .filter = 3, .groups = 8}));  // two filters a channel
  EXPECT_FALSE(prove({.image = 9, .c = 8, .k = 8, .filter = 3, .dilation = 2, .groups = 8}));
}

// What nothing reaches costs the build a kernel, and no other test sees it.
TEST_P(Conv2dKernel, EveryInstanceIsReached) {
  const std::map<std::string, std::size_t> instances{{"sm75_depthwise", 5},     {"sm75_few_channels", 3},
                                                     {"sm75_few_outputs", 1},   {"sm75_implicit_gemm", 8},
                                                     {"sm80_implicit_gemm", 9}, {"sm90a_im2col", 10}};
  const auto& all = Implementations<Conv2d>::sorted();
  const auto kernel = std::ranges::find_if(
      all, [](const auto& one) { return one.device == DeviceKind::simt && one.name == GetParam(); });
  ASSERT_NE(kernel, all.end());
  alignas(16) static f16 anything[8];
  std::set<const void*> reached;
  for (const int multiprocessors : {1, 4, 132})
    for (const std::int64_t c : {3, 12, 64, 512})
      for (const std::int64_t k : {3, 16, 32, 64, 256})
        for (const std::int64_t size : {3, 12, 24, 96})
          for (const std::int64_t taps : {3, 5, 7})
            for (const int form : {0, 1, 2, 3}) {  // dense, transposed, depthwise with stride 1 and 2
              Shape shape{.image = size, .c = c, .k = k, .filter = taps, .pad = 1, .transposed = form == 1};
              if (form >= 2) shape.k = shape.groups = c;
              if (form == 1 || form == 3) shape.stride = 2;
              const Conv2d::Problem problem = shape;
              if (problem.p() < 1) continue;
              Device device = simt_device();
              device.multiprocessors = multiprocessors;
              if (!kernel->supports(device, problem)) continue;
              const Launch launch = kernel->prepare(device, problem, {anything, anything, nullptr, nullptr, anything});
              const simt::LaunchRecorder recorder({});
              launch(nullptr);
              for (const auto& one : recorder.launches()) reached.insert(one.kernel);
            }
  EXPECT_EQ(reached.size(), instances.at(GetParam()));
}

// Blocks that divide a reduction come in any order, and always add up in the same one.
TEST_P(Conv2dKernel, DividedReductionsHaveTheSameBits) {
  if (!dense()) GTEST_SKIP() << "divides none";
  Device device = simt_device();
  device.multiprocessors = 64;
  const Conv2d::Problem shape = Shape{.image = 3, .c = 512, .k = 64, .filter = 3, .pad = 1, .bias = true, .relu = true};
  const auto problem = std::make_shared<TypedProblem<Conv2d>>(Workload<Conv2d>{shape, "", {}});
  Proof proof(problem, device, {.seed = 3, .flop_budget = 1e8});
  const Launch launch = proof.prepare({GetParam(), Origin::ours, DeviceKind::simt});
  std::set<std::vector<double>> results;
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    simt::set_seed(seed);
    EXPECT_TRUE(proof.verify(launch).right);
    results.insert(values_of(proof.output(), problem->output()));
  }
  simt::set_seed(1);
  EXPECT_EQ(results.size(), 1u);
}

// y may be the residual itself: each element is read before it is written, by whoever writes it.
TEST_P(Conv2dKernel, ResidualInPlace) {
  Shape shape{.image = {9, 10}, .c = 64, .k = 72, .filter = 3, .pad = 1, .residual = true};
  if (is("sm75_depthwise")) shape.c = shape.k = shape.groups = 8;
  if (is("sm75_few_channels")) shape.c = 3;
  if (is("sm75_few_outputs")) shape.k = 8;
  const Conv2d::Problem problem = shape;
  std::vector<f16> x(static_cast<std::size_t>(problem.x_count())), w(static_cast<std::size_t>(problem.w_count()));
  std::vector<f16> apart(static_cast<std::size_t>(problem.y_count())), residual = apart;
  fill_with_integers(x, 1);
  fill_with_integers(w, 2);
  fill_with_integers(residual, 3);
  const auto& all = Implementations<Conv2d>::sorted();
  const auto kernel = std::ranges::find_if(
      all, [&](const auto& one) { return one.device == DeviceKind::simt && one.name == GetParam(); });
  ASSERT_NE(kernel, all.end());
  Conv2d::Buffers buffers{x.data(), w.data(), nullptr, residual.data(), apart.data()};
  kernel->prepare(simt_device(), problem, buffers)(nullptr);
  buffers.y = residual.data();
  kernel->prepare(simt_device(), problem, buffers)(nullptr);
  for (std::size_t i = 0; i < apart.size(); ++i) ASSERT_EQ(residual[i].bits, apart[i].bits) << i;
}

// A chunk's place is an int: of larger inputs single elements are gathered.
TEST(Conv2dChunks, AreCountedIn30Bits) {
  const Conv2d::Problem most = Shape{.n = 1023, .image = 1024, .c = 8, .k = 8};
  Conv2d::Problem more = most;
  more.n = 1024;
  EXPECT_TRUE(conv2d::can_vectorize(most, {}));
  EXPECT_FALSE(conv2d::can_vectorize(more, {}));
  more.n = 512, more.c = 16, more.skip_c = 8;
  EXPECT_FALSE(conv2d::can_vectorize(more, {}));
}

INSTANTIATE_TEST_SUITE_P(Kernels, Conv2dKernel,
                         testing::Values("sm75_depthwise", "sm75_few_channels", "sm75_few_outputs",
                                         "sm75_implicit_gemm", "sm80_implicit_gemm", "sm90a_im2col"),
                         [](const auto& kernel) { return kernel.param; });

}  // namespace
}  // namespace kernelgate
