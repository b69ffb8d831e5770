#pragma once
// One process run of another tool, which may have kept less of it than a comparison wants.

#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

/// What is assumed of the standard deviation of log time between the samples of a run that shows fewer than
/// `min_samples_per_run` of them. Declared, not measured: at the noisy end of what is published for single
/// measurements (CodSpeed's 2.7 % on shared runners, Laaber et al. 0.03 to 100 %), for a figure with an unknown spread
/// must not look certain. One value a side then takes +27 % on a CPU before its only case is called SLOWER.
inline constexpr double assumed_sample_sd = 0.05;

/// Of samples in seconds, at least one, all > 0. With too few, the spread is at least the assumed one: the upper
/// quartile says so, and no location moves.
RunSummary run_of_samples(const std::vector<double>& samples_s);

/// Of a location and a relative standard deviation (as of a log-normal), from `samples` values. No quartile is
/// invented: one outlier among few repetitions makes a standard deviation that says nothing of the fastest. The
/// location stands for the lower one, and the upper one carries the spread.
RunSummary run_of_moments(double location_s, double relative_sd, std::size_t samples);

/// Of quartiles. Errors  std::invalid_argument unless 0 < q1 <= median <= q3.
RunSummary run_of_quartiles(double q1_s, double median_s, double q3_s, std::size_t samples);

/// What an inconclusive verdict on such a run must add: empty where it has samples enough.
std::string thin_run_note(const RunSummary& run, const std::string& remedy);

}  // namespace kernelgate
