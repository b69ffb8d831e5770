#pragma once
// `kernelgate baseline calibrate`: measures one build many times, and says how the machine varies and how often the
// rule of comparisons is wrong on it.

#include <filesystem>
#include <string>

#include "bench/commands/run_arguments.h"
#include "harness/base/error.h"

namespace kernelgate {

struct Calibration;

struct CalibrateArguments {
  RunArguments run;            ///< what is measured; those of `kernelgate run` that it shares
  std::filesystem::path from;  ///< a result that was measured already; empty: measure now
};

void declare(CLI::App& app, CalibrateArguments& arguments);

/// Keeps it in `folder`. Errors  HarnessError, as kernelgate run.
ExitCode run_calibration(const CalibrateArguments& arguments, const std::filesystem::path& folder);

/// The table that it prints.
std::string calibration_text(const Calibration& found);

}  // namespace kernelgate
