// What every implementation of matmul makes of a product's sums: alpha, beta and a source, bias, ReLU, GELU; and bf16.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/matmul/given_matrices_for_test.h"
#include "kernels/op/op_for_test.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;
constexpr Layout layouts[] = {Layout::nt, Layout::nn, Layout::tn, Layout::tt};
constexpr Epilogue epilogues[] = {
    {.alpha = 0.5f},
    {.alpha = 1, .beta = 1, .source = true},
    {.alpha = 0.5f, .beta = -2, .source = true},
    {.bias = true},
    {.activation = Activation::relu},
    {.alpha = 0.25f, .beta = 0.5f, .source = true, .bias = true, .activation = Activation::relu},
    {.alpha = 0.03f, .beta = 1, .source = true, .bias = true, .activation = Activation::gelu},
};

class MatmulEpilogueOn : public OpOn<Matmul> {
 protected:
  void SetUp() override {
    OpOn<Matmul>::SetUp();
    if (device_.kind == DeviceKind::cpu) GTEST_SKIP() << "the CPU's library is given products alone";
  }
  /// Every sum, what is added to it too, is exact in f32: only the correctly rounded output is right.
  void prove_exactly(const Problem& problem) {
    prove_given(given_matrices(problem, small_integers(1), small_integers(2), {.exact = true},
                               {small_integers(3), small_integers(4)}));
  }
  void choose_tiles(bool large) {
    if (device_.kind == DeviceKind::simt) device_.multiprocessors = large ? 1 : 1 << 20;
  }
};

TEST_P(MatmulEpilogueOn, ExactlyInBothTypes) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const bool large : {true, false}) {
      choose_tiles(large);
      for (const Epilogue& last : epilogues) {
        if (last.activation == Activation::gelu) continue;
        prove_exactly({72, 136, 72, 1, Layout::nt, type, last});
        prove_exactly({67, 71, 73, 2, Layout::tn, type, last});  // pairs begin at odd elements
      }
    }
}

// With small sums, where GELU is curved, and large ones, where it is the sum or 0.
TEST_P(MatmulEpilogueOn, Gelu) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const float alpha : {0.01f, 0.1f, 1.0f, -1.0f})
      prove({72, 136, 72, 1, Layout::nt, type, {.alpha = alpha, .bias = true, .activation = Activation::gelu}});
  prove({1, 136, 72, 1, Layout::nt, Type::f16, {.alpha = 0.1f, .activation = Activation::gelu}});
}

TEST_P(MatmulEpilogueOn, RandomInputsWithinTheBound) {
  for (const Type type : {Type::f16, Type::bf16})
    for (const Epilogue& last : epilogues) prove({65, 200, 300, 1, Layout::nn, type, last});
}

TEST_P(MatmulEpilogueOn, ThinMatrices) {
  for (const Epilogue& last : epilogues) {
    prove({1, 200, 264, 1, Layout::nt, Type::f16, last});
    prove({200, 1, 264, 1, Layout::nn, Type::bf16, last});
    prove({16, 72, 1032, 1, Layout::nt, Type::bf16, last});
  }
}

// What is misaligned by one element can't be loaded in pairs.
TEST_P(MatmulEpilogueOn, OneMisalignedPointer) {
  for (const int tensor : {2, 3, 4}) {
    Proof::Options options = misaligned(1);
    options.misalign_tensor = tensor;
    SCOPED_TRACE("tensor " + std::to_string(tensor));
    prove({72, 136, 48, 2, Layout::nt, Type::f16, {.alpha = 0.5f, .beta = -2, .source = true, .bias = true}}, options);
  }
}

TEST_P(MatmulEpilogueOn, NothingToSum) {
  prove({70, 50, 0, 1, Layout::nt, Type::f16, {.beta = -2, .source = true, .bias = true}});
  prove({0, 50, 8, 1, Layout::nt, Type::f16, {.beta = -2, .source = true, .bias = true}});
}

// As in BLAS: with beta 0 a NaN in the source is not read, with alpha 0 an infinity in A is not.
TEST_P(MatmulEpilogueOn, WhatIsMultipliedByZeroIsNotThere) {
  const auto nan = [](std::int64_t, std::int64_t, std::int64_t) { return std::numeric_limits<float>::quiet_NaN(); };
  const auto infinite = [](std::int64_t, std::int64_t, std::int64_t k) { return k == 3 ? INFINITY : 1.0f; };
  for (const Layout layout : layouts)
    for (const auto& [m, n, k] : {std::tuple{70, 66, 41}, {72, 136, 72}, {1, 64, 64}}) {
      prove_given(given_matrices({m, n, k, 1, layout, Type::f16, {.beta = 0, .source = true}}, small_integers(1),
                                 small_integers(2), {.exact = true}, {nan, {}}));
      prove_given(given_matrices({m, n, k, 1, layout, Type::f16, {.alpha = 0, .beta = 1, .source = true}}, infinite,
                                 small_integers(2), {.exact = true}, {small_integers(3), {}}));
    }
}

// NaN goes through all of it, infinities where there is no other.
TEST_P(MatmulEpilogueOn, NaNAndInfinityGoThrough) {
  const auto a = [](std::int64_t, std::int64_t m, std::int64_t k) {
    if (m == 5 && k == 3) return INFINITY;
    if (m == 9 && k == 4) return std::numeric_limits<float>::quiet_NaN();
    return 0.25f;
  };
  const auto ones = [](std::int64_t, std::int64_t, std::int64_t) { return 1.0f; };
  for (const Activation activation : {Activation::none, Activation::relu, Activation::gelu})
    prove_given(given_matrices({70, 66, 40, 1, Layout::nt, Type::f16, {.bias = true, .activation = activation}}, a,
                               ones, {.ours_only = true}, {{}, ones}));
}

INSTANTIATE_TEST_SUITE_P(Devices, MatmulEpilogueOn, every_device(), device_name);

}  // namespace
}  // namespace kernelgate
