#pragma once
// How long a fresh process takes until its first frame, step by step, and how long a frame takes from then on.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/op/device.h"

namespace kernelgate {

struct ColdStep {
  std::string name;  ///< "process start", "driver load"
  double seconds = 0;
  double bytes = 0;  ///< that were copied; 0: none
};

/// Units  seconds.
struct ColdStart {
  std::string device = {};           ///< "cpu", "cuda"
  std::string implementation = {};   ///< whose frames these are
  std::int64_t frames = 0;           ///< at a time
  std::vector<ColdStep> steps = {};  ///< in order; the last is the first frames
  double warm_s = 0;                 ///< a launch, when it has run often; the median
  std::string trouble = {};          ///< why there is nothing, or not all of it; empty: all is there

  double first_frame_s() const;  ///< from the process's start on: all steps
};

struct ColdStartQuestion {
  DeviceKind device = DeviceKind::cpu;
  int gpu = 0;
  std::int64_t frames = 1;  ///< at a time
  std::int64_t levels = 5;  ///< Pipeline::Problem's
  int warm_launches = 9;
};

/// Starts this program again, and asks it. What goes wrong there is in `trouble`.
ColdStart cold_start_in_child(const ColdStartQuestion& question);

/// In this process, which was started at `since_ns` of steady_clock; what the child does. Errors  HarnessError, Error.
ColdStart cold_start_here(const ColdStartQuestion& question, std::int64_t since_ns);

std::string to_text(const ColdStart& start);
/// Errors  HarnessError(invalid): not such a text.
ColdStart cold_start_from(const std::string& text);

/// A table of the steps, with GB/s where something was copied.
std::string show(const ColdStart& start);

}  // namespace kernelgate
