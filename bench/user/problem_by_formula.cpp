#include "bench/user/problem_by_formula.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/op/verification.h"

namespace kernelgate {
namespace {

constexpr double most_bytes_to_try = 1e8;

std::vector<std::int64_t> shape_of(const UserTensor& tensor, const Sizes& sizes) {
  std::vector<std::int64_t> shape;
  for (const std::string& dimension : tensor.shape) shape.push_back(whole_value(Expression(dimension), sizes));
  return shape;
}

}  // namespace

ProblemByFormula::ProblemByFormula(std::shared_ptr<const AnyProblem> base, const KernelDescription& kernel)
    : ForwardingProblem(std::move(base)), expected_(kernel.expected) {
  for (const UserTensor& tensor : kernel.inputs) shapes_.push_back(shape_of(tensor, base_->sizes()));
  shapes_.push_back(shape_of(kernel.output, base_->sizes()));
  try_it();
}

void ProblemByFormula::reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                                 std::span<Expected> expected) const {
  const std::vector<TensorSpec> inputs = base_->inputs();
  std::map<std::string, TensorView> views;
  for (std::size_t i = 0; i < inputs.size(); ++i) views[inputs[i].name] = {pointers[i], inputs[i].type, shapes_[i]};
  const std::vector<std::int64_t>& shape = shapes_.back();
  const std::int64_t columns = std::max<std::int64_t>(shape.back(), 1);
  const std::int64_t rows = shape.size() > 1 ? std::max<std::int64_t>(shape[shape.size() - 2], 1) : 1;
  Sizes sizes = base_->sizes();
  for (const char* place : {"i", "item", "row", "column"}) sizes[place] = 0;
  BoundExpression formula(*expected_.formula, sizes, views);
  for (std::size_t at = 0; at < indices.size(); ++at) {
    const std::int64_t i = indices[at];
    formula.set("i", i);
    formula.set("item", i / columns / rows);
    formula.set("row", i / columns % rows);
    formula.set("column", i % columns);
    const double value = formula.real();
    expected[at] = {value, expected_.absolute + expected_.relative * std::abs(value)};
  }
}

void ProblemByFormula::try_it() const {
  std::vector<std::string> values;
  double bytes = 0;
  for (const TensorSpec& spec : base_->inputs()) bytes += static_cast<double>(bytes_of(spec));
  if (base_->output().count == 0 || bytes > most_bytes_to_try) return;
  for (const TensorSpec& spec : base_->inputs()) values.emplace_back(bytes_of(spec), '\0');
  std::vector<void*> pointers;
  for (std::string& one : values) pointers.push_back(one.data());
  const std::int64_t first = 0;
  Expected expected;
  reference(pointers, {&first, 1}, {&expected, 1});
}

}  // namespace kernelgate
