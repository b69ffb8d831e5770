#pragma once
// What each frame hears: windows cut out of the spectrogram of all of them.

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
/// Shapes  a: [rows, columns]; y: [frames, rows, 16], y[i, row, j] = a[row, first_column(i) + j], as Pipeline::Problem
///         has it.
/// Types   f16. Bits are kept, those of a NaN, too.
/// Errors  validate: InvalidProblem.
struct Windows {
  static constexpr std::string_view name = "windows";

  struct Problem {
    std::int64_t rows = 1, columns = 16;
    std::int64_t frames = 1;
    std::int64_t y_count() const;
  };

  struct Buffers {
    const f16* a = nullptr;
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
