#include "bench/run/cases.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "bench/run/regex.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

constexpr const char* verify_only = "verify";  // problems of this suite alone are checked, never timed

bool in_suite(const AnyProblem& problem, const std::string& suite) {
  const auto& suites = problem.suites();
  if (suite == "full") return !(suites.size() == 1 && suites.front() == verify_only);
  return std::ranges::find(suites, suite) != suites.end();
}

void expect_known(const std::string& kind, const std::string& name, const std::vector<std::string>& known) {
  if (std::ranges::find(known, name) == known.end())
    throw HarnessError(ExitCode::usage,
                       fmt::format("there is no {} '{}'; there are: {}", kind, name, fmt::join(known, ", ")));
}

}  // namespace

std::function<bool(const std::string&)> name_filter(const std::string& text) {
  if (text.empty() || text == "all") return [](const std::string&) { return true; };
  const bool negative = text.front() == '-';
  const auto search = regex_search(negative ? text.substr(1) : text, "--benchmark_filter");
  return [=](const std::string& name) { return search(name) != negative; };
}

std::vector<std::string> all_suites() {
  std::set<std::string> names{"smoke", "default", "full"};
  for (const auto& problem : all_problems()) names.insert(problem->suites().begin(), problem->suites().end());
  return {names.begin(), names.end()};
}

std::vector<std::shared_ptr<const AnyProblem>> select_problems(const std::string& suite,
                                                               const std::vector<std::string>& ops) {
  expect_known("suite", suite, all_suites());
  for (const auto& op : ops) expect_known("op", op, all_ops());
  auto problems = all_problems();
  std::erase_if(problems, [&](const auto& problem) {
    return !in_suite(*problem, suite) || (!ops.empty() && std::ranges::find(ops, problem->op()) == ops.end());
  });
  return problems;
}

void expect_implementations(const std::vector<std::string>& names,
                            const std::vector<std::shared_ptr<const AnyProblem>>& problems, DeviceKind device) {
  if (names.empty()) return;
  std::set<std::string> known;
  for (const auto& problem : problems)
    for (const auto& candidate : problem->implementations())
      if (candidate.device == device) known.insert(candidate.name);
  for (const std::string& name : names)
    expect_known(fmt::format("{} implementation", to_string(device)), name, {known.begin(), known.end()});
}

std::vector<Case> select_cases(const Selection& selection) {
  const auto keep = name_filter(selection.filter);
  std::vector<CacheState> states{CacheState::hot};
  if (selection.device == DeviceKind::cuda) states.insert(states.begin(), CacheState::cold);
  std::vector<Case> cases;
  const auto problems = select_problems(selection.suite, selection.ops);
  const auto& wanted = selection.implementations;
  expect_implementations(wanted, problems, selection.device);
  for (const auto& problem : problems)
    for (const auto& candidate : problem->implementations())
      for (CacheState state : states) {
        if (candidate.device != selection.device) continue;
        if (!wanted.empty() && std::ranges::find(wanted, candidate.name) == wanted.end()) continue;
        std::string name = fmt::format("{}/{}/{}/{}", problem->op(), problem->name(), candidate.name, to_string(state));
        if (keep(name)) cases.push_back({problem, candidate, state, std::move(name)});
      }
  if (cases.empty()) {
    const std::string ops = selection.ops.empty() ? "all ops" : fmt::format("{}", fmt::join(selection.ops, ", "));
    if (selection.filter.empty())
      throw HarnessError(
          ExitCode::nothing,
          fmt::format("nothing in suite {} runs on {} ({}), so that nothing can be measured; what a GPU would run is "
                      "proved without one by: kernelgate verify --device simt",
                      selection.suite, to_string(selection.device), ops));
    throw HarnessError(ExitCode::usage,
                       fmt::format("no case matches the filter '{}' in suite {} on {} ({}); see: kernelgate list",
                                   selection.filter, selection.suite, to_string(selection.device), ops));
  }
  return cases;
}

}  // namespace kernelgate
