#pragma once
// A problem of a user's own op, as the program lists, proves and measures it.

#include <memory>
#include <string>
#include <vector>

#include "kernels/op/any_op.h"
#include "kernels/user/user_op.h"

namespace kernelgate {

/// Letters, digits and _, a letter first, at most 64: what may stand in the name of a case and of a file.
bool is_user_name(std::string_view name);

class UserProblem final : public AnyProblem {
 public:
  /// `kernels` may grow until the program starts.
  ///
  /// Errors  InvalidProblem: a name that is none, a size below 0, a formula that has no value, a tensor that no machine
  ///         could hold.
  UserProblem(std::shared_ptr<const UserOp> op, UserSizes sizes,
              std::shared_ptr<const std::vector<UserKernel>> kernels);

  const std::string& op() const override { return op_->name; }
  const std::string& name() const override { return name_; }
  const std::string& label() const override { return sizes_.label; }
  const std::vector<std::string>& suites() const override { return sizes_.suites; }
  Sizes sizes() const override { return sizes_.sizes; }
  Work work() const override { return work_; }
  std::vector<TensorSpec> inputs() const override { return {specs_.begin(), specs_.end() - 1}; }
  TensorSpec output() const override { return specs_.back(); }
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override;
  std::vector<std::int64_t> check_indices(double flop_budget, std::uint64_t seed) const override;
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override;
  std::vector<Candidate> implementations() const override;
  Support supports(const Candidate& candidate, const Device& device) const override;
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override;

 private:
  const UserKernel& find(const Candidate& candidate) const;

  std::shared_ptr<const UserOp> op_;
  UserSizes sizes_;
  std::shared_ptr<const std::vector<UserKernel>> kernels_;
  std::string name_;
  std::vector<TensorSpec> specs_;                  ///< the inputs, then the output
  std::vector<std::vector<std::int64_t>> shapes_;  ///< of each of them
  Work work_;
};

}  // namespace kernelgate
