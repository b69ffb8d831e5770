// The policy of the check, line by line.
#include <algorithm>

#include "harness/accept/judge/judge.h"
#include "harness/accept/judge/test_makers.h"

namespace kernelgate::accept {

Tests judge_preflight(const PolicyReport& policy, std::vector<std::string>& notes) {
  Tests tests;
  for (const PolicyOutcome& outcome : policy.lines) {
    const PolicyLine& line = outcome.line;
    if (line.severity != PolicySeverity::fail) {
      if (!outcome.holds() && line.severity == PolicySeverity::warn)
        notes.push_back(fmt::format("{}: {}", line.text, outcome.why()));
      continue;
    }
    Tested test = make_test(the_machine, "preflight." + line.id, line.text);
    const bool unknown =
        std::ranges::any_of(outcome.required, [](const RequirementOutcome& one) { return !one.met && !one.known; });
    const bool broken =
        std::ranges::any_of(outcome.required, [](const RequirementOutcome& one) { return !one.met && one.known; });
    tests.push_back(unknown && !broken
                        ? not_tested(std::move(test), outcome.why())
                        : decided(std::move(test), outcome.holds(), outcome.holds() ? "holds" : outcome.why()));
  }
  return tests;
}

}  // namespace kernelgate::accept
