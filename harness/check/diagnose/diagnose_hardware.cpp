// Is there a GPU, and does the kernel drive it?
#include <fmt/core.h>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

std::vector<std::string> devices_bound_to(const Environment& environment, const std::string& driver) {
  std::vector<std::string> found;
  const KernelDriver& kernel = environment.kernel_driver;
  for (std::size_t i = 0; i < kernel.pci_devices.size(); ++i) {
    if (kernel.pci_drivers[i] == driver) found.push_back(kernel.pci_devices[i] + " is bound to " + driver);
  }
  return found;
}

// All GPUs in other hands; one that is not could still be measured.
bool all_bound_to(const Environment& environment, const std::string& driver) {
  const std::size_t bound = devices_bound_to(environment, driver).size();
  return bound > 0 && bound == environment.kernel_driver.pci_devices.size();
}

Found no_hardware(const Environment& environment, const CheckOptions&) {
  if (environment.hardware_present()) return std::nullopt;
  return Match{"There is no NVIDIA GPU in this machine",
               {"no display controller of vendor 0x10de under /sys/bus/pci/devices", "no /proc/driver/nvidia/version",
                nvml_evidence(environment)}};
}

Found given_to_vm(const Environment& environment, const CheckOptions&) {
  if (!all_bound_to(environment, "vfio-pci")) return std::nullopt;
  return Match{"The GPU is given to a virtual machine", devices_bound_to(environment, "vfio-pci")};
}

Found nouveau(const Environment& environment, const CheckOptions&) {
  if (!all_bound_to(environment, "nouveau")) return std::nullopt;
  return Match{"The GPU is driven by nouveau, which cannot run CUDA", devices_bound_to(environment, "nouveau")};
}

Found driver_unloaded(const Environment& environment, const CheckOptions&) {
  const KernelDriver& kernel = environment.kernel_driver;
  if (environment.host.wsl || environment.cuda.init_code.value == 0) return std::nullopt;
  if (all_bound_to(environment, "nouveau") || all_bound_to(environment, "vfio-pci")) return std::nullopt;
  const bool module_seen = kernel.module_loaded || kernel.module_version.value;
  if (module_seen && environment.nvml.init_code.value != 9) return std::nullopt;
  Match match{"A GPU is there, but the kernel has no NVIDIA driver loaded", {}};
  for (const std::string& device : kernel.pci_devices) match.evidence.push_back("GPU at PCI address " + device);
  match.evidence.push_back(kernel.module_loaded ? "/sys/module/nvidia exists" : "no /sys/module/nvidia");
  match.evidence.push_back(nvml_evidence(environment));
  return match;
}

Found driver_hangs(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  const bool hung_in_use = trial && !trial->probe_error.empty();
  if (environment.cuda.probe_error.empty() && environment.nvml.probe_error.empty() && !hung_in_use) return std::nullopt;
  Match match{"The driver did not answer: asking it hung or crashed",
              {nvml_evidence(environment), cuda_evidence(environment), module_evidence(environment)}};
  if (hung_in_use) match.evidence.insert(match.evidence.begin(), trial_evidence(environment, options));
  return match;
}

// R590 dropped what came before Turing, and the open kernel modules never knew it.
Found driver_dropped_gpu(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = Version::parse(environment.driver.value.value_or(""));
  const bool open = environment.kernel_driver.module_flavour.value == "open";
  const Gpu* gpu = relevant_gpus(environment).empty() ? nullptr : relevant_gpus(environment).front();
  if (!driver || !gpu || !gpu->compute_capability.value) return std::nullopt;
  const std::int64_t cc = *gpu->compute_capability.value;
  const Architecture* architecture = options.compat->architecture(static_cast<int>(cc));
  if (!architecture || architecture->last_branch == 0) return std::nullopt;
  const bool dropped = driver->branch() > architecture->last_branch && !environment.host.wsl;
  if (!dropped && !open) return std::nullopt;
  const std::string last = fmt::format("R{}", architecture->last_branch);
  return Match{fmt::format("{} GPUs need the proprietary kernel module of {} or older", architecture->generation, last),
               {gpu_label(*gpu) + ", compute capability " + compute_capability_text(cc), module_evidence(environment),
                "driver " + *environment.driver.value},
               {"Install the proprietary driver of branch " + last}};
}

const Diagnosis hardware_table[] = {
    {"D-HW-NONE",
     Severity::failure,
     "The kernel shows no NVIDIA display controller, and no driver is loaded: there is nothing to measure on.",
     {"Run on the CPU: kernelgate run --device cpu", "In a virtual machine: check that the GPU is passed through",
      "In hardware: check that `lspci -d 10de:` lists the GPU, its power cable, and the slot"},
     "PCI vendor id 0x10de, class 0x03",
     no_hardware},
    {"D-HW-VFIO",
     Severity::failure,
     "The driver vfio-pci holds the GPU so that a virtual machine can have it; the host cannot use it.",
     {"Run inside the virtual machine that has the GPU", "Or bind the GPU to the driver nvidia and reboot"},
     "kernel documentation, VFIO",
     given_to_vm},
    {"D-DRV-NOUVEAU",
     Severity::failure,
     "The open driver nouveau took the GPU. It cannot run CUDA, and keeps NVIDIA's driver from loading.",
     {"echo 'blacklist nouveau' | sudo tee /etc/modprobe.d/blacklist-nouveau.conf && sudo update-initramfs -u",
      "Install NVIDIA's driver, then reboot"},
     "NVIDIA driver installation guide",
     nouveau},
    {"D-DRV-UNLOADED",
     Severity::failure,
     "The kernel module nvidia is not loaded: never installed, not built for this kernel, or refused by Secure Boot.",
     {"sudo modprobe nvidia (and read what it says in `sudo dmesg | tail`)",
      "After a kernel update: sudo dkms autoinstall, then sudo modprobe nvidia",
      "With Secure Boot: sign the module or enrol its key (mokutil --import)",
      "Never installed: install a driver of a supported branch"},
     "NVIDIA driver installation guide; NVML return code 9",
     driver_unloaded},
    {"D-DRV-HANG",
     Severity::failure,
     "NVML or cuInit gave no answer in time, or crashed. The question was asked in a child process, so this "
     "program lives on.",
     {"sudo dmesg | grep -i -e NVRM -e Xid (a lost or wedged GPU says so there)",
      "sudo nvidia-smi -r resets an idle GPU", "Reboot the machine"},
     "observed behaviour of a wedged driver",
     driver_hangs},
    {"D-DRV-ARCH",
     Severity::failure,
     "This driver no longer supports this generation of GPU: R590 dropped Maxwell, Pascal and Volta, and the open "
     "kernel modules begin with Turing.",
     {"Install the last proprietary branch that supports the GPU: R580 for Maxwell, Pascal and Volta, R470 for Kepler"},
     "NVIDIA architecture matrix",
     driver_dropped_gpu},
};

}  // namespace

std::span<const Diagnosis> hardware_diagnoses() { return hardware_table; }

}  // namespace kernelgate
