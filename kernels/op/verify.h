#pragma once
// Proves one implementation right on one problem: poisons, runs, compares with the reference.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/op/inputs.h"
#include "kernels/op/memory.h"
#include "kernels/op/verification.h"

namespace kernelgate {

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

  /// While it prepares, the inputs that are not constant hold other values than those that are verified: what it
  /// computes beforehand is worth nothing.
  Launch prepare(const AnyProblem::Candidate& candidate);

  /// Poisons the output, launches, waits, compares. `corrupt` is called on the output between the
  /// launch and the comparison: the injection of wrong results uses it.
  Verification verify(const Launch& launch, const std::function<void(const GuardedTensor&)>& corrupt = {});

  /// The same inputs, launched so often again: whether each output was bit for bit the one that is there now. Where it
  /// was not, the reference tells whether it is right all the same.
  struct Repetition {
    bool same = true;
    Verification found;  ///< of the first output that was another one
  };
  Repetition repeat(const Launch& launch, int times);

  /// Where an output differs from another implementation's by more than both may be off together, going by the widest
  /// bound that was expected. Of the inputs that were verified last. What is right there only `check` can tell.
  std::vector<std::int64_t> disagreements(std::span<const std::byte> one, std::span<const std::byte> other) const;

  /// Compares an output with the reference at some indices.
  /// Where there are very many, at some of them, spread over all.
  Verification check(std::span<const std::byte> output, std::span<const std::int64_t> indices);

  /// The inputs that were staged last are put in place again, whatever became of them. From now on the reference may
  /// cost `flop_budget`; what it said of them already stays said.
  void restore(double flop_budget);

  /// Inputs beside those in place, for `put_inputs`: new ones, or the same again.
  void stage_inputs(bool new_inputs);
  /// In the stream's order: the staged inputs come to the places of the old ones.
  void put_inputs(Stream stream);
  /// In the stream's order: keeps a copy of the output as it is then.
  void take_output(Stream stream);
  /// Compares the copy with the reference of the inputs in place, at so many outputs, drawn anew.
  Verification verify_taken(std::size_t outputs);
  /// The copy, on the host, since `verify_taken`.
  std::span<const std::byte> taken() const { return taken_on_host_; }

 private:
  void upload_inputs();
  std::string spoilt_input() const;
  std::vector<Expected> reference(std::span<const std::int64_t> indices);
  Verification judge(std::span<const std::byte> output);

  std::shared_ptr<const AnyProblem> problem_;
  Device device_;
  Options options_;
  Random random_;
  Inputs inputs_;
  std::vector<GuardedTensor> tensors_;
  std::vector<void*> pointers_;
  std::vector<std::int64_t> indices_;
  std::vector<Expected> expected_;  // computed on the first verify: listing and preparing don't pay for it
  std::vector<Memory> staged_;
  Memory taken_;
  std::vector<std::byte> taken_on_host_;
};

}  // namespace kernelgate
