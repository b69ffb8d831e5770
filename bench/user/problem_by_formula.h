#pragma once
// A problem whose expected output is a formula of its inputs.

#include <memory>

#include "bench/user/forwarding_problem.h"
#include "bench/user/kernel_description.h"

namespace kernelgate {

class ProblemByFormula final : public ForwardingProblem {
 public:
  /// Errors  Error: the formula has no value for the first output, where inputs are small enough to try.
  ProblemByFormula(std::shared_ptr<const AnyProblem> base, const KernelDescription& kernel);

  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override;

 private:
  void try_it() const;

  ExpectedOutput expected_;
  std::vector<std::vector<std::int64_t>> shapes_;  ///< of the inputs in order, then of the output
};

}  // namespace kernelgate
