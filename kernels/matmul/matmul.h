#pragma once
// The contract of matrix multiplication: what is computed, in which layouts, and how exactly.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/op.h"

namespace kernelgate {

/// How A and B lie in memory: the first letter is A's, the second B's. n: as the product needs it, row by
/// row (A: M x K, B: K x N). t: its transpose, row by row (A: K x M, B: N x K). So in nt both are contiguous
/// along K, which is how a linear layer has its activations and its weights.
enum class Layout { nt, nn, tn, tt };

constexpr std::string_view to_string(Layout layout) {
  switch (layout) {
    case Layout::nt:
      return "nt";
    case Layout::nn:
      return "nn";
    case Layout::tn:
      return "tn";
    case Layout::tt:
      return "tt";
  }
  return "unknown";
}

/// C[i, m, n] = sum over k of A[i, m, k] * B[i, k, n], for each i of the batch.
///
/// Shapes  A: batch x (M x K, or K x M for t*), B: batch x (K x N, or N x K for *t), C: batch x M x N. All
///         contiguous, last dimension fastest; a batch's matrices follow one another with no gap.
///         K = 0 gives zeros. M = 0 or N = 0: C is empty, and there is nothing to do.
/// Types   f16 in and out, accumulated in f32 throughout, rounded once. Alignment: of an f16, no more.
/// Errors  validate: InvalidProblem.
struct Matmul {
  static constexpr std::string_view name = "matmul";

  struct Problem {
    std::int64_t m = 1, n = 1, k = 1;
    std::int64_t batch = 1;
    Layout layout = Layout::nt;

    bool a_transposed() const { return layout == Layout::tn || layout == Layout::tt; }  ///< A is stored K x M
    bool b_transposed() const { return layout == Layout::nt || layout == Layout::tt; }  ///< B is stored N x K
    std::int64_t lda() const { return a_transposed() ? m : k; }  ///< elements from one stored row to the next
    std::int64_t ldb() const { return b_transposed() ? k : n; }

    friend bool operator==(const Problem&, const Problem&) = default;
  };

  struct Buffers {
    const f16* a = nullptr;
    const f16* b = nullptr;
    f16* c = nullptr;
  };

  /// "f16_nt/256x256x256" is MxNxK; with a batch "f16_nt/b16/512x512x512".
  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  /// N(0, 1), rounded to f16: never zeros or small integers, with which a GPU draws less power and runs faster.
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);

  /// In double. The bound is 2^-11 |c| + ceil(K/16) 2^-23 (|A| |B|) + 2^-25: the rounding to f16 of a normal
  /// result, one f32 rounding or truncation for each 16 products, half the smallest subnormal. A result of
  /// 65520 or more is expected to be infinite.
  ///
  /// Source  Higham 2002, "Accuracy and stability of numerical algorithms", 3.1, for blocks of 16; Fasi,
  ///         Higham, Mikaitis, Pranesh 2021, "Numerical behavior of NVIDIA tensor cores": sums within a block
  ///         are truncated, hence 2^-23 and not 2^-24.
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

}  // namespace kernelgate
