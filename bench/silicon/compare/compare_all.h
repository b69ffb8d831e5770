#pragma once
// All probes on both sides, in child processes; what differs once more, alone.

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/silicon/compare/compare_probe.h"
#include "harness/base/error.h"

namespace kernelgate::silicon {

struct CompareOptions {
  Device device;
  std::uint64_t seed = 1;
  std::chrono::milliseconds limit = std::chrono::seconds(30);  ///< for one probe
  /// Of each probe, as soon as it is known. A second line of one probe ("alone": true) is of its run in a process of
  /// its own.
  std::function<void(const nlohmann::ordered_json& line)> on_line;
};

struct CompareCounts {
  int same = 0, different = 0, errors = 0, lost = 0, skipped = 0;
  int not_begun = 0;  ///< after an interrupt
};

/// Outcomes besides those of compare_probe: skipped and lost, each with "text".
CompareCounts compare_all(const std::vector<ProbePair>& pairs, const CompareOptions& options);

/// wrong: any that is not the same; invalid: interrupted; nothing: none was compared.
ExitCode exit_code(const CompareCounts& counts);

}  // namespace kernelgate::silicon
