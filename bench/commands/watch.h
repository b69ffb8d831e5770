#pragma once
// `kernelgate check --watch`: what the GPUs do, and what holds them back, second by second.

#include <string>

#include "harness/base/error.h"

namespace kernelgate {

struct WatchOptions {
  double seconds = 0;  ///< 0: until interrupted
  bool json = false;   ///< one JSON object a line and second
};

/// Of the text after --watch; empty: until interrupted. Errors  HarnessError (usage) for what is no time.
double watch_seconds(const std::string& text);

/// Errors  HarnessError: nothing (77) where there is no GPU; refused (5) where there is one and NVML does not show it.
ExitCode watch(const WatchOptions& options);

}  // namespace kernelgate
