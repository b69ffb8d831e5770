// The contract of matmul but for the reference: sizes, names, validation, inputs.

#include "kernels/matmul/matmul.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;

void require(bool condition, const Problem& problem, const char* what) {
  if (!condition) throw InvalidProblem(fmt::format("matmul/{}: {}", Matmul::problem_name(problem), what));
}

/// The normal distribution as a table: a draw is 16 random bits, so that filling 8192 x 8192 takes a
/// tenth of a second and not ten.
const std::vector<f16>& normals() {
  static const std::vector<f16> table = [] {
    std::vector<f16> values(1 << 16);
    Random random(0x6d61746d756c);
    for (f16& value : values) value = to_f16(static_cast<float>(random.normal()));
    return values;
  }();
  return table;
}

void fill_normal(f16* to, std::int64_t count, Random random) {
  const f16* table = normals().data();
  std::uint64_t bits = 0;
  for (std::int64_t i = 0; i < count; ++i, bits >>= 16) {
    if (i % 4 == 0) bits = random.bits();
    to[i] = table[bits & 0xffff];
  }
}

}  // namespace

std::string Matmul::problem_name(const Problem& problem) {
  const std::string batch = problem.batch == 1 ? "" : fmt::format("b{}/", problem.batch);
  return fmt::format("f16_{}/{}{}x{}x{}", to_string(problem.layout), batch, problem.m, problem.n, problem.k);
}

void Matmul::validate(const Problem& problem) {
  constexpr std::int64_t largest = (std::int64_t{1} << 31) - 1;
  for (std::int64_t size : {problem.m, problem.n, problem.k, problem.batch}) {
    require(size >= 0, problem, "sizes must not be negative");
    require(size <= largest, problem, "every size must be below 2^31");
  }
  require(problem.batch >= 1, problem, "the batch must be at least 1");
  const auto batch = static_cast<double>(problem.batch), m = static_cast<double>(problem.m),
             n = static_cast<double>(problem.n), k = static_cast<double>(problem.k);
  require(std::max({batch * m * n, batch * m * k, batch * n * k}) < 0x1p60, problem,
          "a matrix must have less than 2^60 elements");
}

Work Matmul::work(const Problem& problem) {
  const auto batch = static_cast<double>(problem.batch), m = static_cast<double>(problem.m),
             n = static_cast<double>(problem.n), k = static_cast<double>(problem.k);
  return {2 * batch * m * n * k, batch * (m * k + n * k + m * n) * static_cast<double>(sizeof(f16))};
}

std::vector<TensorSpec> Matmul::inputs(const Problem& problem) {
  return {{"a", Type::f16, problem.batch * problem.m * problem.k},
          {"b", Type::f16, problem.batch * problem.n * problem.k}};
}

TensorSpec Matmul::output(const Problem& problem) { return {"c", Type::f16, problem.batch * problem.m * problem.n}; }

void Matmul::fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs) {
  Random seeds(seed);
  const std::vector<TensorSpec> tensors = Matmul::inputs(problem);
  for (std::size_t i = 0; i < tensors.size(); ++i)
    fill_normal(static_cast<f16*>(inputs[i]), tensors[i].count, Random(seeds.bits()));
}

Matmul::Buffers Matmul::bind(const Problem&, std::span<void* const> pointers) {
  return {static_cast<const f16*>(pointers[0]), static_cast<const f16*>(pointers[1]), static_cast<f16*>(pointers[2])};
}

std::vector<std::int64_t> Matmul::check_indices(const Problem& problem, double flop_budget, std::uint64_t seed) {
  const double per_output = 2 * static_cast<double>(std::max<std::int64_t>(problem.k, 1));
  const double affordable = std::min(flop_budget / per_output, 1e7);
  // Never fewer than the edges and some: an expensive output is no reason not to look.
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(affordable), 1024);
  return sample_indices(problem.batch * problem.m * problem.n, problem.n, count, seed);
}

}  // namespace kernelgate
