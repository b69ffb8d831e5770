#pragma once
// Measures the cases of a selection and makes a result of it: in this process, or in fresh ones.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/run/cases.h"
#include "bench/run/google_benchmark.h"
#include "bench/run/injection.h"
#include "harness/measure/sampler.h"
#include "harness/result/result.h"

namespace kernelgate {

struct SuiteOptions {
  Selection selection;
  Device device;
  SamplingPolicy policy;
  Injection injection;
  BenchmarkFlags flags;
  std::uint64_t seed = 1;                   ///< of the layout
  std::optional<std::uint64_t> input_seed;  ///< empty: each process draws its own
  int run = 0;                              ///< which process run this is
  int runs = 1;                             ///< of how many
};

/// One process run. The result has its cases, status and times; the caller adds who and where.
/// Errors  HarnessError (usage) as select_cases.
Result measure_here(const SuiteOptions& options);

/// The command line of a process run: which, and where its part may go, the best place first.
using WorkerArguments = std::function<std::vector<std::string>(int, const std::vector<std::filesystem::path>&)>;

/// `runs` fresh processes, each writing its part to the first place that takes it; joined. A process that dies leaves
/// the others' parts, and the result says so. `otherwise`: a folder for the parts where temporary ones take none.
/// Errors  HarnessError when no process left anything.
Result measure_in_processes(int runs, const WorkerArguments& worker_arguments,
                            const std::filesystem::path& otherwise = {});

/// What such a process does with its part. Errors  ResultError: no place takes it.
void write_part(const Result& part, const std::vector<std::filesystem::path>& places);

/// By suite: how long a case may take.
SamplingPolicy policy_of(const std::string& suite, DeviceKind device);

}  // namespace kernelgate
