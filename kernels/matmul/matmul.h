#pragma once
// The contract of matrix multiplication: what is computed, in which layouts, and how exactly.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/matmul/layout.h"
#include "kernels/op/f16.h"
#include "kernels/op/op.h"
#include "kernels/op/sizes.h"

namespace kernelgate {

enum class Activation { none, relu, gelu };

constexpr std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::none:
      return "none";
    case Activation::relu:
      return "relu";
    case Activation::gelu:
      return "gelu";
  }
  return "unknown";
}

/// What becomes of the product AB before it is rounded: C = activation(alpha AB + beta source + bias).
///
/// As in BLAS, where alpha is 0 nothing of A and B counts, and where beta is 0 nothing of the source: a NaN there, too,
/// is nothing. ReLU of NaN is NaN. GELU is the form with tanh, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), which
/// is what cuBLASLt computes.
struct Epilogue {
  float alpha = 1, beta = 0;
  bool source = false;  ///< there is a matrix like C to add, other than C
  bool bias = false;    ///< there is a row of N elements, the same for each row of C and item of the batch
  Activation activation = Activation::none;

  /// The product, and no more.
  bool plain() const { return *this == Epilogue{}; }
  friend bool operator==(const Epilogue&, const Epilogue&) = default;
};

/// C[i, m, n] = sum over k of A[i, m, k] * B[i, k, n], for each i of the batch; then what `Epilogue` says.
///
/// Shapes  A: batch x (M x K, or K x M for t*), B: batch x (K x N, or N x K for *t), C: batch x M x N. All
///         contiguous, last dimension fastest; a batch's matrices follow one another with no gap. Source: as C;
///         bias: N. K = 0 gives sums of zero. M = 0 or N = 0: C is empty, and there is nothing to do.
/// Types   all tensors f16, or all bf16; accumulated in f32 throughout, rounded once. Alignment: of an element, no
///         more.
/// Errors  validate: InvalidProblem; bind: the same for a tensor at an odd address.
struct Matmul {
  static constexpr std::string_view name = "matmul";

  struct Problem {
    std::int64_t m = 1, n = 1, k = 1;
    std::int64_t batch = 1;
    Layout layout = Layout::nt;
    Type type = Type::f16;  ///< or bf16
    Epilogue epilogue = {};

    bool a_transposed() const { return kernelgate::a_transposed(layout); }  ///< A is stored K x M
    bool b_transposed() const { return kernelgate::b_transposed(layout); }  ///< B is stored N x K
    std::int64_t lda() const { return a_transposed() ? m : k; }  ///< elements from one stored row to the next
    std::int64_t ldb() const { return b_transposed() ? k : n; }

    friend bool operator==(const Problem&, const Problem&) = default;
  };

  /// Elements of the problem's type, 16 bits each: `f16` stands for their storage.
  struct Buffers {
    const f16* a = nullptr;
    const f16* b = nullptr;
    f16* c = nullptr;
    const f16* source = nullptr;  ///< null where there is none
    const f16* bias = nullptr;
  };

  /// "f16_nt/256x256x256" is MxNxK; with a batch "f16_nt/b16/512x512x512", with an epilogue "bf16_nt_bias_gelu/...".
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Sizes sizes(const Problem& problem);  ///< by the names above, for formulas
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  /// N(0, 1), rounded: never zeros or small integers, with which a GPU draws less power and runs faster.
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);

  /// In double. The bound is 2^-11 |c| + ceil(K/16) 2^-23 (|A| |B|) + 2^-25: the rounding to f16 of a normal
  /// result, one f32 rounding or truncation for each 16 products, half the smallest subnormal. A result of
  /// 65520 or more is expected to be infinite. bf16 has 8 bits for f16's 11: 2^-8, and neither the last term nor, below
  /// 3.39e38, infinities. An epilogue scales the second term by alpha, and adds 2^-22 of each term that it adds up;
  /// GELU multiplies it by 1.13, its largest slope, and adds 2^-20 (1 + |2 u|) of the result, u being what tanh takes.
  ///
  /// Source  Higham 2002, "Accuracy and stability of numerical algorithms", 3.1, for blocks of 16; Fasi,
  ///         Higham, Mikaitis, Pranesh 2021, "Numerical behavior of NVIDIA tensor cores": sums within a block
  ///         are truncated, hence 2^-23 and not 2^-24.
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

}  // namespace kernelgate
