#include "kernels/op/any_op.h"

#include <algorithm>
#include <set>

namespace kernelgate {
namespace {

std::vector<std::shared_ptr<const AnyProblem>>& table() {
  static std::vector<std::shared_ptr<const AnyProblem>> problems;
  return problems;
}

}  // namespace

void add_problem(std::shared_ptr<const AnyProblem> problem) { table().push_back(std::move(problem)); }

void replace_problems(
    const std::function<std::shared_ptr<const AnyProblem>(const std::shared_ptr<const AnyProblem>&)>& replace) {
  for (auto& problem : table()) problem = replace(problem);
  std::erase(table(), nullptr);
}

std::vector<std::shared_ptr<const AnyProblem>> all_problems() {
  auto problems = table();
  // Link order is arbitrary: sort by op, keep each op's own order.
  std::ranges::stable_sort(problems, {}, [](const auto& p) { return p->op(); });
  std::set<std::string> seen;
  for (const auto& p : problems)
    if (!seen.insert(p->op() + "/" + p->name()).second)
      throw Error("two problems are named " + p->op() + "/" + p->name());
  return problems;
}

std::vector<std::string> all_ops() {
  std::set<std::string> names;
  for (const auto& p : table()) names.insert(p->op());
  return {names.begin(), names.end()};
}

AnyProblem::Candidate chosen(const AnyProblem& problem, const AnyProblem::Candidate& candidate, const Device& device) {
  const std::optional<Choice> choice = problem.choice(candidate, device);
  if (!choice) return candidate;
  for (const auto& other : problem.implementations())
    if (other.device == candidate.device && other.name == choice->implementation) return other;
  return candidate;
}

}  // namespace kernelgate
