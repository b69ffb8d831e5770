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
  ProgressBar progress(static_cast<int>(problems.size()), "predicting");
  for (const auto& problem : problems)
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != DeviceKind::simt || candidate.origin != Origin::ours) continue;
      const std::string name = fmt::format("{}/{}/{}", problem->op(), problem->name(), candidate.name);
      if (!selection.filter.empty() && !matches(name)) continue;
      progress.begin_step(name);
      suite.cases.push_back(predict_case(*problem, candidate, gpu, options));
      progress.end_step(suite.cases.back().no_ground);
    }
  return suite;
}

}  // namespace kernelgate
