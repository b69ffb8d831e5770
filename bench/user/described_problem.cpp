#include "bench/user/described_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "bench/user/problem_by_formula.h"
#include "bench/user/problem_in_files.h"
#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "kernels/op/memory.h"
#include "kernels/user/user_problem.h"

namespace kernelgate {
WithKernel::WithKernel(std::shared_ptr<const AnyProblem> base, std::shared_ptr<const KernelDescription> kernel,
                       KernelPlace place)
    : ForwardingProblem(std::move(base)), kernel_(std::move(kernel)), place_(std::move(place)) {
  // It was named: whichever suite is asked for has it.
  std::set<std::string> all(base_->suites().begin(), base_->suites().end());
  all.insert({"smoke", "default", "full", "verify"});
  suites_ = kernel_->own_op ? base_->suites() : std::vector<std::string>(all.begin(), all.end());
}

bool WithKernel::is_it(const Candidate& candidate) const {
  return candidate.device == place_.device && candidate.name == kernel_->name;
}

std::vector<std::string> WithKernel::tensor_names() const {
  std::vector<std::string> names;
  for (const TensorSpec& spec : base_->inputs()) names.push_back(spec.name);
  names.push_back(base_->output().name);
  return names;
}

std::vector<AnyProblem::Candidate> WithKernel::implementations() const {
  std::vector<Candidate> all = base_->implementations();
  Candidate own{kernel_->name, Origin::ours, place_.device, kernel_->file};
  own.code_hash = kernel_->code_hash;
  all.push_back(std::move(own));
  std::ranges::sort(all, {}, [](const Candidate& i) { return std::tuple(i.device, i.origin, i.name); });
  return all;
}

Support WithKernel::supports(const Candidate& candidate, const Device& device) const {
  if (!is_it(candidate)) return base_->supports(candidate, device);
  return kernel_->supports(device, base_->sizes(), tensor_names());
}

std::vector<std::string> WithKernel::policies(const Candidate& candidate) const {
  return is_it(candidate) ? std::vector<std::string>{} : base_->policies(candidate);
}

std::optional<Choice> WithKernel::choice(const Candidate& candidate, const Device& device) const {
  return is_it(candidate) ? std::nullopt : base_->choice(candidate, device);
}

Launch WithKernel::prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const {
  if (!is_it(candidate)) return base_->prepare(candidate, device, pointers);
  if (base_->output().count == 0) return [](Stream) {};
  const std::vector<std::string> names = tensor_names();
  std::map<std::string, void*> tensors;
  for (std::size_t i = 0; i < names.size(); ++i) tensors[names[i]] = pointers[i];
  DriverLaunch launch = kernel_->launch(base_->sizes(), tensors);
  // Zeroed once: where a kernel counts in it, it must leave it as it was.
  const auto scratch = std::make_shared<std::vector<Memory>>();
  const std::vector<std::size_t> bytes = kernel_->scratch_bytes(base_->sizes());
  for (std::size_t i = 0; i < kernel_->arguments.size(); ++i) {
    if (kernel_->arguments[i].kind != KernelArgument::Kind::scratch) continue;
    const Memory& memory = scratch->emplace_back(device, bytes[scratch->size()]);
    memory.fill(0);
    launch.parameters[i] = reinterpret_cast<std::uintptr_t>(memory.data());
  }
  Launch start = driver_launch(place_.driver(), device.ordinal, kernel_->image.bytes, kernel_->image.file,
                               kernel_->symbol, std::move(launch));
  return [start, scratch](Stream stream) { start(stream); };
}

std::vector<std::shared_ptr<const AnyProblem>> own_problems(const KernelDescription& kernel) {
  // What is right is said by the problems around it, which know all indices at once.
  const auto nobody = [](const UserInputs&, std::int64_t) -> Expected { throw Error("nothing says what is right"); };
  const auto op = std::make_shared<const UserOp>(
      UserOp{kernel.op, kernel.inputs, kernel.output, kernel.sizes, nobody, kernel.flop});
  std::vector<std::shared_ptr<const AnyProblem>> all;
  for (std::size_t i = 0; i < kernel.sizes.size(); ++i) {
    try {
      std::shared_ptr<const AnyProblem> one =
          std::make_shared<UserProblem>(op, kernel.sizes[i], std::make_shared<const std::vector<UserKernel>>());
      if (kernel.files[i].empty())
        one = std::make_shared<ProblemByFormula>(one, kernel);
      else
        one =
            std::make_shared<ProblemInFiles>(one, kernel.files[i], kernel.expected.relative, kernel.expected.absolute);
      all.push_back(std::move(one));
    } catch (const HarnessError&) {
      throw;
    } catch (const std::exception& error) {
      throw HarnessError(ExitCode::usage, fmt::format("{}, problems, number {}: {}", printable(kernel.file, 120), i + 1,
                                                      one_line(error.what())));
    }
  }
  return all;
}

}  // namespace kernelgate
