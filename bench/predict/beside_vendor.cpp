#include "bench/predict/beside_vendor.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "bench/predict/predict_case.h"
#include "bench/predict/predict_text.h"
#include "bench/predict/recorded_case.h"
#include "bench/run/cases.h"
#include "harness/base/error.h"
#include "harness/base/progress.h"
#include "harness/predict/vendor/vendor_times.h"

namespace kernelgate {
namespace {

// The last GPU that kernels were measured on.
constexpr const char* gpu_name = "h200-sxm";

/// What a run on a GPU would take: the one that chooses among the others, where there is one.
std::optional<AnyProblem::Candidate> candidate_of(const AnyProblem& problem, const Device& device) {
  std::optional<AnyProblem::Candidate> first;
  for (const AnyProblem::Candidate& one : problem.implementations()) {
    if (one.device != DeviceKind::simt || one.origin != Origin::ours) continue;
    if (!first || problem.choice(one, device)) first = one;
  }
  return first;
}

std::string microseconds(double seconds) { return seconds > 0 ? fmt::format("{:.3g}", seconds * 1e6) : "-"; }

void print_row(const AnyProblem& problem, const CasePrediction& ours, const predict::VendorTime* vendor,
               std::size_t width, std::FILE* stream) {
  fmt::print(stream, "  {:{}}", fmt::format("{}/{}", problem.op(), problem.name()), width);
  if (ours.no_ground.empty())
    fmt::print(stream, " {:>9} {:>9}{}", microseconds(ours.cold.seconds), microseconds(ours.hot.seconds),
               mark_of(ours));
  else
    fmt::print(stream, " {:>19} ", "no prediction");
  if (vendor == nullptr)
    fmt::print(stream, "  not measured\n");
  else
    fmt::print(stream, "{:>9} {:>9}  {}\n", microseconds(vendor->cold_s), microseconds(vendor->hot_s),
               predict::by_whom(*vendor));
}

void print_all(const std::vector<std::shared_ptr<const AnyProblem>>& problems, std::FILE* stream) {
  const predict::Gpu gpu = predict::find_gpu(gpu_name);
  const auto vendor = predict::vendor_times(gpu_name);
  std::size_t width = 0;
  for (const auto& problem : problems)
    width = std::max(width, std::string_view(problem->op()).size() + 1 + problem->name().size());
  std::vector<CasePrediction> all;
  std::vector<const AnyProblem*> of;
  PredictOptions options;
  options.check_counts = false;  // the kernels were just proved, and `kernelgate predict` checks
  ProgressBar progress(static_cast<int>(problems.size()), "predicting");
  for (const auto& problem : problems) {
    const auto candidate = candidate_of(*problem, device_like(gpu));
    if (!candidate) continue;
    progress.begin_step(problem->name());
    all.push_back(predict_case(*problem, *candidate, gpu, options));
    of.push_back(problem.get());
    progress.end_step("");
  }
  if (all.empty()) return;
  fmt::print(stream,
             "\nNOT MEASURED HERE, microseconds on an {}: ours is predicted ({}); the vendor's libraries were measured "
             "on {}, {} ({}).\n",
             gpu.title, known_error(gpu), vendor ? vendor->on : "none", vendor ? vendor->measured : "never",
             vendor ? vendor->source : "-");
  fmt::print(stream, "  {:{}} {:>19} {:>19}\n  {:{}} {:>9} {:>9} {:>9} {:>9}\n", "", width, "ours, predicted",
             "vendor, measured", "problem", width, "cold", "hot", "cold", "hot");
  for (std::size_t i = 0; i < all.size(); ++i)
    print_row(*of[i], all[i], vendor ? vendor->find(fmt::format("{}/{}", of[i]->op(), of[i]->name())) : nullptr, width,
              stream);
  for (const CasePrediction& one : all) fmt::print(stream, "{}", left_out_text(one));
  if (std::ranges::any_of(all, [](const CasePrediction& one) { return *mark_of(one) == '~'; }))
    fmt::print(stream, "{}", mark_text);
  fmt::print(stream, "How it is reckoned, and how wrong it is: kernelgate predict; docs/predict.md\n");
}

}  // namespace

void print_beside_vendor(const std::string& suite, const std::vector<std::string>& ops, std::FILE* stream) {
  try {
    print_all(select_problems(suite, ops), stream);
  } catch (const HarnessError& why) {
    if (why.code != ExitCode::nothing) throw;
    fmt::print(stream, "\nNo times are predicted: {}\n", why.what());
  }
}

}  // namespace kernelgate
