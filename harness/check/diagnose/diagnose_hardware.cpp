// Is there a GPU, and is it in the hands of NVIDIA's driver?
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/pci_gpus.h"
#include "harness/check/diagnose/place.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

// Drivers that hold a GPU for a virtual machine. Source: kernel documentation, VFIO; Xen's pciback.
constexpr std::array<std::string_view, 6> for_virtual_machines = {
    "vfio-pci", "nvgrace-gpu-vfio-pci", "nvidia-vgpu-vfio", "pci-stub", "pciback", "xen-pciback"};

bool holds_for_vm(const std::string& driver) { return std::ranges::count(for_virtual_machines, driver) > 0; }

/// A driver that is neither NVIDIA's own nor of a virtual machine's making: nouveau, nova_core, nvidiafb.
bool foreign(const std::string& driver) { return !driver.empty() && driver != "nvidia" && !holds_for_vm(driver); }

// Where one GPU is NVIDIA's, or free, that one could still be measured.
bool all_in_other_hands(const std::vector<PciGpu>& gpus) {
  return !gpus.empty() &&
         std::ranges::all_of(gpus, [](const PciGpu& gpu) { return holds_for_vm(gpu.driver) || foreign(gpu.driver); });
}

std::string bound(const PciGpu& gpu) { return fmt::format("{} is bound to {}", gpu.address, gpu.driver); }

Found no_hardware(const Environment& environment, const CheckOptions&) {
  if (environment.hardware_present()) return std::nullopt;
  Match match{"There is no NVIDIA GPU in this machine",
              {"no display controller of vendor 0x10de under /sys/bus/pci/devices", "no /proc/driver/nvidia/version",
               nvml_evidence(environment)}};
  if (!environment.host.wsl) return match;
  match.summary = "WSL shows no NVIDIA GPU";
  match.evidence = {environment.host.dxg ? "/dev/dxg is there" : "no /dev/dxg", nvml_evidence(environment),
                    cuda_evidence(environment)};
  match.remedies = {
      "Run on the CPU: kernelgate run --device cpu",
      "If Windows has an NVIDIA GPU: install NVIDIA's driver in Windows, never in WSL, then in Windows: wsl "
      "--update and wsl --shutdown",
      "ls /usr/lib/wsl/lib shows what Windows put in: libcuda.so.1 and libnvidia-ml.so.1 should be there"};
  return match;
}

Found given_to_vm(const Environment& environment, const CheckOptions& options) {
  const std::vector<PciGpu> gpus = pci_gpus(environment, options);
  if (!all_in_other_hands(gpus) || !holds_for_vm(gpus.front().driver)) return std::nullopt;
  Match match{"The GPU is given to a virtual machine", {}};
  for (const PciGpu& gpu : gpus) match.evidence.push_back(bound(gpu));
  return match;
}

Found in_foreign_hands(const Environment& environment, const CheckOptions& options) {
  const std::vector<PciGpu> gpus = pci_gpus(environment, options);
  if (!all_in_other_hands(gpus) || !foreign(gpus.front().driver)) return std::nullopt;
  const std::string& driver = gpus.front().driver;
  Match match{fmt::format("The GPU is driven by {}, which cannot run CUDA", driver), {}};
  for (const PciGpu& gpu : gpus) match.evidence.push_back(bound(gpu));
  match.remedies = {fmt::format("@host echo 'blacklist {0}' | sudo tee /etc/modprobe.d/blacklist-{0}.conf && {1}",
                                driver, rebuild_initramfs(environment.host)),
                    "@host Install NVIDIA's driver, then reboot"};
  return match;
}

/// For a GPU that CUDA or NVML show, by its compute capability; for one that they do not, by its device id.
struct Judged {
  const Architecture* architecture = nullptr;
  ModuleNeed module = ModuleNeed::either;
  std::string text;
};

std::vector<Judged> judged_gpus(const Environment& environment, const CheckOptions& options) {
  std::vector<Judged> all;
  for (const Gpu* gpu : relevant_gpus(environment)) {
    if (!gpu->compute_capability.value) continue;
    const std::int64_t cc = *gpu->compute_capability.value;
    if (const Architecture* known = options.compat->architecture(static_cast<int>(cc))) {
      all.push_back({known, known->module, gpu_label(*gpu) + ", compute capability " + compute_capability_text(cc)});
    }
  }
  for (const PciGpu& gpu : pci_gpus(environment, options)) {
    if (!gpu.seen && gpu.architecture && !holds_for_vm(gpu.driver)) {
      all.push_back({gpu.architecture, gpu.module(), gpu.text});
    }
  }
  return all;
}

// Another GPU works: what this one needs is worth a warning.
void soften_beside_others(const Environment& environment, const CheckOptions& options, Match& match) {
  if (cuda_works(environment, options)) match.severity = Severity::warning;
}

// R590 dropped what came before Turing, and the open kernel modules never knew it.
Found driver_dropped_gpu(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = installed_driver(environment);
  const bool open = environment.kernel_driver.module_flavour.value == "open";
  if (!driver || environment.host.wsl || environment.host.tegra) return std::nullopt;
  const std::vector<Judged> gpus = judged_gpus(environment, options);
  for (const Judged& gpu : gpus) {
    const int last = gpu.architecture->last_branch;
    const bool dropped = last != 0 && driver->branch() > last;
    const bool unknown_to_module = open && gpu.module == ModuleNeed::proprietary;
    if (!dropped && !unknown_to_module) continue;
    const std::string& generation = gpu.architecture->generation;
    Match match{
        dropped
            ? fmt::format("Driver R{} no longer supports {} GPUs: R{} was the last", driver->branch(), generation, last)
            : fmt::format("The open kernel module does not support {} GPUs: they need the proprietary one", generation),
        {gpu.text, module_evidence(environment), fmt::format("installed driver: branch {}", driver->branch())},
        {"@host " + install_driver(environment.host, last == 0 ? driver->branch() : last, false)}};
    for (std::string& line : log_lines(environment, "not supported by")) match.evidence.push_back(std::move(line));
    // Of a GPU that NVML shows nothing works, whatever else there is.
    if (&gpu != &gpus.front()) soften_beside_others(environment, options, match);
    return match;
  }
  return std::nullopt;
}

// A GPU that came after the driver's branch began: NVML, if anything, names it, and CUDA can't use it.
Found driver_older_than_gpu(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = installed_driver(environment);
  if (!driver || environment.cuda.init_code.value == 0 || environment.host.tegra) return std::nullopt;
  for (const Judged& gpu : judged_gpus(environment, options)) {
    const std::string& least = environment.host.wsl ? gpu.architecture->least_windows : gpu.architecture->least_linux;
    const std::optional<Version> floor = Version::parse(least);
    if (!floor || *driver >= *floor) continue;
    const bool open = gpu.module != ModuleNeed::proprietary;
    return Match{
        fmt::format("The driver is older than this GPU: {} needs {} or later", gpu.architecture->generation, least),
        {gpu.text, "driver " + environment.driver.value.value_or("of the libraries, no module"),
         cuda_evidence(environment)},
        {environment.host.wsl ? fmt::format("Upgrade NVIDIA's driver in Windows to {} or later", least)
                              : "@host " + install_driver(environment.host, std::max(580, floor->branch()), open)}};
  }
  return std::nullopt;
}

Found needs_open_module(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = installed_driver(environment);
  if (environment.kernel_driver.module_flavour.value != "proprietary" || !driver) return std::nullopt;
  for (const PciGpu& gpu : pci_gpus(environment, options)) {
    const bool said = !log_lines(environment, "open kernel modules").empty();
    if (gpu.seen || holds_for_vm(gpu.driver) || (gpu.module() != ModuleNeed::open && !said)) continue;
    const std::string who = gpu.chip && gpu.chip->module ? "A " + gpu.chip->chip + " needs"
                            : gpu.architecture           ? gpu.architecture->generation + " GPUs need"
                                                         : "This GPU needs";
    Match match{who + " the open kernel module, and the proprietary one is loaded",
                {gpu.text, module_evidence(environment), nvml_evidence(environment)},
                {"@host " + install_driver(environment.host, driver->branch(), true),
                 "@host modinfo -F license nvidia tells which one is installed: \"Dual MIT/GPL\" is the open one"}};
    for (std::string& line : log_lines(environment, "open kernel modules")) match.evidence.push_back(std::move(line));
    soften_beside_others(environment, options, match);
    return match;
  }
  return std::nullopt;
}

Found one_of_several_unused(const Environment& environment, const CheckOptions& options) {
  Match match{"A GPU of this machine can't be used, beside others that can", {}};
  if (!cuda_works(environment, options)) return std::nullopt;
  const bool all_shown = !environment.in_container() && !environment.host.job.value;
  for (const PciGpu& gpu : pci_gpus(environment, options)) {
    if (gpu.seen || holds_for_vm(gpu.driver)) continue;
    if (foreign(gpu.driver)) {
      match.evidence.push_back(fmt::format("{}: driven by {}", gpu.text, gpu.driver));
    } else if (gpu.driver.empty()) {
      match.evidence.push_back(gpu.text + ": driven by nothing");
    } else if (all_shown && environment.nvml.init_code.value == 0 && environment.kernel_driver.node_errors.empty()) {
      match.evidence.push_back(gpu.text + ": the driver did not start it");
    }
  }
  if (match.evidence.empty()) return std::nullopt;
  for (std::string& line : log_lines(environment, "RmInit")) match.evidence.push_back(std::move(line));
  return match;
}

const Diagnosis hardware_table[] = {
    {"D-HW-NONE",
     Severity::failure,
     "The kernel shows no NVIDIA display controller, and no driver is loaded: there is nothing to measure on.",
     {"Run on the CPU: kernelgate run --device cpu",
      "@container If the host has a GPU, start the container with it: docker run --gpus all ...",
      "@bare In a virtual machine: check that the GPU is passed through",
      "@bare In hardware: check that `lspci -d 10de:` lists the GPU, its power cable, and the slot"},
     "PCI vendor id 0x10de, class 0x03",
     no_hardware},
    {"D-HW-VFIO",
     Severity::failure,
     "A driver such as vfio-pci holds the GPU so that a virtual machine can have it; the host cannot use it.",
     {"Run inside the virtual machine that has the GPU", "@host Or bind the GPU to the driver nvidia and reboot"},
     "kernel documentation, VFIO",
     given_to_vm},
    {"D-DRV-NOUVEAU",
     Severity::failure,
     "A driver that is not NVIDIA's (nouveau, nova, nvidiafb) took the GPU. It cannot run CUDA, and keeps NVIDIA's "
     "driver from loading.",
     {"@host Blacklist that driver in /etc/modprobe.d, and build the initial RAM disk anew (update-initramfs -u, or "
      "dracut --force)",
      "@host Install NVIDIA's driver, then reboot"},
     "NVIDIA driver installation guide",
     in_foreign_hands},
    {"D-DRV-ARCH",
     Severity::failure,
     "This driver does not support this generation of GPU: R590 dropped Maxwell, Pascal and Volta, and the open "
     "kernel modules begin with Turing.",
     {"@host Install the last proprietary branch that supports the GPU: R580 for Maxwell, Pascal and Volta, R470 for "
      "Kepler"},
     "NVIDIA architecture matrix; the tables of architectures and PCI devices",
     driver_dropped_gpu},
    {"D-VER-GPU",
     Severity::failure,
     "A driver runs CUDA only on GPUs that were there when its branch began; Blackwell, for one, needs R570.",
     {"@host Upgrade the driver to a supported branch"},
     "cuDNN support matrix; the table of compute capabilities",
     driver_older_than_gpu},
    {"D-DRV-OPEN",
     Severity::failure,
     "Blackwell and later, and Grace Hopper, are driven by the open kernel module alone; the proprietary one of the "
     "same version refuses them, and then no GPU is found.",
     {"@host Install the open kernel module of the same driver version"},
     "NVRM: \"requires use of the NVIDIA open kernel modules\"; the tables of architectures and PCI devices",
     needs_open_module},
    {"W-GPU-UNUSED",
     Severity::warning,
     "A GPU is on the PCI bus, and CUDA shows others but not that one.",
     {"@host sudo dmesg | grep NVRM tells why the driver left it",
      "@host lspci -k -d 10de: shows the driver that each GPU has"},
     "/sys/bus/pci/devices; NVML, device count",
     one_of_several_unused},
};

}  // namespace

std::span<const Diagnosis> hardware_diagnoses() { return hardware_table; }

}  // namespace kernelgate
