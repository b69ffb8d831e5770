#pragma once
// Which cases there are, and which of them a run takes.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/measure/stopwatch.h"
#include "kernels/op/any_op.h"

namespace kernelgate {

/// One thing to measure: op x problem x implementation x device, in one cache state.
struct Case {
  std::shared_ptr<const AnyProblem> problem;
  AnyProblem::Candidate candidate;
  CacheState state = CacheState::hot;
  std::string name;  ///< "matmul/f16_nt/256x256x256/onednn/hot"
};

struct Selection {
  std::string suite = "smoke";
  std::vector<std::string> ops;  ///< none: all
  DeviceKind device = DeviceKind::cpu;
  std::string filter = {};  ///< as --benchmark_filter: POSIX extended, a leading '-' negates; empty: all
  std::vector<std::string> implementations = {};  ///< by name; none: all
};

/// "smoke", "default", "full", and what the ops' tables name beside them.
std::vector<std::string> all_suites();

/// As --benchmark_filter, of names. Empty and "all": every name. Errors  HarnessError (usage): no regular expression.
std::function<bool(const std::string&)> name_filter(const std::string& text);

/// The problems of a suite, in the order of the ops' tables. "full" holds every timed problem.
/// Errors  HarnessError (usage) for a suite or an op that isn't there, naming those that are.
std::vector<std::shared_ptr<const AnyProblem>> select_problems(const std::string& suite,
                                                               const std::vector<std::string>& ops);

/// Errors  HarnessError (usage) for a name that no implementation of these problems has on this device, naming those
/// that
///         there are.
void expect_implementations(const std::vector<std::string>& names,
                            const std::vector<std::shared_ptr<const AnyProblem>>& problems, DeviceKind device);

/// The cases of a selection. GPUs are measured cold and hot, CPUs hot.
/// Errors  HarnessError (usage), as above, and for a filter that matches nothing; (nothing) where no implementation is
/// for the device.
std::vector<Case> select_cases(const Selection& selection);

}  // namespace kernelgate
