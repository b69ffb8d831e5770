#pragma once
// What is believed of a kind of machine before it was measured.

#include <string_view>

#include "harness/judge/compare/compare.h"
#include "harness/judge/compare/run_location.h"

namespace kernelgate {

/// What is believed of a kind of device before it was measured. Standard deviations of log time.
struct DeviceClass {
  const char* kind;
  double run_sd;        ///< between process runs of one night
  double night_sd;      ///< between nights
  double boot_sd;       ///< between starts of the system
  double equivalence;   ///< changes within it count as none
  Noise noise;          ///< one_sided: neighbours only ever slow it down
  bool shared = false;  ///< each process may meet another machine: one of them shows nothing
};

/// The declared classes. They are meant to be conservative, since of two files of one night each nothing better is
/// known.
///   cuda 0.5 % between runs, 0.5 % between nights: "typical" of the noise models in use for GPUs (0.2 % on a quiet
///        machine with locked clocks, 1 % and more on a noisy one); 0.4 % between boots, as simulated for driver
///        upgrades.
///   cpu 1.2 % and 0.9 %, together 1.5 %: dedicated machines stay below 2 % and shared CI runners reach 30 % (Bencher's
///        README); it is about the largest with which one run a side still calls a 10 % slowdown of one case in 200.
///   cpu_hosted 6 % and 6 %, together 8.5 %, both ways: a hosted runner, where each process may meet another
///        machine of the pool.
///        Between the runs of public histories the median case varies by 4 to 15 % (docs/verdicts.md).
/// They are declared, not measured: calibrating replaces them. That a CPU's noise is one-sided was seen: 14 cases in 20
/// runs on a shared 2-core machine agree to 0.2 to 1 % (MAD of the runs' lower quartiles) but for one run in four,
/// slower by 2 to 97 %.
const DeviceClass& device_class(std::string_view kind);

/// The class of a comparison's new side: as `options` say, else as the side does. A GPU is one; our own results of a
/// CPU have a control beside each case, and are an own machine's; other tools' files of a CPU say nothing of who else
/// was on it, and are a hosted runner's. Errors  HarnessError(usage): no such class, or one of another kind of device.
const DeviceClass& class_of(const Side& side, const CompareOptions& options);

/// What --class may be.
inline constexpr std::string_view class_names[] = {"hosted", "own", "gpu"};

}  // namespace kernelgate
