#pragma once
// A matmul problem whose inputs a test gives, element by element, and whose result may have to be exact.

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/matmul/matmul.h"
#include "kernels/op/any_op.h"

namespace kernelgate {

class GivenInputs final : public AnyProblem {
 public:
  /// The value of A[item, m, k] or of B[item, k, n], whatever the layout.
  using Element = std::function<float(std::int64_t item, std::int64_t row, std::int64_t column)>;

  /// `exact`: every sum is exact in f32, in any order, so only the correctly rounded result is right.
  GivenInputs(const Matmul::Problem& problem, Element a, Element b, bool exact)
      : typed_({problem, "given by a test", {}}),
        problem_(problem),
        a_(std::move(a)),
        b_(std::move(b)),
        exact_(exact) {}

  const std::string& op() const override { return typed_.op(); }
  const std::string& name() const override { return typed_.name(); }
  const std::string& label() const override { return typed_.label(); }
  const std::vector<std::string>& suites() const override { return typed_.suites(); }
  Work work() const override { return typed_.work(); }
  std::vector<TensorSpec> inputs() const override { return typed_.inputs(); }
  TensorSpec output() const override { return typed_.output(); }
  std::vector<std::int64_t> check_indices(double budget) const override { return typed_.check_indices(budget); }
  std::vector<Candidate> implementations() const override { return typed_.implementations(); }
  Support supports(const Candidate& candidate, const Device& device) const override {
    return typed_.supports(candidate, device);
  }
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override {
    return typed_.prepare(candidate, device, pointers);
  }

  void fill(std::uint64_t, std::span<void* const> inputs) const override {
    fill_matrix(static_cast<f16*>(inputs[0]), problem_.m, problem_.k, problem_.a_transposed(), a_);
    fill_matrix(static_cast<f16*>(inputs[1]), problem_.k, problem_.n, problem_.b_transposed(), b_);
  }

  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    typed_.reference(pointers, indices, expected);
    if (!exact_) return;
    for (Expected& e : expected) e = {to_float(to_f16(static_cast<float>(e.value))), 0};
  }

 private:
  void fill_matrix(f16* to, std::int64_t rows, std::int64_t columns, bool transposed, const Element& element) const {
    for (std::int64_t item = 0; item < problem_.batch; ++item)
      for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column) {
          const std::int64_t at = transposed ? column * rows + row : row * columns + column;
          to[item * rows * columns + at] = to_f16(element(item, row, column));
        }
  }

  TypedProblem<Matmul> typed_;
  Matmul::Problem problem_;
  Element a_, b_;
  bool exact_;
};

}  // namespace kernelgate
