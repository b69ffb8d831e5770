#pragma once
// Everything that was read from a machine, before any judgement.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/machine/container.h"
#include "harness/check/machine/frameworks.h"
#include "harness/check/machine/gpu.h"
#include "harness/check/machine/probe.h"
#include "harness/check/machine/shared_libraries.h"

namespace kernelgate {

/// The host. Units  bytes.
struct Host {
  Fact<std::string> hostname, kernel, distribution, hypervisor;
  Fact<std::string> cpu_model, cpu_family;  ///< family is "family/model/stepping", or ARM's "implementer/part"
  Fact<std::string> cpu_isa;                ///< the vector extensions that CPU libraries choose code by
  Fact<std::string> cpu_microcode;
  Fact<std::int64_t> usable_cores;  ///< by affinity
  Fact<double> cpu_quota_cores;     ///< by the control group; missing: no limit
  Fact<std::string> governor;
  Fact<double> load_1min;
  Fact<std::int64_t> memory_bytes, memory_available_bytes;
  std::vector<std::string> distribution_ids;  ///< "rocky", then what it is like: "rhel", "centos", "fedora"
  Fact<std::string> container;                ///< what says that this is a container: "/.dockerenv"
  ContainerKind container_kind = ContainerKind::none;
  Fact<std::string> job;  ///< the batch system that this runs under: "Slurm"
  bool wsl = false;
  bool dxg = false;    ///< WSL's device of the GPU, /dev/dxg, is there
  bool tegra = false;  ///< a Jetson: its GPU is on no PCI bus
  Fact<std::string> board;
  bool gvisor = false;
};

/// What the kernel shows of the driver, without any library.
struct KernelDriver {
  std::vector<std::string> pci_devices;            ///< NVIDIA display controllers: "0000:01:00.0"
  std::vector<std::string> pci_drivers;            ///< the driver bound to each; empty text: none
  std::vector<int> pci_ids;                        ///< the device id of each, 0x2335; -1: can't be read
  bool module_loaded = false;                      ///< /sys/module/nvidia
  Fact<std::string> module_version;                ///< from /proc/driver/nvidia/version
  Fact<std::string> module_flavour;                ///< "open" | "proprietary"
  std::vector<std::string> device_nodes;           ///< /dev/nvidia*
  std::map<std::string, std::string> node_errors;  ///< node -> why it can't be opened
  bool nvswitch = false;
  std::vector<std::string> log;  ///< the driver's lines in the kernel log; empty also where it can't be read
};

/// The three CUDA versions are three facts: what the driver can do (cuda_driver_api), what library this
/// program carries (cuda_runtime), and what compiled it (cuda_compiled_with).
///
/// Units  CUDA versions are major * 1000 + minor * 10, as CUDA counts.
struct Environment {
  Fact<std::string> driver;  ///< "580.65.06"; in WSL the Windows number
  Fact<std::int64_t> cuda_driver_api, cuda_runtime, cuda_compiled_with;
  KernelDriver kernel_driver;
  LibraryView nvml, cuda;  ///< their `gpus` are merged into the list below and left empty here
  std::vector<Gpu> gpus;
  std::vector<GpuTrial> trials;         ///< by CUDA's number; empty: none was tried
  std::optional<LibraryView> unmasked;  ///< libcuda without CUDA_VISIBLE_DEVICES, when with it there was no GPU
  Host host;
  std::map<std::string, SharedLibrary> libraries;  ///< "cublas", "cudart", "cudnn"
  std::vector<Framework> frameworks;
  std::map<std::string, std::string> variables;  ///< of the environment, those that change what is measured

  bool in_container() const;
  /// A container on a host that has a GPU, or may have one, and that was given none: it shows nothing of it itself.
  bool gpu_may_be_kept_from_container() const;
  bool hardware_present() const;
  /// The GPU that CUDA calls `ordinal`; null when it sees none of that number.
  const Gpu* visible_gpu(int ordinal) const;
  int visible_gpus() const;
  const GpuTrial* trial(int ordinal) const;  ///< null: not tried
};

Environment read_environment(const Probe& probe);
Host read_host(const Probe& probe);

nlohmann::json to_json(const Environment& environment);

/// "13.0" for 13000, "9.0" for compute capability 90.
std::string cuda_version_text(std::int64_t version);
std::string compute_capability_text(std::int64_t cc);

}  // namespace kernelgate
