#pragma once
// A problem whose inputs and expected output are in files.

#include <memory>
#include <string>
#include <vector>

#include "bench/user/forwarding_problem.h"
#include "bench/user/kernel_description.h"

namespace kernelgate {

/// Each set is the values of all tensors. Of two sets and more, another comes in place when inputs are to be new. With
/// one alone no input can be: all are constant, and a kernel that keeps what it computed is not caught.
class ProblemInFiles final : public ForwardingProblem {
 public:
  /// Inputs are raw elements of their types; so is the output, or of f64.
  ///
  /// Errors  HarnessError (usage): a file that can't be read, or has another size.
  ProblemInFiles(std::shared_ptr<const AnyProblem> base, const std::vector<TensorFiles>& sets, double relative,
                 double absolute);

  std::vector<TensorSpec> inputs() const override;
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override;
  bool refill(std::uint64_t seed, std::span<void* const> inputs) const override;
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override;
  std::vector<std::int64_t> check_indices(double flop_budget, std::uint64_t seed) const override;

 private:
  struct Set {
    std::vector<std::string> inputs;  ///< bytes
    std::vector<double> output;
  };
  std::size_t set_at(std::span<void* const> inputs) const;
  void put(std::size_t set, std::span<void* const> inputs) const;

  std::vector<Set> sets_;
  double relative_, absolute_;
};

}  // namespace kernelgate
