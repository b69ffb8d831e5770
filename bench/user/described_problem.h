#pragma once
// Problems with a kernel that a JSON file describes: of an op of kernelgate, or of the user's own.

#include <functional>
#include <memory>
#include <vector>

#include "bench/user/forwarding_problem.h"
#include "bench/user/kernel_description.h"

namespace kernelgate {

/// Where the kernels of descriptions run: on GPUs, by the driver of the machine. A test takes another.
struct KernelPlace {
  DeviceKind device = DeviceKind::cuda;
  std::function<SymbolSource()> driver = open_cuda_driver;
};

/// `base` with the described kernel among its implementations, in every suite that is timed, and in "verify".
class WithKernel final : public ForwardingProblem {
 public:
  WithKernel(std::shared_ptr<const AnyProblem> base, std::shared_ptr<const KernelDescription> kernel,
             KernelPlace place);

  const std::vector<std::string>& suites() const override { return suites_; }
  std::vector<Candidate> implementations() const override;
  Support supports(const Candidate& candidate, const Device& device) const override;
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override;
  std::vector<std::string> policies(const Candidate& candidate) const override;
  std::optional<Choice> choice(const Candidate& candidate, const Device& device) const override;

 private:
  bool is_it(const Candidate& candidate) const;
  std::vector<std::string> tensor_names() const;

  std::shared_ptr<const KernelDescription> kernel_;
  KernelPlace place_;
  std::vector<std::string> suites_;
};

/// The problems of an op of the user's own, without kernels. Errors  HarnessError (usage): one that is none, or a file
/// of values that doesn't fit.
std::vector<std::shared_ptr<const AnyProblem>> own_problems(const KernelDescription& kernel);

}  // namespace kernelgate
