// The contract of matmul but for the reference: sizes, names, validation, inputs.

#include "kernels/matmul/matmul.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/op/bf16.h"
#include "kernels/op/random.h"

namespace kernelgate {
namespace {

using Problem = Matmul::Problem;

void require(bool condition, const Problem& problem, const char* what) {
  if (!condition) throw InvalidProblem(fmt::format("matmul/{}: {}", Matmul::problem_name(problem), what));
}

/// The normal distribution as a table: a draw is 16 random bits, so that filling 8192 x 8192 takes a
/// tenth of a second and not ten. Elements of TYPE, as their bits.
template <Type TYPE>
const std::vector<f16>& normals() {
  static const std::vector<f16> table = [] {
    std::vector<f16> values(1 << 16);
    Random random(0x6d61746d756c);
    for (f16& value : values) {
      const auto drawn = static_cast<float>(random.normal());
      value = TYPE == Type::bf16 ? f16{to_bf16(drawn).bits} : to_f16(drawn);
    }
    return values;
  }();
  return table;
}

void fill_normal(f16* to, std::int64_t count, Type type, Random random) {
  const f16* table = with_type(type, [](auto type_constant) {
    constexpr Type TYPE = decltype(type_constant)::value;
    return normals<TYPE>().data();
  });
  std::uint64_t bits = 0;
  for (std::int64_t i = 0; i < count; ++i, bits >>= 16) {
    if (i % 4 == 0) bits = random.bits();
    to[i] = table[bits & 0xffff];
  }
}

}  // namespace

std::string Matmul::problem_name(const Problem& problem) {
  const Epilogue& last = problem.epilogue;
  std::string text = fmt::format("{}_{}", to_string(problem.type), to_string(problem.layout));
  if (last.alpha != 1) text += fmt::format("_alpha{}", last.alpha);
  if (last.beta != 0) text += fmt::format("_beta{}", last.beta);
  if (last.beta == 0 && last.source) text += "_source";
  if (last.bias) text += "_bias";
  if (last.activation != Activation::none) text += fmt::format("_{}", to_string(last.activation));
  const std::string batch = problem.batch == 1 ? "" : fmt::format("b{}/", problem.batch);
  return fmt::format("{}/{}{}x{}x{}", text, batch, problem.m, problem.n, problem.k);
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
  require(problem.type == Type::f16 || problem.type == Type::bf16, problem, "the type must be f16 or bf16");
  require(std::isfinite(problem.epilogue.alpha) && std::isfinite(problem.epilogue.beta), problem,
          "alpha and beta must be finite");
  require(problem.epilogue.beta == 0 || problem.epilogue.source, problem,
          "beta must be 0 where there is no source to multiply");
}

Sizes Matmul::sizes(const Problem& p) {
  return {{"m", p.m}, {"n", p.n}, {"k", p.k}, {"batch", p.batch}, {"lda", p.lda()}, {"ldb", p.ldb()}};
}

Work Matmul::work(const Problem& problem) {
  const auto batch = static_cast<double>(problem.batch), m = static_cast<double>(problem.m),
             n = static_cast<double>(problem.n), k = static_cast<double>(problem.k);
  const double added = (problem.epilogue.beta != 0 ? batch * m * n : 0) + (problem.epilogue.bias ? n : 0);
  return {2 * batch * m * n * k, (batch * (m * k + n * k + m * n) + added) * static_cast<double>(sizeof(f16))};
}

std::vector<TensorSpec> Matmul::inputs(const Problem& problem) {
  std::vector<TensorSpec> tensors{{"a", problem.type, problem.batch * problem.m * problem.k},
                                  {"b", problem.type, problem.batch * problem.n * problem.k}};
  if (problem.epilogue.source) tensors.push_back({"source", problem.type, problem.batch * problem.m * problem.n});
  if (problem.epilogue.bias) tensors.push_back({"bias", problem.type, problem.n});
  return tensors;
}

TensorSpec Matmul::output(const Problem& problem) {
  return {.name = "c",
          .type = problem.type,
          .count = problem.batch * problem.m * problem.n,
          .rows = problem.m,
          .columns = problem.n};
}

void Matmul::fill(const Problem& problem, std::uint64_t seed, std::span<void* const> inputs) {
  Random seeds(seed);
  const std::vector<TensorSpec> tensors = Matmul::inputs(problem);
  for (std::size_t i = 0; i < tensors.size(); ++i)
    fill_normal(static_cast<f16*>(inputs[i]), tensors[i].count, problem.type, Random(seeds.bits()));
}

Matmul::Buffers Matmul::bind(const Problem& problem, std::span<void* const> pointers) {
  std::size_t next = 0;
  const auto take = [&](bool there) {
    f16* const tensor = there ? static_cast<f16*>(pointers[next++]) : nullptr;
    require(reinterpret_cast<std::uintptr_t>(tensor) % sizeof(f16) == 0, problem, "a tensor begins at an odd address");
    return tensor;
  };
  Buffers buffers;
  buffers.a = take(true);
  buffers.b = take(true);
  buffers.source = take(problem.epilogue.source);
  buffers.bias = take(problem.epilogue.bias);
  buffers.c = take(true);
  return buffers;
}

std::vector<std::int64_t> Matmul::check_indices(const Problem& problem, double flop_budget, std::uint64_t seed) {
  const double per_output = 2 * static_cast<double>(std::max<std::int64_t>(problem.k, 1));
  const double affordable = std::min(flop_budget / per_output, 1e7);
  // Never fewer than the edges and some: an expensive output is no reason not to look.
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(affordable), 1024);
  return sample_indices(problem.batch * problem.m * problem.n, problem.n, count, seed);
}

}  // namespace kernelgate
