#pragma once
// What works with what, as data: toolkits, minimum drivers, driver branches, GPU generations.
// Every row has its source. When rows change, change `thresholds_as_of` too.

#include <optional>
#include <span>
#include <string>

#include "harness/environment/version.h"

namespace kernelgate {

inline constexpr const char* thresholds_as_of = "2026-11-22";

/// Where a row comes from: NVIDIA's own page; somebody quoting it; or a compiler asked here.
enum class RowSource { nvidia, quoted, measured };

/// The driver that a CUDA toolkit shipped with: from it on, everything in that toolkit works.
///
/// Units  cuda: 13020 for 13.2. An empty version: NVIDIA publishes none.
struct ToolkitDriver {
  int cuda;
  int patch;
  const char* on_linux;
  const char* on_windows;
  RowSource source;
};

/// The least driver that runs programs of any minor version of a CUDA major (minor-version compatibility).
struct MajorFloor {
  int major;
  const char* on_linux;
  const char* on_windows;
  RowSource source;
};

enum class BranchKind { long_term, production, new_feature, unknown };

/// A driver branch. `end_of_life` is a date ("2026-06-30"), "ended" when it is over with no date known, or
/// empty when it is not known.
struct DriverBranch {
  int branch;
  int native_cuda;
  BranchKind kind;
  const char* end_of_life;
  RowSource source;
};

/// A compute capability. last_cuda and last_branch are 0 where support goes on.
struct Architecture {
  int compute_capability;
  const char* generation;
  int first_cuda;
  int last_cuda;
  int last_branch;
  RowSource source;
};

std::span<const ToolkitDriver> toolkit_drivers();  // newest first
std::span<const MajorFloor> major_floors();        // newest first
std::span<const DriverBranch> driver_branches();   // oldest first
std::span<const Architecture> architectures();     // by compute capability

const char* page_of_toolkits();
const char* page_of_branches();
const char* page_of_compatibility();

/// The driver of a toolkit's first release; nothing for a toolkit that the table lacks or a column that has
/// none. WSL shows Windows' driver numbers, hence `windows`.
std::optional<Version> native_floor(int cuda, bool windows);
std::optional<Version> major_floor(int cuda, bool windows);
std::string native_floor_text(int cuda, bool windows);  // "unknown" when there is none
std::string major_floor_text(int cuda, bool windows);

const DriverBranch* find_branch(int branch);
const Architecture* find_architecture(int compute_capability);

}  // namespace kernelgate
