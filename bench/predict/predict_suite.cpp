#include "bench/predict/predict_suite.h"

#include <fmt/format.h>

#include "bench/run/cases.h"
#include "bench/run/regex.h"
#include "harness/base/progress.h"

namespace kernelgate {

PredictedSuite predict_suite(const PredictedSuite::Selection& selection, const predict::Gpu& gpu,
                             const PredictOptions& options) {
  PredictedSuite suite{selection.suite, gpu, {}};
  const auto matches = regex_search(selection.filter, "--filter");
  const auto problems = select_problems(selection.suite, selection.ops);
  struct Wanted {
    const AnyProblem* problem;
    AnyProblem::Candidate candidate;
    std::string name;
  };
  std::vector<Wanted> all;
  for (const auto& problem : problems)
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != DeviceKind::simt || candidate.origin != Origin::ours) continue;
      std::string name = fmt::format("{}/{}/{}", problem->op(), problem->name(), candidate.name);
      if (selection.filter.empty() || matches(name)) all.push_back({problem.get(), candidate, std::move(name)});
    }
  ProgressBar progress(static_cast<int>(all.size()), "predicting");
  for (const Wanted& one : all) {
    progress.begin_step(one.name);
    suite.cases.push_back(predict_case(*one.problem, one.candidate, gpu, options));
    progress.end_step(suite.cases.back().no_ground);
  }
  return suite;
}

}  // namespace kernelgate
