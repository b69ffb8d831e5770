#pragma once
// Which device a run measures, on what terms, and what it says of that.

#include <string>

#include "harness/check/check.h"
#include "kernels/op/device.h"

namespace kernelgate {

struct ChosenDevice {
  Device device;
  bool fell_back = false;  ///< "auto", and there is no GPU
};

/// `wanted` is "auto", "cuda" or "cpu". Says on stderr what was found and chosen.
///
/// Errors  HarnessError: nothing (77) when "cuda" is wanted and there is no GPU; refused (5) when there is
///         one that can't be used, even for "auto": a GPU server that silently runs on its CPU is the
///         failure that this program is for.
ChosenDevice choose_device(const std::string& wanted, int ordinal, const CheckReport& check);

/// What the check must know of this build, and the day.
CheckOptions check_options(int ordinal);

/// The check, with what this build carries.
CheckReport check_environment(int ordinal);

}  // namespace kernelgate
