#include "harness/sides/foreign_run.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

/// Standard deviations of a normal between its median and a quartile.
constexpr double quartile_sd = 0.6745;

RunSummary honest(RunSummary run) {
  if (run.samples < min_samples_per_run)
    run.q3_s = std::max(run.q3_s, run.q1_s * std::exp(2 * quartile_sd * assumed_sample_sd));
  return run;
}

}  // namespace

RunSummary run_of_samples(const std::vector<double>& samples_s) {
  const Summary s = summarize(samples_s);
  RunSummary run{s.median, s.q1, s.q3, s.count};
  run.quantum_s = timer_quantum(samples_s);
  return honest(std::move(run));
}

RunSummary run_of_moments(double location_s, double relative_sd, std::size_t samples) {
  const double sd = std::sqrt(std::log1p(relative_sd * relative_sd));
  return honest({location_s, location_s, location_s * std::exp(2 * quartile_sd * sd), samples});
}

RunSummary run_of_quartiles(double q1_s, double median_s, double q3_s, std::size_t samples) {
  if (!(q1_s > 0 && q1_s <= median_s && median_s <= q3_s && std::isfinite(q3_s)))
    throw std::invalid_argument("quartiles out of order");
  return honest({median_s, q1_s, q3_s, samples});
}

std::string thin_run_note(const RunSummary& run, const std::string& remedy) {
  if (run.samples >= min_samples_per_run) return {};
  return fmt::format("{} tells nothing of its spread, which is taken to be {:.0f} %: {}",
                     run.samples == 1 ? "one value" : fmt::format("a run of {} values", run.samples),
                     100 * assumed_sample_sd, remedy);
}

}  // namespace kernelgate
