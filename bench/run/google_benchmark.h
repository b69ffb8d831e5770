#pragma once
// Google Benchmark's part: it registers and names the cases, runs them in its loop, and writes its own
// formats where a --benchmark_* flag asks for one.

#include <functional>
#include <string>
#include <vector>

#include "bench/run/cases.h"
#include "bench/run/session.h"

namespace kernelgate {

/// The --benchmark_* flags of a command line, taken apart.
struct BenchmarkFlags {
  std::vector<std::string> all;  ///< as given
  std::string filter;
  std::string format;               ///< of --benchmark_format; empty: our own report
  bool list = false;                ///< --benchmark_list_tests
  bool writes = false;              ///< --benchmark_out
  std::string out_format = "json";  ///< of --benchmark_out_format
  double min_time_s = 0;            ///< 0: not given

  /// Errors  HarnessError (usage) for anything that is no --benchmark_* flag.
  static BenchmarkFlags parse(const std::vector<std::string>& arguments);
};

/// Runs all cases through Google Benchmark, in the session's order; its own flags of order go on from there. `done` is
/// called after each with its outcome.
void run_benchmarks(Session& session, const std::vector<Case>& cases, const BenchmarkFlags& flags,
                    const std::function<void(const Case&, const Session::Outcome&)>& done);

}  // namespace kernelgate
