#pragma once
// An op with its type erased, so that the program can list, verify and measure ops that it doesn't know.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/op.h"
#include "kernels/op/sizes.h"

namespace kernelgate {

class AnyProblem;

/// One of the problems of other ops that an implementation is made of.
struct Part {
  std::string name;  ///< "fd2.T"
  std::shared_ptr<const AnyProblem> problem;
  std::string implementation;  ///< of that problem, on the same device
  int branch = 0;              ///< 0 and 1 run side by side, 2 behind both; each in order
};

/// What an op's implementations are made of whose launches are those of other ops' implementations, one for each part.
/// Apart from Implementation, which every kernel's file knows: few are.
template <Op T>
class PartsOf {
 public:
  using Parts = std::vector<Part> (*)(const typename T::Problem&);

  /// `const PartsOf<Pipeline> registered{"ours", parts};` at file scope, on every device.
  PartsOf(std::string implementation, Parts parts) { all()[std::move(implementation)] = parts; }

  static std::vector<Part> find(const std::string& implementation, const typename T::Problem& problem) {
    const auto found = all().find(implementation);
    return found == all().end() ? std::vector<Part>() : found->second(problem);
  }

 private:
  static std::map<std::string, Parts>& all() {
    static std::map<std::string, Parts> known;
    return known;
  }
};

/// One problem of one op, bound to no memory yet.
class AnyProblem {
 public:
  virtual ~AnyProblem() = default;
  virtual const std::string& op() const = 0;
  virtual const std::string& name() const = 0;   ///< "f16_nt/256x256x256"
  virtual const std::string& label() const = 0;  ///< where it comes from, may be empty
  virtual const std::vector<std::string>& suites() const = 0;
  /// For formulas of people who describe a kernel: what its shape may depend on.
  virtual Sizes sizes() const { return {}; }
  virtual Work work() const = 0;
  virtual std::vector<TensorSpec> inputs() const = 0;
  virtual TensorSpec output() const = 0;
  virtual void fill(std::uint64_t seed, std::span<void* const> inputs) const = 0;
  /// Puts other inputs in the place of these, where what is right is known of some alone. False: any will do, and
  /// whoever asks moves these round.
  virtual bool refill(std::uint64_t seed, std::span<void* const> inputs) const {
    static_cast<void>(seed), static_cast<void>(inputs);
    return false;
  }
  virtual std::vector<std::int64_t> check_indices(double flop_budget, std::uint64_t seed) const = 0;
  /// `pointers`: the inputs on the host, then the output (not read).
  virtual void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                         std::span<Expected> expected) const = 0;

  struct Candidate {
    std::string name;
    Origin origin;
    DeviceKind device;
    std::string file = "";    ///< Implementation::file
    std::string policy = "";  ///< of its tile policies, for `prepare`; empty: as it chooses itself
    /// What identifies its code, where that is not in this program.
    std::string code_hash = "";
  };
  /// Every registered implementation of the op, sorted by device, origin, name.
  virtual std::vector<Candidate> implementations() const = 0;
  virtual Support supports(const Candidate&, const Device&) const = 0;
  virtual Launch prepare(const Candidate&, const Device&, std::span<void* const> pointers) const = 0;
  /// The names of its tile policies.
  virtual std::vector<std::string> policies(const Candidate&) const { return {}; }
  /// What the candidate leaves the work to, and why; nothing where it computes itself.
  virtual std::optional<Choice> choice(const Candidate&, const Device&) const { return {}; }
  /// The problems of other ops that the candidate is made of; none where it launches kernels of its own.
  virtual std::vector<Part> parts(const Candidate&) const { return {}; }
};

/// Whose kernel runs: where a candidate only chooses among others, the one that it chose.
AnyProblem::Candidate chosen(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device);

/// Every workload of every op, in the order of op name, then as the op lists them.
std::vector<std::shared_ptr<const AnyProblem>> all_problems();

/// The names of all ops that registered, sorted.
std::vector<std::string> all_ops();

/// Adds problems to the table: what `<op>_problems.cpp` does at file scope through RegisterWorkloads, and
/// what the program does for recordings that a user names.
void add_problem(std::shared_ptr<const AnyProblem> problem);

/// Puts what `replace` makes of each problem in its place; null drops it.
void replace_problems(
    const std::function<std::shared_ptr<const AnyProblem>(const std::shared_ptr<const AnyProblem>&)>& replace);

template <Op T>
class TypedProblem final : public AnyProblem {
 public:
  explicit TypedProblem(Workload<T> workload)
      : workload_(std::move(workload)), name_(T::problem_name(workload_.problem)) {
    T::validate(workload_.problem);
  }

  const std::string& op() const override {
    static const std::string op_name(T::name);
    return op_name;
  }
  const std::string& name() const override { return name_; }
  const std::string& label() const override { return workload_.label; }
  const std::vector<std::string>& suites() const override { return workload_.suites; }
  Sizes sizes() const override {
    if constexpr (requires { T::sizes(workload_.problem); }) return T::sizes(workload_.problem);
    return {};
  }
  Work work() const override { return T::work(workload_.problem); }
  std::vector<TensorSpec> inputs() const override { return T::inputs(workload_.problem); }
  TensorSpec output() const override { return T::output(workload_.problem); }
  void fill(std::uint64_t seed, std::span<void* const> inputs) const override {
    T::fill(workload_.problem, seed, inputs);
  }
  std::vector<std::int64_t> check_indices(double flop_budget, std::uint64_t seed) const override {
    return T::check_indices(workload_.problem, flop_budget, seed);
  }
  void reference(std::span<void* const> pointers, std::span<const std::int64_t> indices,
                 std::span<Expected> expected) const override {
    T::reference(workload_.problem, T::bind(workload_.problem, pointers), indices, expected);
  }

  std::vector<Candidate> implementations() const override {
    std::vector<Candidate> candidates;
    for (const auto& i : Implementations<T>::sorted()) candidates.push_back({i.name, i.origin, i.device, i.file});
    return candidates;
  }
  Support supports(const Candidate& candidate, const Device& device) const override {
    return find(candidate).supports(device, workload_.problem);
  }
  Launch prepare(const Candidate& candidate, const Device& device, std::span<void* const> pointers) const override {
    const Implementation<T>& one = find(candidate);
    const auto buffers = T::bind(workload_.problem, pointers);
    if (candidate.policy.empty()) return one.prepare(device, workload_.problem, buffers);
    if (T::output(workload_.problem).count == 0) return [](Stream) {};
    for (const TilePolicy<T>& policy : one.policies)
      if (policy.name == candidate.policy) return policy.prepare(device, workload_.problem, buffers);
    throw Error(one.name + " has no tile policy '" + candidate.policy + "'");
  }
  std::vector<std::string> policies(const Candidate& candidate) const override {
    std::vector<std::string> names;
    for (const TilePolicy<T>& policy : find(candidate).policies) names.push_back(policy.name);
    return names;
  }
  std::optional<Choice> choice(const Candidate& candidate, const Device& device) const override {
    const Implementation<T>& one = find(candidate);
    if (!one.choose) return {};
    return one.choose(device, workload_.problem);
  }
  std::vector<Part> parts(const Candidate& candidate) const override {
    return PartsOf<T>::find(candidate.name, workload_.problem);
  }

 private:
  static const Implementation<T>& find(const Candidate& candidate) {
    for (const auto& i : Implementations<T>::sorted())
      if (i.name == candidate.name && i.device == candidate.device) return i;
    throw Error(std::string(T::name) + ": no implementation named " + candidate.name);
  }

  Workload<T> workload_;
  std::string name_;
};

/// `const RegisterWorkloads<Matmul> registered{workloads()};` at file scope of <op>_problems.cpp.
template <Op T>
struct RegisterWorkloads {
  explicit RegisterWorkloads(const std::vector<Workload<T>>& workloads) {
    for (const auto& workload : workloads) add_problem(std::make_shared<TypedProblem<T>>(workload));
  }
};

}  // namespace kernelgate
