#pragma once
// The one narrow interface through which facts about a machine are read, and what it answers.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fact.h"
#include "harness/check/machine/elf_notes.h"
#include "harness/check/machine/gpu.h"
#include "harness/check/machine/gpu_trial.h"

namespace kernelgate {

/// What one of the driver's libraries (NVML, libcuda) said. Codes are the library's own.
struct LibraryView {
  bool loaded = false;
  std::string load_error;            ///< dlerror's text when it did not load
  std::string path;                  ///< where it was loaded from, links resolved
  ElfNotes notes;                    ///< what that file says of itself
  std::string probe_error;           ///< the probe itself hung or crashed: nothing below was read
  Fact<std::int64_t> init_code;      ///< of nvmlInit_v2 or cuInit; 0 is success
  Fact<std::string> driver_version;  ///< NVML only
  Fact<std::string> driver_branch{std::nullopt, "NVML was not asked"};  ///< NVML's text, "r580_00"; NVML only
  Fact<std::int64_t> cuda_driver_version;                               ///< 13000 for 13.0
  Fact<std::int64_t> device_count;
  /// Confidential computing: whether the GPUs were declared ready for work; NVML only, missing where it is off.
  Fact<bool> conf_compute_ready{std::nullopt, "NVML was not asked"};
  std::vector<Gpu> gpus;
};

/// The CUDA runtime that is part of this program; both missing in a build without CUDA.
///
/// Units  13000 for 13.0.
struct RuntimeVersions {
  Fact<std::int64_t> runtime;
  Fact<std::int64_t> compiled_with;
};

/// Paths are absolute, as on the machine itself; a probe may look for them under another root.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual std::optional<std::string> read_file(const std::string& path) const = 0;
  /// At most `limit` bytes from the beginning of a regular file: for what may be large or strange.
  virtual std::optional<std::string> read_start(const std::string& path, std::size_t limit) const {
    std::optional<std::string> text = read_file(path);
    if (text && text->size() > limit) text->resize(limit);
    return text;
  }
  virtual std::vector<std::string> list_directory(const std::string& path) const = 0;  ///< names, sorted
  virtual bool exists(const std::string& path) const = 0;
  virtual std::optional<std::string> read_link(const std::string& path) const = 0;  ///< as stored, not resolved
  virtual std::string open_error(const std::string& path) const = 0;  ///< empty: opens for reading and writing
  virtual std::optional<std::string> environment_variable(const std::string& name) const = 0;
  virtual std::string kernel_release() const = 0;
  /// The kernel log, as far as this user may read it; the newest line last.
  virtual std::string kernel_log() const = 0;
  virtual std::string hostname() const = 0;
  virtual Fact<std::int64_t> usable_cores() const = 0;  ///< this process's affinity
  virtual LibraryView nvml() const = 0;
  virtual LibraryView cuda_driver() const = 0;
  /// The same with CUDA_VISIBLE_DEVICES not set: what it hides.
  virtual LibraryView cuda_driver_unmasked() const = 0;
  /// Uses each of the first `count` GPUs, as CUDA numbers them.
  virtual std::vector<GpuTrial> try_gpus(int count) const = 0;
  virtual RuntimeVersions runtime_versions() const = 0;
};

}  // namespace kernelgate
