#pragma once
// The rows of the tables of what works with what. An empty text: not known, and the row's note says why.

#include <optional>
#include <string>
#include <vector>

namespace kernelgate {

/// NVIDIA's own page; somebody quoting it; or a compiler or runtime that was asked.
enum class RowSource { nvidia, quoted, measured };

struct RowOrigin {
  RowSource source = RowSource::nvidia;
  std::string where;
  std::string as_of;  ///< "2026-11-22"
  std::string note;
};

/// The driver that a CUDA toolkit shipped with: from it on, everything in that toolkit works.
///
/// Units  cuda: 13020 for 13.2.
struct ToolkitDriver {
  int cuda = 0;
  int patch = 0;
  std::string on_linux;
  std::string on_windows;
  RowOrigin origin;
};

/// The least driver that runs programs of any minor version of a CUDA major (minor-version compatibility).
struct MajorFloor {
  int major = 0;
  std::string on_linux;
  std::string on_windows;
  RowOrigin origin;
};

enum class BranchKind { long_term, production, new_feature, unknown };

const char* to_string(BranchKind kind);  // "long_term", ..., "of unknown kind"

/// A driver branch. `end_of_life` is a date ("2026-06-30"), "ended" when it is over with no date known, or
/// empty when it is not known.
struct DriverBranch {
  int branch = 0;
  int native_cuda = 0;
  BranchKind kind = BranchKind::unknown;
  std::string first_release;  ///< a month, "2025-08"
  std::string end_of_life;
  std::string last_linux, last_windows;
  RowOrigin origin;
};

/// Which of NVIDIA's two kernel modules drives a GPU.
enum class ModuleNeed { proprietary, either, open };

const char* to_string(ModuleNeed need);  // as in the data

/// A compute capability. last_cuda and last_branch are 0 where support goes on; least_*: the driver that it
/// needs beyond what the toolkits say.
struct Architecture {
  int compute_capability = 0;
  std::string generation;
  int first_cuda = 0;
  int last_cuda = 0;
  int last_branch = 0;
  ModuleNeed module = ModuleNeed::either;
  std::string least_linux, least_windows;
  RowOrigin origin;
};

/// Device ids `first` to `last` on the PCI bus: the chip, and with it the compute capability.
struct PciDevices {
  int first = 0, last = 0;
  std::string chip;
  int compute_capability = 0;
  std::optional<ModuleNeed> module;  ///< where it is another than the architecture's
  RowOrigin origin;
};

/// One index of wheels of a framework. `last` is empty where the newest release is there, too.
struct WheelIndex {
  std::string framework, index;
  int cuda = 0;
  std::vector<int> machine_code;  ///< compute capabilities
  int ptx = 0;                    ///< 0: none
  std::string first, last;        ///< releases of the framework
  std::string python;             ///< the least that the last of them takes
  std::string install;            ///< the command
  RowOrigin origin;
};

/// What versions since `first`, up to `last` (empty: and later), of a library need, built for CUDA first_cuda to
/// last_cuda.
struct LibrarySupport {
  std::string library;  ///< "cudnn"
  std::string first, last;
  int first_cuda = 0, last_cuda = 0;
  std::string least_linux, least_windows;
  int first_cc = 0, last_cc = 0;
  RowOrigin origin;
};

/// A second library without which the first does no harm; an empty `before`: every version from `first` on.
struct PairedLibrary {
  std::string library, first, before;
};

/// Versions of a library (from `first`, below `before`) that are known to give wrong results, and where.
struct BadLibrary {
  std::string id;
  std::string library, first, before;
  std::optional<PairedLibrary> with;
  int first_cc = 0, last_cc = 0;  ///< 0: any GPU
  int least_gpus = 1;
  std::string effect, remedy;
  RowOrigin origin;
};

enum class XidClass { application, contained_memory, reset_gpu, restart_machine, ecc, power, nvlink, info };

const char* to_string(XidClass kind);  // as in the data: "reset_gpu"

/// A driver that gVisor passes through to its sandboxes.
struct GvisorDriver {
  std::string driver;
  RowOrigin origin;
};

/// An error that the driver reports by number.
struct Xid {
  int xid = 0;
  XidClass kind = XidClass::info;
  std::string text;
  std::string action;
  RowOrigin origin;
};

}  // namespace kernelgate
