#pragma once
// Proves one implementation right on one problem: poisons, runs, compares with the reference.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/op/memory.h"

namespace kernelgate {

/// What a check of an output found. `right` is the verdict; the rest is the evidence.
struct Verification {
  bool right = false;
  std::int64_t checked = 0;    ///< outputs compared with the reference
  std::int64_t outputs = 0;    ///< outputs there are
  std::int64_t wrong = 0;      ///< of those checked
  std::int64_t unwritten = 0;  ///< of all outputs: still poison
  bool guards_intact = true;   ///< false: something was written outside the output
  double max_error = 0;        ///< largest |got - expected| of those checked
  double max_error_ratio = 0;  ///< largest |got - expected| / bound: right means at most 1
  std::int64_t worst_index = -1;
  double worst_got = 0;
  double worst_expected = 0;

  /// One line: "right: 4096 of 65536 outputs within 0.31 of the bound", or what is wrong where.
  std::string describe() const;
};

/// The memory and the inputs of one problem on one device, and the expected values, shared by all the
/// implementations that are run on it.
class Proof {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::size_t misalign_elements = 0;  ///< shifts every tensor off its alignment
    std::uint64_t layout_seed = 0;      ///< draws where each tensor begins, aligned all the same; 0: at the front
    double flop_budget = 2e9;           ///< how much the reference may cost
    int misalign_tensor = -1;           ///< misalign_elements shifts this one alone, counted as in pointers(); -1: all
  };

  /// Errors  DeviceError if the memory is not to be had.
  Proof(std::shared_ptr<const AnyProblem> problem, const Device& device, const Options& options);
  Proof(std::shared_ptr<const AnyProblem> problem, const Device& device)
      : Proof(std::move(problem), device, Options{}) {}

  const AnyProblem& problem() const { return *problem_; }
  const Device& device() const { return device_; }
  /// Inputs in order, then the output, on the device.
  const std::vector<void*>& pointers() const { return pointers_; }
  const GuardedTensor& output() const { return tensors_.back(); }

  Launch prepare(const AnyProblem::Candidate& candidate) const;

  /// Poisons the output, launches, waits, compares. `corrupt` is called on the output between the
  /// launch and the comparison: the injection of wrong results uses it.
  Verification verify(const Launch& launch, const std::function<void(const GuardedTensor&)>& corrupt = {});

 private:
  std::shared_ptr<const AnyProblem> problem_;
  Device device_;
  Options options_;
  std::vector<GuardedTensor> tensors_;
  std::vector<void*> pointers_;
  std::vector<std::vector<std::byte>> host_inputs_;
  std::vector<std::int64_t> indices_;
  std::vector<Expected> expected_;  // computed on the first verify: listing and preparing don't pay for it
};

}  // namespace kernelgate
