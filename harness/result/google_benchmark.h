#pragma once
// Our cases as Google Benchmark writes them, so that what reads its documents reads ours.

#include <nlohmann/json_fwd.hpp>

#include "harness/result/result.h"

namespace kernelgate {

/// The `benchmarks` array: a case's process runs are repetitions; with more than one, the aggregates
/// mean, median, stddev and cv follow. A repetition's real_time is the median of the run's samples, and
/// cpu_time repeats it: no other clock was read.
///
/// Units  nanoseconds; counters per second.
nlohmann::json google_benchmarks(const Result& result);

}  // namespace kernelgate
