#include "kernels/pipeline/windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/op/random.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate::pipeline {

std::int64_t Windows::Problem::y_count() const { return frames * rows * Pipeline::window; }

std::string Windows::problem_name(const Problem& p) {
  return fmt::format("windows/{}of{}x{}", p.frames, p.rows, p.columns);
}

void Windows::validate(const Problem& p) {
  const auto check = [&](bool condition, const char* what) {
    if (!condition) throw InvalidProblem(fmt::format("{}: {}", problem_name(p), what));
  };
  check(p.rows >= 0 && p.columns >= 0 && p.frames >= 0, "no size may be negative");
  constexpr std::int64_t most = std::int64_t{1} << 31;
  check(p.rows < most && p.columns < most && p.frames < most, "every size must be below 2^31");
  check(p.frames == 0 || Pipeline::Problem{.n = p.frames}.columns() <= p.columns,
        "the last window ends behind the last column");
}

Work Windows::work(const Problem& p) {
  return {0, static_cast<double>(p.rows * p.columns + p.y_count()) * sizeof(f16)};
}

std::vector<TensorSpec> Windows::inputs(const Problem& p) { return {{"a", Type::f16, p.rows * p.columns}}; }

TensorSpec Windows::output(const Problem& p) { return {"y", Type::f16, p.y_count()}; }

void Windows::fill(const Problem& p, std::uint64_t seed, std::span<void* const> inputs) {
  Random random(seed);
  auto* const a = static_cast<f16*>(inputs[0]);
  for (std::int64_t i = 0; i < p.rows * p.columns; ++i) a[i] = to_f16(static_cast<float>(random.normal()));
}

Windows::Buffers Windows::bind(const Problem&, std::span<void* const> pointers) {
  return {static_cast<const f16*>(pointers[0]), static_cast<f16*>(pointers[1])};
}

std::vector<std::int64_t> Windows::check_indices(const Problem& p, double flop_budget, std::uint64_t seed) {
  const auto count = static_cast<std::int64_t>(std::min(std::max(flop_budget, 1024.0), 1e8));
  return sample_indices(p.y_count(), Pipeline::window, count, seed);
}

void Windows::reference(const Problem& p, const Buffers& buffers, std::span<const std::int64_t> indices,
                        std::span<Expected> expected) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const std::int64_t line = indices[i] / Pipeline::window, frame = line / p.rows, row = line % p.rows;
    const std::int64_t column = Pipeline::Problem().first_column(frame) + indices[i] % Pipeline::window;
    expected[i] = {to_float(buffers.a[row * p.columns + column]), 0};
  }
}

}  // namespace kernelgate::pipeline
