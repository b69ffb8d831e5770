#include "kernels/pipeline/rearrange.h"

#include <fmt/format.h>

#include "kernels/op/random.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate::pipeline {

std::int64_t Rearrange::Problem::y_count() const {
  return frames == 0 ? rows * (a_columns + b_columns) : frames * rows * Pipeline::window;
}

std::string Rearrange::problem_name(const Problem& p) {
  return p.frames == 0 ? fmt::format("join/{}x{}+{}", p.rows, p.a_columns, p.b_columns)
                       : fmt::format("windows/{}of{}x{}", p.frames, p.rows, p.a_columns);
}

void Rearrange::validate(const Problem& p) {
  const auto check = [&](bool condition, const char* what) {
    if (!condition) throw InvalidProblem(fmt::format("rearrange/{}: {}", problem_name(p), what));
  };
  check(p.rows >= 0 && p.a_columns >= 0 && p.b_columns >= 0 && p.frames >= 0, "no size may be negative");
  constexpr std::int64_t most = std::int64_t{1} << 31;
  check(p.rows < most && p.a_columns < most && p.b_columns < most && p.frames < most, "every size must be below 2^31");
  if (p.frames == 0) return;
  check(p.b_columns == 0, "windows are of one input");
  check(Pipeline::Problem{.n = p.frames}.columns() <= p.a_columns, "the last window ends behind the last column");
}

Work Rearrange::work(const Problem& p) {
  const auto read = static_cast<double>(p.rows * (p.a_columns + p.b_columns)),
             written = static_cast<double>(p.y_count());
  return {0, (read + written) * sizeof(f16)};
}

std::vector<TensorSpec> Rearrange::inputs(const Problem& p) {
  return {{"a", Type::f16, p.rows * p.a_columns}, {"b", Type::f16, p.rows * p.b_columns}};
}

TensorSpec Rearrange::output(const Problem& p) { return {"y", Type::f16, p.y_count()}; }

void Rearrange::fill(const Problem& p, std::uint64_t seed, std::span<void* const> inputs) {
  Random random(seed);
  const auto fill_one = [&](void* to, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) static_cast<f16*>(to)[i] = to_f16(static_cast<float>(random.normal()));
  };
  fill_one(inputs[0], p.rows * p.a_columns);
  fill_one(inputs[1], p.rows * p.b_columns);
}

Rearrange::Buffers Rearrange::bind(const Problem&, std::span<void* const> pointers) {
  return {static_cast<const f16*>(pointers[0]), static_cast<const f16*>(pointers[1]), static_cast<f16*>(pointers[2])};
}

std::vector<std::int64_t> Rearrange::check_indices(const Problem& p, double flop_budget, std::uint64_t seed) {
  const auto count = static_cast<std::int64_t>(std::min(std::max(flop_budget, 1024.0), 1e8));
  return sample_indices(p.y_count(), p.frames == 0 ? p.a_columns + p.b_columns : Pipeline::window, count, seed);
}

void Rearrange::reference(const Problem& p, const Buffers& buffers, std::span<const std::int64_t> indices,
                          std::span<Expected> expected) {
  const std::int64_t columns = p.a_columns + p.b_columns;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t at = indices[i];
    f16 value;
    if (p.frames > 0) {
      const std::int64_t frame = at / Pipeline::window / p.rows, row = at / Pipeline::window % p.rows;
      value = buffers.a[row * p.a_columns + Pipeline::Problem().first_column(frame) + at % Pipeline::window];
    } else {
      const std::int64_t row = at / columns, column = at % columns;
      value = column < p.a_columns ? buffers.a[row * p.a_columns + column]
                                   : buffers.b[row * p.b_columns + column - p.a_columns];
    }
    expected[i] = {to_float(value), 0};
  }
}

}  // namespace kernelgate::pipeline
