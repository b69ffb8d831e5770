#pragma once
// A problem whose inputs a test gives, and whose result may have to be exact.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/op/bf16.h"
#include "kernels/op/f16.h"

namespace kernelgate {

struct Given {
  bool exact = false;      ///< every sum is exact in f32, in any order, so only the correctly rounded output is right
  bool ours_only = false;  ///< what peers do with these inputs is theirs
};

template <Op T>
class GivenInputs final : public AnyProblem {
 public:
  /// Writes the inputs, in the order of T::inputs.
  using Fill = std::function<void(std::span<void* const> inputs)>;

  GivenInputs(const typename T::Problem& problem, Fill fill, Given given)
      : typed_({problem, "given by a test", {}}), fill_(std::move(fill)), given_(given) {}

  const std::string& op() const override { return typed_.op(); }
  const std::string& name() const override { return typed_.name(); }
  const std::string& label() const override { return typed_.label(); }
  const std::vector<std::string>& suites() const override { return typed_.suites(); }
  Work work() const override { return typed_.work(); }
  std::vector<TensorSpec> inputs() const override { return typed_.inputs(); }
  TensorSpec output() const override { return typed_.output(); }
  std::vector<std::int64_t> check_indices(double budget, std::uint64_t seed) const override {
    return typed_.check_indices(budget, seed);
  }
  std::vector<Candidate> implementations() const override {
    std::vector<Candidate> all = typed_.implementations();
    if (given_.ours_only) std::erase_if(all, [](const Candidate& one) { return one.origin == Origin::peer; });
    return all;
  }
  Support supports(const Candidate& candidate, const Device& device) const override {
    return typed_.supports(candidate, device);
  }
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override {
    return typed_.prepare(candidate, device, pointers);
  }

  void fill(std::uint64_t, std::span<void* const> inputs) const override { fill_(inputs); }

  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    typed_.reference(pointers, indices, expected);
    if (!given_.exact) return;
    const bool wide = output().type == Type::bf16;
    for (Expected& e : expected) {
      const auto value = static_cast<float>(e.value);
      e = {wide ? to_float(to_bf16(value)) : to_float(to_f16(value)), 0};
    }
  }

 private:
  TypedProblem<T> typed_;
  Fill fill_;
  Given given_;
};

}  // namespace kernelgate
