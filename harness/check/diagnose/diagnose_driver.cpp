// Is the kernel's driver loaded, does it answer, and did it start the GPU?
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/library_state.h"
#include "harness/check/diagnose/pci_gpus.h"
#include "harness/check/diagnose/place.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

// For a GPU whose device id is known, the branch that it needs; else any that is supported.
std::string first_install(const Environment& environment, const CheckOptions& options) {
  constexpr int long_term = 580;
  for (const PciGpu& gpu : pci_gpus(environment, options)) {
    if (!gpu.architecture) continue;
    const int last = gpu.architecture->last_branch;
    const std::optional<Version> least = Version::parse(gpu.architecture->least_linux);
    const int branch = std::max(last == 0 ? long_term : last, least ? least->branch() : 0);
    return install_driver(environment.host, branch, gpu.module() != ModuleNeed::proprietary);
  }
  return "Install NVIDIA's driver, a long-term or production branch that supports the GPU";
}

Found driver_unloaded(const Environment& environment, const CheckOptions& options) {
  const KernelDriver& kernel = environment.kernel_driver;
  if (environment.host.wsl || environment.host.tegra || environment.cuda.init_code.value == 0) return std::nullopt;
  const auto other = [](const std::string& driver) { return !driver.empty() && driver != "nvidia"; };
  if (!kernel.pci_drivers.empty() && std::ranges::all_of(kernel.pci_drivers, other)) return std::nullopt;
  const bool loaded = module_seen(environment);
  if (loaded && environment.nvml.init_code.value != 9) return std::nullopt;
  if (loaded && !node_exists(environment, "/dev/nvidiactl")) return std::nullopt;  // that is why NVML says so
  Match match{"A GPU is there, but the kernel has no NVIDIA driver loaded", {}};
  for (const PciGpu& gpu : pci_gpus(environment, options)) match.evidence.push_back("GPU at PCI address " + gpu.text);
  match.evidence.push_back(kernel.module_loaded ? "/sys/module/nvidia exists" : "no /sys/module/nvidia");
  match.evidence.push_back(nvml_evidence(environment));
  const std::string load = "@host sudo modprobe nvidia (and read what it says in `sudo dmesg | tail`)";
  const std::string rebuild =
      "@host After a kernel update: " + rebuild_module(environment.host) + ", then sudo modprobe nvidia";
  const std::string sign =
      "@host With Secure Boot: sign the module or enrol its key (sudo mokutil --import), or switch it off";
  const std::string install = "@host " + first_install(environment, options);
  // Without a library either, nothing of a driver was ever installed.
  const bool never_installed = !environment.nvml.loaded && !environment.cuda.loaded;
  match.remedies = never_installed ? std::vector{install, load, rebuild, sign}
                                   : std::vector{load, rebuild, sign, "@host Never installed: " + install.substr(6)};
  for (const char* refused : {"key is rejected", "Lockdown"}) {
    std::vector<std::string> lines = log_lines(environment, refused);
    if (lines.empty()) continue;
    match.summary = "Secure Boot keeps the kernel from loading NVIDIA's driver";
    match.evidence.push_back(lines.back());
    match.remedies = {sign, "@host mokutil --sb-state tells whether Secure Boot is on"};
    break;
  }
  for (const char* unfit : {"version magic", "disagrees about version"}) {
    std::vector<std::string> lines = log_lines(environment, unfit);
    if (lines.empty()) continue;
    match.summary = "NVIDIA's kernel module was built for another kernel";
    match.evidence.push_back(lines.back());
    match.remedies = {rebuild};
    break;
  }
  return match;
}

Found driver_hangs(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  const bool hung_in_use = trial && !trial->probe_error.empty();
  if (environment.cuda.probe_error.empty() && environment.nvml.probe_error.empty() && !hung_in_use) return std::nullopt;
  Match match{"The driver did not answer: asking it hung or crashed",
              {nvml_evidence(environment), cuda_evidence(environment), module_evidence(environment)}};
  if (hung_in_use) match.evidence.insert(match.evidence.begin(), trial_evidence(environment, options));
  for (std::string& line : log_lines(environment, "Xid")) match.evidence.push_back(std::move(line));
  return match;
}

// The module is there, and has a GPU that it could not start: NVML then counts none.
Found gpu_not_started(const Environment& environment, const CheckOptions& options) {
  const KernelDriver& kernel = environment.kernel_driver;
  if (environment.in_container() || environment.host.wsl || environment.host.tegra) return std::nullopt;
  if (environment.nvml.init_code.value != 0 || !environment.gpus.empty() || !kernel.node_errors.empty()) {
    return std::nullopt;
  }
  if (!log_lines(environment, "fallen off the bus").empty()) return std::nullopt;  // it was started: D-GPU-SICK
  Match match{"The driver is loaded, and could not start the GPU", {}};
  for (const PciGpu& gpu : pci_gpus(environment, options)) {
    if (gpu.driver == "nvidia" || gpu.driver.empty()) match.evidence.push_back(gpu.text);
  }
  if (match.evidence.empty()) return std::nullopt;
  match.evidence.push_back(fmt::format("NVML counts {} GPUs", environment.nvml.device_count.value.value_or(0)));
  match.evidence.push_back(module_evidence(environment));
  match.evidence.push_back(cuda_evidence(environment));
  const std::size_t before = match.evidence.size();
  for (const char* said : {"RmInit", "BAR", "PCI I/O region", "GSP"}) {
    for (std::string& line : log_lines(environment, said)) {
      if (std::ranges::count(match.evidence, line) == 0) match.evidence.push_back(std::move(line));
    }
  }
  if (match.evidence.size() == before)
    match.evidence.emplace_back("the kernel log has no line of it, or can't be read");
  return match;
}

const Diagnosis driver_table[] = {
    {"D-DRV-UNLOADED",
     Severity::failure,
     "The kernel module nvidia is not loaded: never installed, not built for this kernel, or refused by Secure Boot.",
     {"@host sudo modprobe nvidia (and read what it says in `sudo dmesg | tail`)",
      "@host After a kernel update: sudo dkms autoinstall, then sudo modprobe nvidia",
      "@host With Secure Boot: sign the module or enrol its key (sudo mokutil --import)",
      "@host Never installed: install a driver of a supported branch"},
     "NVIDIA driver installation guide; NVML return code 9",
     driver_unloaded},
    {"D-DRV-HANG",
     Severity::failure,
     "NVML or cuInit gave no answer in time, or crashed. The question was asked in a child process, so this "
     "program lives on.",
     {"@host sudo dmesg | grep -i -e NVRM -e Xid (a lost or wedged GPU says so there)",
      "@host sudo nvidia-smi -r resets an idle GPU", "@host Reboot the machine"},
     "observed behaviour of a wedged driver",
     driver_hangs},
    {"D-DRV-INIT",
     Severity::failure,
     "The GPU is on the PCI bus and the module has it, but starting it failed (RmInitAdapter in the kernel log): the "
     "firmware gave it no room for its memory, it lacks power, its firmware did not start, or it is broken.",
     {"@host In the firmware (BIOS) switch on \"Above 4G Decoding\" and \"Resizable BAR\", and update it; sudo dmesg | "
      "grep NVRM says what failed (RmInitAdapter)",
      "@host Power the machine off fully, check the GPU's power cable and slot, and start it again",
      "@host Install the newest driver of the branch: its GSP firmware comes with it",
      "@host Try the GPU in another machine: where it fails there, too, it is broken"},
     "NVRM: \"RmInitAdapter failed\"; NVML's device count",
     gpu_not_started},
};

}  // namespace

std::span<const Diagnosis> driver_diagnoses() { return driver_table; }

}  // namespace kernelgate
