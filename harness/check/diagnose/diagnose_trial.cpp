// CUDA starts and sees the GPU: does work on it come out right, and at full speed?
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

// CUresult
constexpr std::int64_t out_of_memory = 2, no_binary = 209, no_jit = 221, ptx_too_new = 222, jit_disabled = 223;

// Of the highest clock: power and heat take a tenth or two away, more is held back. Our own judgement.
constexpr double full_clock = 0.7;

std::string image_evidence(const ImageTrial& image) {
  const std::string log = image.log.empty() ? "" : " (" + image.log + ")";
  return fmt::format("{}: {} returned {}{}", image.name, image.step, image.code.value.value_or(-1), log);
}

bool machine_code_works(const GpuTrial& trial) {
  return std::ranges::any_of(trial.images, [](const ImageTrial& image) { return !image.ptx && image.works(); });
}

/// Evidence of every image that got one of `codes`.
std::vector<std::string> images_with(const GpuTrial& trial, std::initializer_list<std::int64_t> codes) {
  std::vector<std::string> evidence;
  for (const ImageTrial& image : trial.images) {
    if (image.code.value && std::ranges::count(codes, *image.code.value)) evidence.push_back(image_evidence(image));
  }
  return evidence;
}

Found no_memory(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial || trial->failed_code() != out_of_memory) return std::nullopt;
  Match match{"The GPU has no memory left for this process", {trial_evidence(environment, options)}};
  for (const Gpu* gpu : relevant_gpus(environment)) {
    if (!gpu->memory_free_bytes.value || gpu->cuda_ordinal.value != options.ordinal) continue;
    match.evidence.push_back(fmt::format("{}: {:.2f} GiB free, {} other compute process(es)", gpu_label(*gpu),
                                         static_cast<double>(*gpu->memory_free_bytes.value) / 0x1p30,
                                         gpu->other_processes.value.value_or(0)));
  }
  return match;
}

Found no_jit_compiler(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) return std::nullopt;
  Match match{"The driver can't compile PTX here", images_with(*trial, {no_jit, jit_disabled})};
  if (match.evidence.empty()) return std::nullopt;
  const auto disabled = environment.variables.find("CUDA_DISABLE_PTX_JIT");
  if (disabled != environment.variables.end()) {
    match.evidence.push_back("CUDA_DISABLE_PTX_JIT=" + disabled->second);
    match.remedies = {"unset CUDA_DISABLE_PTX_JIT"};
  }
  if (machine_code_works(*trial)) {
    match.evidence.emplace_back("machine code works: this program does not need PTX here, others may");
  }
  return match;
}

Found wrong_numbers(const Environment& environment, const CheckOptions& options) {
  Match match{"A kernel ran, and its numbers are wrong", {}};
  bool concerns_us = false;
  for (std::size_t i = 0; i < environment.trials.size(); ++i) {
    for (const ImageTrial& image : environment.trials[i].images) {
      if (!image.right.value.value_or(true)) {
        match.evidence.push_back(fmt::format("GPU {}, {}: {}", i, image.name, image.wrong));
        concerns_us = concerns_us || static_cast<int>(i) == options.ordinal;
      }
    }
  }
  if (match.evidence.empty()) return std::nullopt;
  if (!concerns_us) match.severity = Severity::warning;  // a neighbour's
  return match;
}

Found kernel_failed(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) return std::nullopt;
  Match match{"A kernel that should run on this GPU failed", {}};
  // A driver of an older CUDA may refuse what this build's toolkit made, by any code: the build's affair.
  const bool build_too_new = judge_versions(environment, *options.compat).state == VersionState::too_old;
  for (const ImageTrial& image : trial->images) {
    const std::int64_t code = image.code.value.value_or(0);
    const bool refused_unread = build_too_new && image.step.starts_with("cuModuleLoad");
    const bool told_elsewhere =
        refused_unread || code == no_binary || code == no_jit || code == ptx_too_new || code == jit_disabled;
    if (code != 0 && !told_elsewhere) match.evidence.push_back(image_evidence(image));
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

Found slow_link(const Environment& environment, const CheckOptions&) {
  Match match{"A GPU's PCIe link runs below what it can do, under load", {}};
  for (const Gpu& gpu : environment.gpus) {
    const GpuTrial* trial =
        gpu.cuda_ordinal.value ? environment.trial(static_cast<int>(*gpu.cuda_ordinal.value)) : nullptr;
    if (!trial) continue;
    const auto& generation = trial->pcie_generation.value;
    const auto& width = trial->pcie_width.value;
    const bool slower = generation && gpu.pcie_generation_max.value && *generation < *gpu.pcie_generation_max.value;
    const bool narrower = width && gpu.pcie_width_max.value && *width < *gpu.pcie_width_max.value;
    if (!slower && !narrower) continue;
    std::string text =
        fmt::format("{}: gen {} of {}, x{} of x{}, while copying", gpu_label(gpu), generation.value_or(0),
                    gpu.pcie_generation_max.value.value_or(0), width.value_or(0), gpu.pcie_width_max.value.value_or(0));
    if (const auto& rate = trial->host_to_device_bytes_per_s.value) text += fmt::format(" {:.1f} GB/s", *rate * 1e-9);
    match.evidence.push_back(text);
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

std::string reasons_text(std::int64_t reasons) {
  static const std::pair<std::int64_t, const char*> bits[] = {{0x002, "application clocks"}, {0x004, "power cap"},
                                                              {0x008, "hardware slowdown"},  {0x010, "sync boost"},
                                                              {0x020, "heat (software)"},    {0x040, "heat (hardware)"},
                                                              {0x080, "power brake"},        {0x100, "display clock"}};
  std::string text;
  for (const auto& [bit, name] : bits) {
    if (reasons & bit) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text.empty() ? "no cause given" : text;
}

Found slow_clock(const Environment& environment, const CheckOptions&) {
  Match match{"A GPU's clock stays low under load", {}};
  for (const Gpu& gpu : environment.gpus) {
    const GpuTrial* trial =
        gpu.cuda_ordinal.value ? environment.trial(static_cast<int>(*gpu.cuda_ordinal.value)) : nullptr;
    if (!trial || !trial->sm_clock_hz.value || !gpu.sm_clock_max_hz.value) continue;
    if (*trial->sm_clock_hz.value >= full_clock * *gpu.sm_clock_max_hz.value) continue;
    match.evidence.push_back(fmt::format("{}: {:.0f} MHz of {:.0f} MHz under load: {}", gpu_label(gpu),
                                         *trial->sm_clock_hz.value * 1e-6, *gpu.sm_clock_max_hz.value * 1e-6,
                                         reasons_text(trial->clocks_event_reasons.value.value_or(0))));
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

Found neighbour_failed(const Environment& environment, const CheckOptions& options) {
  Match match{"Another GPU of this machine can't be used", {}};
  for (const Gpu& gpu : environment.gpus) {
    const auto& ordinal = gpu.cuda_ordinal.value;
    const GpuTrial* trial = ordinal ? environment.trial(static_cast<int>(*ordinal)) : nullptr;
    if (!trial || *ordinal == options.ordinal) continue;
    const std::string label = gpu_label(gpu);
    if (!trial->probe_error.empty())
      match.evidence.push_back(fmt::format("{}: using it: {}", label, trial->probe_error));
    if (trial->failed_code() != 0) {
      match.evidence.push_back(fmt::format("{}: making a context or memory returned {}", label, trial->failed_code()));
    }
    for (const ImageTrial& image : trial->images) {
      const bool of_the_build = image.code.value == no_binary || image.code.value == ptx_too_new ||
                                image.code.value == no_jit || image.code.value == jit_disabled;
      if (image.code.value.value_or(0) != 0 && !of_the_build) {
        match.evidence.push_back(fmt::format("{}: {}", label, image_evidence(image)));
      }
    }
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

Found unexplained(const Environment& environment, const CheckOptions& options) {
  if (cuda_works(environment, options)) return std::nullopt;
  Match match{"CUDA cannot use a GPU here, for a reason that is not known to this program",
              {cuda_evidence(environment), nvml_evidence(environment), module_evidence(environment),
               fmt::format("CUDA sees {} GPU(s)", environment.visible_gpus())}};
  const std::string tried = trial_evidence(environment, options);
  if (!tried.empty()) match.evidence.insert(match.evidence.begin(), tried);
  return match;
}

const Diagnosis trial_table[] = {
    {"D-MEMORY",
     Severity::failure,
     "Making a context, or allocating a megabyte, ended with \"out of memory\": other processes hold all of it.",
     {"nvidia-smi lists the processes on the GPU and what they hold; end those that should not be there"},
     "CUDA error 2",
     no_memory},
    {"D-JIT",
     Severity::warning,
     "Programs without machine code for this GPU can't run. libnvidia-ptxjitcompiler.so.1 is not there (error 221; "
     "container runtimes put it in for the capability "
     "`compute`), or compiling was switched off (error 223).",
     {"@container Start it with NVIDIA_DRIVER_CAPABILITIES=compute,utility",
      "@host Install the driver's libraries of the kernel module's version, libnvidia-ptxjitcompiler among them"},
     "CUDA errors 221 and 223",
     no_jit_compiler},
    {"D-KERNEL-WRONG",
     Severity::failure,
     "A kernel of integer and exact arithmetic, on every SM, gave numbers that it can't give. Take the hardware out of "
     "use until it is explained.",
     {"@host Run NVIDIA's diagnostics: dcgmi diag -r 3",
      "@host sudo dmesg | grep -i Xid, nvidia-smi -q -d ECC,ROW_REMAPPER",
      "Run this check again: a fault that comes and goes is one all the same"},
     "this program's smoke kernel",
     wrong_numbers},
    {"D-KERNEL-FAIL",
     Severity::failure,
     "Loading, launching or waiting for a small kernel failed. The code above is CUDA's own.",
     {"sudo dmesg | grep -i -e NVRM -e Xid", "@host sudo nvidia-smi -r resets an idle GPU",
      "@host If it comes back: run NVIDIA's diagnostics (dcgmi diag -r 3)"},
     "CUDA driver API, error codes",
     kernel_failed},
    {"D-CUDA-INIT",
     Severity::failure,
     "cuInit failed, or found no GPU, and none of the known causes fits.",
     {"@host sudo dmesg | grep -i NVRM", "@host After suspend: sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm",
      "@host Reboot the machine"},
     "CUDA driver API, error codes",
     unexplained,
     true},
    {"W-NEIGHBOUR",
     Severity::warning,
     "The GPU that is to be measured works; making a context, memory or a small kernel failed on another one.",
     {"Check that one: kernelgate check --gpu N", "@host sudo dmesg | grep -i -e NVRM -e Xid"},
     "this program's trial of each GPU",
     neighbour_failed},
    {"W-PCIE",
     Severity::warning,
     "Links slow down when idle, so this was read while data was copied. A slot, a riser, the BIOS or a bad contact "
     "can hold a link at a lower generation or width; copies then take longer.",
     {"@host Seat the card and its riser anew; try another slot",
      "@host BIOS: link speed of the slot on Auto or Gen5; ASPM off",
      "nvidia-smi -q -d PCIE... shows the link's maximum and the host's"},
     "NVML, PCIe link under load",
     slow_link},
    {"W-CLOCK",
     Severity::warning,
     "With all SMs busy the clock stayed below 70 % of its maximum: kernels are slower than this GPU can run them.",
     {"nvidia-smi -q -d CLOCK,PERFORMANCE tells locked clocks and causes",
      "@host sudo nvidia-smi -rgc resets locked clocks", "@host Check cooling and the power limit"},
     "NVML, SM clock under load",
     slow_clock},
};

}  // namespace

std::span<const Diagnosis> trial_diagnoses() { return trial_table; }

}  // namespace kernelgate
