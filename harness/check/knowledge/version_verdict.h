#pragma once
// Whether the driver is new enough for the CUDA that this program was compiled with, and how.

#include <cstdint>
#include <string>

#include "harness/check/knowledge/compat_db.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

enum class VersionState {
  native,          ///< the driver is at least the one that came with the toolkit
  minor_version,   ///< older, of the same CUDA major: no PTX compilation, no newer functions
  forward_compat,  ///< a newer libcuda than the kernel's driver is loaded
  too_old,
  unknown,
};

const char* to_string(VersionState state);  // "NATIVE", "MVC", "FORWARD_COMPAT", "TOO_OLD", "UNKNOWN"

struct VersionVerdict {
  VersionState state = VersionState::unknown;
  std::string native_floor;  ///< the driver from which it is NATIVE; "unknown"
  std::string major_floor;   ///< the driver from which it is at least MVC; "unknown"
  std::string text;          ///< one line with the versions and both floors
};

/// Source  CUDA release notes and NVIDIA's compatibility pages: the tables of `compat`.
VersionVerdict judge_versions(const Environment& environment, const CompatDb& compat = CompatDb::shipped());

/// The same judgement for any program here, not only this one.
///
/// Units  compiled: 13000 for CUDA 13.0.
VersionState judge_cuda(std::int64_t compiled, const Environment& environment, const CompatDb& compat);

}  // namespace kernelgate
