#include "bench/predict/predict_suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "bench/predict/recorded_case.h"
#include "bench/run/cases.h"
#include "bench/run/regex.h"
#include "harness/base/progress.h"

namespace kernelgate {

namespace {

/// Two at a time where there are two cores. Errors  the first of them, by number.
void for_each_of(std::size_t count, const std::function<void(std::size_t)>& act) {
  constexpr unsigned most = 2;
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> failures(count);
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) try {
        act(i);
      } catch (...) {
        failures[i] = std::current_exception();
        next = count;
      }
  };
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < std::min(most, std::thread::hardware_concurrency()); ++i) helpers.emplace_back(work);
  work();
  helpers.clear();
  for (const std::exception_ptr& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

std::vector<SelectedCase> select_predicted(const PredictedSuite::Selection& selection) {
  const auto matches = regex_search(selection.filter, "--filter");
  std::vector<SelectedCase> all;
  for (const auto& problem : select_problems(selection.suite, selection.ops))
    for (const auto& candidate : problem->implementations()) {
      if (candidate.device != DeviceKind::simt || candidate.origin != Origin::ours) continue;
      std::string name = fmt::format("{}/{}/{}", problem->op(), problem->name(), candidate.name);
      if (selection.filter.empty() || matches(name)) all.push_back({problem, candidate, std::move(name)});
    }
  return all;
}

PredictedSuite predict_suite(const PredictedSuite::Selection& selection, const predict::Gpu& gpu,
                             const PredictOptions& options) {
  PredictedSuite suite{selection.suite, gpu, {}};
  const Device device = device_like(gpu);
  auto all = select_predicted(selection);
  // What a kernel does not take has no time. Where that is all, the reasons are the answer.
  const auto takes = [&](const SelectedCase& one) -> bool { return one.problem->supports(one.candidate, device).yes; };
  if (std::ranges::any_of(all, takes)) std::erase_if(all, std::not_fn(takes));
  // A kernel that another one's choice names is predicted once.
  std::map<std::pair<const AnyProblem*, std::string>, std::size_t> known;
  std::vector<std::size_t> same(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto choice = all[i].problem->choice(all[i].candidate, device);
    const std::string& runs =
        choice && !choice->implementation.empty() ? choice->implementation : all[i].candidate.name;
    same[i] = known.try_emplace({all[i].problem.get(), runs}, i).first->second;
  }
  suite.cases.resize(all.size());
  ProgressBar progress(static_cast<int>(known.size()), "predicting");
  std::mutex one_at_a_time;
  for_each_of(all.size(), [&](std::size_t i) {
    if (same[i] != i) return;
    CasePrediction prediction = predict_case(*all[i].problem, all[i].candidate, gpu, options);
    const std::lock_guard lock(one_at_a_time);
    progress.begin_step(all[i].name);
    progress.end_step(prediction.no_ground);
    suite.cases[i] = std::move(prediction);
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (same[i] != i) suite.cases[i] = suite.cases[same[i]];
    suite.cases[i].name = all[i].name;
  }
  return suite;
}

}  // namespace kernelgate
