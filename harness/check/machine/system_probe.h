#pragma once
// The probe of the machine that the program runs on, or of one whose files lie in a folder.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/check/machine/probe.h"

namespace kernelgate {

struct SystemProbeOptions {
  /// Before every path; empty: the machine's own files. With one, the driver's libraries are that root's too, and a
  /// regular file that stands for a device node refuses to open for the reason that is its text.
  std::string sysroot;
  std::string nvml_library = "libnvidia-ml.so.1";  // the driver ships no name without the version
  std::string cuda_library = "libcuda.so.1";
  /// For a whole answer: eight GPUs without persistence mode take tens of seconds to wake.
  std::chrono::milliseconds limit = std::chrono::seconds(60);

  /// What to give to dlopen for one of the two names above. Under a sysroot it is a path: first where
  /// LD_LIBRARY_PATH says, then the root's usual folders, never this machine's own.
  std::string library_file(const std::string& name) const;
};

/// NVML and libcuda are asked in child processes: drivers hang, and a failed initialisation poisons a process.
class SystemProbe : public Probe {
 public:
  explicit SystemProbe(SystemProbeOptions options = {}) : options_(std::move(options)) {}
  std::optional<std::string> read_file(const std::string& path) const override;
  std::optional<std::string> read_start(const std::string& path, std::size_t limit) const override;
  std::vector<std::string> list_directory(const std::string& path) const override;
  bool exists(const std::string& path) const override;
  std::optional<std::string> read_link(const std::string& path) const override;
  std::string open_error(const std::string& path) const override;
  std::optional<std::string> environment_variable(const std::string& name) const override;
  std::string kernel_release() const override;
  std::string kernel_log() const override;
  std::string hostname() const override;
  Fact<std::int64_t> usable_cores() const override;
  LibraryView nvml() const override;
  LibraryView cuda_driver() const override;
  LibraryView cuda_driver_unmasked() const override;
  std::vector<GpuTrial> try_gpus(int count) const override;
  RuntimeVersions runtime_versions() const override;

 private:
  /// Where a path of the machine lies here: under a sysroot its links are followed within that root.
  std::string here(const std::string& path) const;

  SystemProbeOptions options_;
};

/// In two files, one for builds with CUDA and one for builds without.
RuntimeVersions cuda_runtime_versions();

}  // namespace kernelgate
