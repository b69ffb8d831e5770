#pragma once
// What moves values between the network's layers and computes nothing: two maps side by side, and what each frame
// hears.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/op/f16.h"
#include "kernels/op/op.h"

namespace kernelgate::pipeline {

/// Not an op that anybody asks for, so it has no problems of its own in the tables. It has a contract, so that its
/// kernel is proved like any other.
///
/// Shapes  join: y[row] is a[row] and behind it b[row]; a: [rows, a_columns], b: [rows, b_columns].
///         windows: y[i, row, j] = a[row, first_column(i) + j] for 16 columns j; a: [rows, a_columns], and `frames`
///         frames i, as Pipeline::Problem::first_column has it. b is empty.
/// Types   f16. Bits are kept, those of a NaN, too.
/// Errors  validate: InvalidProblem.
struct Rearrange {
  static constexpr std::string_view name = "rearrange";

  struct Problem {
    std::int64_t rows = 1, a_columns = 1, b_columns = 0;
    std::int64_t frames = 0;  ///< 0: join
    std::int64_t y_count() const;
  };

  struct Buffers {
    const f16* a = nullptr;
    const f16* b = nullptr;
    f16* y = nullptr;
  };

  static std::string problem_name(const Problem& problem);
  static void validate(const Problem& problem);
  static Work work(const Problem& problem);
  static std::vector<TensorSpec> inputs(const Problem& problem);
  static TensorSpec output(const Problem& problem);
  static void fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs);
  static Buffers bind(const Problem& problem, std::span<void* const> pointers);
  static std::vector<std::int64_t> check_indices(const Problem& problem, double flop_budget, std::uint64_t seed);
  /// Exact: the bound is 0.
  static void reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected);
};

}  // namespace kernelgate::pipeline
