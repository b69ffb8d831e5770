#pragma once
// A problem that is another one, but for what a derived class says.

#include <memory>
#include <utility>

#include "kernels/op/any_op.h"

namespace kernelgate {

class ForwardingProblem : public AnyProblem {
 public:
  explicit ForwardingProblem(std::shared_ptr<const AnyProblem> base) : base_(std::move(base)) {}

  const std::string& op() const override { return base_->op(); }
  const std::string& name() const override { return base_->name(); }
  const std::string& label() const override { return base_->label(); }
  const std::vector<std::string>& suites() const override { return base_->suites(); }
  Sizes sizes() const override { return base_->sizes(); }
  Work work() const override { return base_->work(); }
  std::vector<TensorSpec> inputs() const override { return base_->inputs(); }
  TensorSpec output() const override { return base_->output(); }
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override { base_->fill(seed, inputs); }
  bool refill(std::uint64_t seed, std::span<void* const> inputs) const override { return base_->refill(seed, inputs); }
  std::vector<std::int64_t> check_indices(double flop_budget, std::uint64_t seed) const override {
    return base_->check_indices(flop_budget, seed);
  }
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    base_->reference(pointers, indices, expected);
  }
  std::vector<Candidate> implementations() const override { return base_->implementations(); }
  Support supports(const Candidate& candidate, const Device& device) const override {
    return base_->supports(candidate, device);
  }
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override {
    return base_->prepare(candidate, device, pointers);
  }
  std::vector<std::string> policies(const Candidate& candidate) const override { return base_->policies(candidate); }
  std::optional<Choice> choice(const Candidate& candidate, const Device& device) const override {
    return base_->choice(candidate, device);
  }

 protected:
  std::shared_ptr<const AnyProblem> base_;
};

}  // namespace kernelgate
