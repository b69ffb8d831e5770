#pragma once
// Some machines are not ready yet: an NVLink fabric that starts, a daemon that comes up.

#include <chrono>
#include <functional>

#include "harness/check/check.h"

namespace kernelgate {

/// Runs the check again and again until its cause of failure is none that passes by itself, or `limit` is over. The
/// last report is returned; `sleep` waits between two, and `told` is called with each report that is waited on.
///
/// Units  seconds.
CheckReport run_check_until_ready(const Probe& probe, const CheckOptions& options, std::chrono::seconds limit,
                                  const std::function<void(std::chrono::seconds)>& sleep,
                                  const std::function<void(const CheckReport&)>& told);

/// D-FABRIC, D-MPS, D-DRV-UNLOADED of a machine that starts: what time alone can mend.
bool passes_by_itself(const CheckReport& report);

}  // namespace kernelgate
