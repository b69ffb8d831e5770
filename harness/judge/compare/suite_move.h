#pragma once
// What all cases did tonight, judged as one more case beside how they moved together from night to night.

#include <span>
#include <vector>

#include "harness/judge/compare/device_class.h"
#include "harness/judge/compare/learned.h"

namespace kernelgate {

/// How many times as far as any such nights in a row all were a suite's change must be, if single nights were as far.
inline constexpr double much_farther = 2.5;

struct SuiteMove {
  double change = 0;    ///< in the middle case; 0: too few cases to tell
  double sd = 0;        ///< of as many nights in a row
  bool moved = false;   ///< by more than is chance
  bool beyond = false;  ///< and by more than any earlier night did, in every process: no machine that the nights met
};

/// Half of it, the same way.
bool shows(double part, double effect);

/// What the cases of each night share; NaN where they are too few to show it.
std::vector<double> common_of_nights(const LearnedSuite& learned);

/// Of the change of the middle case, what it moved by in each new process, and what earlier nights did.
///
/// Units  logarithms of seconds.
SuiteMove suite_move(double change, std::span<const double> processes, std::span<const double> nights,
                     const DeviceClass& device, const CompareOptions& options);

}  // namespace kernelgate
