#pragma once
// Verifies, times and verifies again the implementations of one problem, together: they share inputs,
// and their samples are interleaved.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/run/cases.h"
#include "bench/run/group/group_members.h"
#include "bench/run/injection.h"
#include "harness/measure/sampler.h"
#include "harness/measure/telemetry/telemetry.h"
#include "harness/result/result.h"

namespace kernelgate {

/// How to measure; the same for every group of a run.
struct MeasureOptions {
  Device device;
  SamplingPolicy policy;
  Injection injection;
  std::uint64_t seed = 1;
  std::uint64_t layout_seed = 0;                            ///< of this process run: run_layout.h
  int run = 0;                                              ///< which process run this is
  std::function<void(double)> on_progress = [](double) {};  ///< share of the group, 0 to 1
};

/// What a case is before it is measured.
CaseResult blank_result(const Case& one);

/// Fills the members' results: status and reason, verification, and this process's run. What was taken
/// before an interrupt stays; a member with no sample then keeps no run. `telemetry` may be null.
/// Returns why nothing more should be measured on this device: its telemetry says that it is broken. Empty: go on.
std::string measure_group(const std::vector<Member>& members, Stopwatch& stopwatch, Telemetry* telemetry,
                          const MeasureOptions& options);

}  // namespace kernelgate
