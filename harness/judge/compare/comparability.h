#pragma once
// Whether two environments may be compared at all.

#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

struct Comparability {
  std::vector<std::string> undeclared;  ///< "driver: 580.65.06 -> 590.10"; any: no verdict
  std::vector<std::string> declared;
};

/// Whether `--vary name` declares a difference in `field`.
bool covers_field(const std::string& name, const std::string& field);

/// Compares the `identity` of both fingerprints, and the kind of device. `vary` names fields that may
/// differ: a whole name, or its beginning up to a '_' ("cuda" is "cuda_runtime" and the like); "driver" also
/// is the CUDA version that the driver brings.
/// Errors  HarnessError(usage) when `vary` names what neither identity has; HarnessError(refused) for the files of two
/// tools: each defines its own time, and no declaration makes them one.
Comparability comparability(const Side& base, const Side& fresh, const std::vector<std::string>& vary);

/// Host and clock, as other tools record them: no part of an identity, and yet they may be all that changed. One text a
/// difference; none of our own results, which know more.
std::vector<std::string> other_differences(const Side& base, const Side& fresh);

}  // namespace kernelgate
