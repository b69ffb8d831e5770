// The trusted product: a dot product in double for each output asked for.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "kernels/matmul/matmul.h"
#include "kernels/op/bf16.h"
#include "kernels/op/parallel_for.h"
#include "kernels/op/unchecked.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;

/// The rows of A, or the columns of B, that some outputs need, each contiguous along K.
class Vectors {
 public:
  /// `count` vectors of `k` elements for each of a batch: contiguous already, or as the columns of a matrix.
  Vectors(const f16* matrix, std::int64_t count, std::int64_t k, bool contiguous, std::vector<std::int64_t> needed)
      : matrix_(matrix), k_(k), contiguous_(contiguous), needed_(std::move(needed)) {
    std::ranges::sort(needed_);
    needed_.erase(std::unique(needed_.begin(), needed_.end()), needed_.end());
    if (contiguous_) return;
    packed_.resize(needed_.size() * static_cast<std::size_t>(k_));
    // By rows of the matrix: neighbours among the needed columns share cache lines.
    constexpr std::size_t strip = 64;
    for (std::size_t first = 0; first < needed_.size(); first += strip)
      for (std::int64_t row = 0; row < k_; ++row)
        for (std::size_t i = first; i < std::min(first + strip, needed_.size()); ++i) {
          const std::int64_t item = needed_[i] / count, column = needed_[i] % count;
          packed_[i * static_cast<std::size_t>(k_) + static_cast<std::size_t>(row)] =
              matrix_[(item * k_ + row) * count + column];
        }
  }

  const f16* operator[](std::int64_t vector) const {
    if (contiguous_) return matrix_ + vector * k_;
    const auto at = std::ranges::lower_bound(needed_, vector) - needed_.begin();
    return packed_.data() + at * k_;
  }

 private:
  const f16* matrix_;
  std::int64_t k_;
  bool contiguous_;
  std::vector<std::int64_t> needed_;
  std::vector<f16> packed_;
};

struct Dot {
  double sum = 0;
  double magnitude = 0;  // the sum of |a * b|
};

void widen(Type type, const f16* from, float* to, std::size_t count) {
  if (type == Type::f16) return to_float(from, to, count);
  for (std::size_t i = 0; i < count; ++i) to[i] = to_float(bf16{from[i].bits});
}

float widened(Type type, f16 value) { return type == Type::f16 ? to_float(value) : to_float(bf16{value.bits}); }

// Plain arrays: what is checked is not inlined into what is not.
KERNELGATE_UNCHECKED Dot dot(Type type, const f16* a, const f16* b, std::int64_t count) {
  constexpr std::int64_t chunk = 512, lanes = 8;  // independent sums, for the compiler to vectorise
  float wide_a[chunk], wide_b[chunk];
  double sum[lanes] = {}, magnitude[lanes] = {};
  for (std::int64_t done = 0; done < count; done += chunk) {
    const std::int64_t now = chunk < count - done ? chunk : count - done;
    widen(type, a + done, wide_a, static_cast<std::size_t>(now));
    widen(type, b + done, wide_b, static_cast<std::size_t>(now));
    const std::int64_t padded = (now + lanes - 1) / lanes * lanes;
    for (std::int64_t i = now; i < padded; ++i) wide_a[i] = wide_b[i] = 0;
    for (std::int64_t i = 0; i < padded; i += lanes)
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        const double product = static_cast<double>(wide_a[i + lane]) * static_cast<double>(wide_b[i + lane]);
        sum[lane] += product;
        magnitude[lane] += __builtin_fabs(product);
      }
  }
  Dot total;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    total.sum += sum[lane];
    total.magnitude += magnitude[lane];
  }
  return total;
}

/// The value, and how far sums in f32 may be from it, through what comes after the product.
///
/// Units   at, column: of the output, in all of C and in its row.
Expected add_up(const Problem& problem, const Matmul::Buffers& buffers, Dot dot, std::int64_t at, std::int64_t column) {
  const Epilogue& last = problem.epilogue;
  const std::int64_t whole_blocks = (problem.k + 15) / 16;
  const auto blocks = static_cast<double>(whole_blocks);
  if (last.plain()) return {dot.sum, blocks * 0x1p-23 * dot.magnitude};
  const double product = last.alpha == 0 ? 0 : last.alpha * dot.sum;
  double value = product, terms = std::abs(product);
  double bound = last.alpha == 0 ? 0 : std::abs(last.alpha) * blocks * 0x1p-23 * dot.magnitude;
  const auto add = [&](double term) {
    value += term;
    terms += std::abs(term);
  };
  if (last.beta != 0) add(double{last.beta} * double{widened(problem.type, buffers.source[at])});
  if (last.bias) add(double{widened(problem.type, buffers.bias[column])});
  bound += 0x1p-22 * terms;
  if (last.activation == Activation::relu) value = value < 0 ? 0 : value;
  if (last.activation == Activation::gelu) {
    const double twice_u = 2 * std::sqrt(2 / std::numbers::pi) * (value + 0.044715 * value * value * value);
    value /= 1 + std::exp(-twice_u);
    bound = 1.13 * bound + (value == 0 ? 0 : 0x1p-20 * (1 + std::abs(twice_u)) * std::abs(value));
  }
  return {value, bound};
}

Expected finish(const Problem& problem, Expected exact) {
  const bool wide = problem.type == Type::bf16;
  const double rounds_to_infinity = wide ? 0x1.ffp127 : 65520;
  const double bound = (wide ? 0x1p-8 : 0x1p-11) * std::abs(exact.value) + exact.bound + (wide ? 0x1p-134 : 0x1p-25);
  if (std::abs(exact.value) >= rounds_to_infinity)
    return {std::copysign(std::numeric_limits<double>::infinity(), exact.value), bound};
  return {exact.value, bound};
}

}  // namespace

void Matmul::reference(const Problem& problem, const Buffers& buffers, std::span<const std::int64_t> indices,
                       std::span<Expected> expected) {
  if (indices.empty()) return;
  // Output index -> which row of A and which column of B, counted through the whole batch.
  const auto row_of = [&](std::int64_t index) { return index / problem.n; };
  const auto column_of = [&](std::int64_t index) {
    return index / (problem.m * problem.n) * problem.n + index % problem.n;
  };
  std::vector<std::int64_t> rows(indices.size()), columns(indices.size());
  std::ranges::transform(indices, rows.begin(), row_of);
  std::ranges::transform(indices, columns.begin(), column_of);
  const Vectors a(buffers.a, problem.m, problem.k, !problem.a_transposed(), std::move(rows));
  const Vectors b(buffers.b, problem.n, problem.k, problem.b_transposed(), std::move(columns));

  const auto compute = [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      expected[i] =
          finish(problem,
                 add_up(problem, buffers, dot(problem.type, a[row_of(indices[i])], b[column_of(indices[i])], problem.k),
                        indices[i], indices[i] % problem.n));
  };
  constexpr std::int64_t worth_a_thread = 4'000'000;  // products
  parallel_for(std::ssize(indices), worth_a_thread / std::max<std::int64_t>(problem.k, 1), compute);
}

}  // namespace kernelgate
