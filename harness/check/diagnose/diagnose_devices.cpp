// The driver works: can this process have a GPU?
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/memory_damage.h"
#include "harness/check/diagnose/pci_gpus.h"
#include "harness/check/knowledge/xid.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

/// cuInit's code; when that is success, the one that kept the GPU from being used. Many causes show only then.
std::optional<std::int64_t> cuda_code(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (environment.cuda.init_code.value == 0 && trial) return trial->failed_code();
  return environment.cuda.init_code.value;
}

std::string code_evidence(const Environment& environment, const CheckOptions& options) {
  const std::string tried = trial_evidence(environment, options);
  return tried.empty() ? cuda_evidence(environment) : tried;
}

// CUDA answered, and has nothing for us.
bool cuda_sees_nothing(const Environment& environment) {
  constexpr std::int64_t success = 0, no_device = 100, invalid_device = 101;
  const std::int64_t code = environment.cuda.init_code.value.value_or(-1);
  return code == no_device || code == invalid_device || (code == success && environment.visible_gpus() == 0);
}

// 802 has two causes. Where NVML knows of confidential computing it tells; else what speaks for it is that the GPU has
// no fabric to wait for: no NVSwitch, and NVML does not support the question or answers "no fabric".
bool waits_for_attestation(const Environment& environment) {
  if (const std::optional<bool>& ready = environment.nvml.conf_compute_ready.value) return !*ready;
  return !environment.kernel_driver.nvswitch && !environment.gpus.empty() &&
         std::ranges::all_of(environment.gpus, [](const Gpu& gpu) { return gpu.fabric_state.value.value_or(0) == 0; });
}

Found not_set_ready(const Environment& environment, const CheckOptions& options) {
  if (cuda_code(environment, options) != 802 || !waits_for_attestation(environment)) return std::nullopt;
  Match match{"The GPU is not set ready: confidential computing keeps it back until it was attested",
              {code_evidence(environment, options)}};
  const Fact<bool>& ready = environment.nvml.conf_compute_ready;
  match.evidence.push_back(ready.value ? "NVML: confidential computing is on, and the GPUs are not ready"
                                       : "no NVSwitch is on the PCI bus, and the GPU has no NVLink fabric to wait for");
  match.remedies = {"Attest the GPU, then set it ready: sudo nvidia-smi conf-compute -srs 1",
                    "nvidia-smi conf-compute -f tells whether confidential computing is on, -grs whether it is ready"};
  if (!ready.value) {
    match.remedies.emplace_back(
        "If it is off: in a virtual machine of a server with NVSwitch its operator must start the "
        "fabric for this partition");
  }
  return match;
}

Found fabric_not_ready(const Environment& environment, const CheckOptions& options) {
  if (cuda_code(environment, options) != 802 || waits_for_attestation(environment)) return std::nullopt;
  Match match{"The NVLink fabric is not initialised", {code_evidence(environment, options)}};
  match.evidence.push_back(environment.kernel_driver.nvswitch ? "an NVSwitch is on the PCI bus"
                                                              : "no NVSwitch is visible on the PCI bus");
  static const char* states[] = {"no fabric", "not started", "in progress", "completed"};
  for (const Gpu& gpu : environment.gpus) {
    if (gpu.fabric_state.value && *gpu.fabric_state.value >= 0 && *gpu.fabric_state.value < 4) {
      match.evidence.push_back(fmt::format("{}: fabric {}", gpu_label(gpu), states[*gpu.fabric_state.value]));
    }
  }
  const std::string version = environment.driver.value.value_or("the driver's version");
  match.remedies = {"@host sudo systemctl start nvidia-fabricmanager, and wait a minute",
                    "@host Install nvidia-fabricmanager of exactly the driver's version: " + version,
                    "In a virtual machine: the host's operator must start the fabric for this partition"};
  return match;
}

Found mps_trouble(const Environment& environment, const CheckOptions& options) {
  const std::optional<std::int64_t> code = cuda_code(environment, options);
  if (!code || *code < 805 || *code > 810) return std::nullopt;
  Match match{"The Multi-Process Service does not serve this process", {code_evidence(environment, options)}};
  const auto pipe = environment.variables.find("CUDA_MPS_PIPE_DIRECTORY");
  if (pipe != environment.variables.end()) match.evidence.push_back("CUDA_MPS_PIPE_DIRECTORY=" + pipe->second);
  return match;
}

Found no_licence(const Environment& environment, const CheckOptions& options) {
  if (cuda_code(environment, options) != 102) return std::nullopt;
  return Match{"The virtual GPU has no licence", {code_evidence(environment, options)}};
}

/// "Xid (PCI:0000:19:00): 79, ...": of those that end in a reset, a repair or a restart.
void add_grave_xids(const Environment& environment, const CheckOptions& options, std::vector<std::string>& evidence) {
  for (const std::string& line : log_lines(environment, "Xid (")) {
    const std::size_t at = line.find("): ");
    std::int64_t number = 0;
    if (at == std::string::npos) continue;
    std::from_chars(line.data() + at + 3, line.data() + line.size(), number);
    const XidMeaning xid = classify_xid(number, *options.compat);
    if (xid.effect == XidEffect::stops_suite) evidence.push_back(fmt::format("{}: {}", line, xid_text(xid)));
  }
  for (std::string& line : log_lines(environment, "fallen off the bus")) evidence.push_back(std::move(line));
}

Found sick(const Environment& environment, const CheckOptions& options) {
  Match match{"A GPU is not healthy", {}};
  const Gpu* measured = environment.visible_gpu(options.ordinal);
  // A sick neighbour does not keep the GPU that works from being measured.
  bool concerns_us = !cuda_works(environment, options);
  const std::int64_t code = environment.nvml.init_code.value.value_or(0);
  const std::int64_t bad[] = {8, 11, 14, 15, 16};  // power cable, interrupt, InfoROM, lost, reset required
  if (std::ranges::count(bad, code)) match.evidence.push_back(nvml_evidence(environment));
  static const char* actions[] = {"none", "reset", "reboot", "drain peer traffic", "drain and reset", "IMEX"};
  for (const Gpu* gpu : relevant_gpus(environment)) {
    for (const std::string& damage : memory_damage(*gpu)) {
      match.evidence.push_back(gpu_label(*gpu) + ": " + damage);
      concerns_us = concerns_us || gpu == measured;
    }
    const std::int64_t action = gpu->recovery_action.value.value_or(0);
    if (action == 0) continue;
    const char* name = action > 0 && action < 6 ? actions[action] : "unknown to us";
    match.evidence.push_back(
        fmt::format("{}: the driver asks for recovery action {} ({})", gpu_label(*gpu), action, name));
    concerns_us = concerns_us || gpu == measured;
  }
  // One that NVML counts but gives no handle for: lost, or in need of a reset.
  for (const Gpu& gpu : environment.gpus) {
    if (!gpu.name.value && gpu.name.reason.starts_with("nvmlDeviceGetHandleByIndex")) {
      match.evidence.push_back(gpu.name.reason);
    }
  }
  // What the kernel log says of this boot counts where nothing works: else it may be long repaired.
  if (!cuda_works(environment, options)) add_grave_xids(environment, options, match.evidence);
  if (match.evidence.empty()) return std::nullopt;
  if (!concerns_us) match.severity = Severity::warning;
  return match;
}

Found no_mig_instance(const Environment& environment, const CheckOptions& options) {
  if (environment.unmasked && !environment.unmasked->gpus.empty()) return std::nullopt;  // the variable hides it
  Match match{"MIG is on, and there is no instance that this process can use", {code_evidence(environment, options)}};
  for (const Gpu& gpu : environment.gpus) {
    if (gpu.mig.value.value_or(false)) match.evidence.push_back(gpu_label(gpu) + ": MIG on");
  }
  if (!cuda_sees_nothing(environment) || match.evidence.size() == 1) return std::nullopt;
  const auto set = environment.variables.find("CUDA_VISIBLE_DEVICES");
  if (set != environment.variables.end()) match.evidence.push_back("CUDA_VISIBLE_DEVICES=" + set->second);
  return match;
}

Found mode_forbids(const Environment& environment, const CheckOptions& options) {
  Match match{"The GPU is in a compute mode that keeps this process out", {}};
  const Gpu* measured = environment.visible_gpu(options.ordinal);
  bool concerns_us = !measured;
  for (const Gpu* gpu : relevant_gpus(environment)) {
    const std::size_t before = match.evidence.size();
    const std::int64_t mode = gpu->compute_mode.value.value_or(0);
    const std::int64_t others = gpu->other_processes.value.value_or(0);
    if (mode == 2) match.evidence.push_back(gpu_label(*gpu) + ": compute mode prohibited");
    if ((mode == 1 || mode == 3) && others > 0) {
      match.evidence.push_back(
          fmt::format("{}: compute mode exclusive, held by {} process(es)", gpu_label(*gpu), others));
    }
    concerns_us = concerns_us || (gpu == measured && match.evidence.size() > before);
  }
  if (cuda_code(environment, options) == 46) {
    match.evidence.push_back(code_evidence(environment, options));
    concerns_us = true;
  }
  if (match.evidence.empty()) return std::nullopt;
  if (!concerns_us) match.severity = Severity::warning;  // a neighbour's
  return match;
}

Found not_visible(const Environment& environment, const CheckOptions& options) {
  const auto set = environment.variables.find("CUDA_VISIBLE_DEVICES");
  const int visible = environment.visible_gpus();
  // What CUDA said without the variable, when somebody asked; else NVML's GPUs, unless all of those are split.
  const bool all_split = std::ranges::all_of(environment.gpus, [](const Gpu& gpu) { return gpu.mig.value == true; });
  const bool others = environment.unmasked ? !environment.unmasked->gpus.empty() : !all_split;
  const bool hidden = cuda_sees_nothing(environment) && set != environment.variables.end() && others;
  const bool no_such = visible > 0 && !environment.visible_gpu(options.ordinal);
  if (!hidden && !no_such) return std::nullopt;
  const bool stale_instance = hidden && set->second.starts_with("MIG-");
  Match match{stale_instance ? "CUDA_VISIBLE_DEVICES names a MIG instance that is not there"
              : hidden
                  ? "CUDA_VISIBLE_DEVICES hides every GPU"
                  : fmt::format("GPU {} was asked for; CUDA shows {} GPU(s), counted from 0", options.ordinal, visible),
              {code_evidence(environment, options)}};
  if (no_such && !hidden) {
    match.remedies = {
        fmt::format("Name one that is there: --gpu 0{}", visible > 1 ? fmt::format(" to {}", visible - 1) : ""),
        "Or let more be seen: unset CUDA_VISIBLE_DEVICES"};
  }
  if (stale_instance) {
    match.remedies = {
        "unset CUDA_VISIBLE_DEVICES, or set it to an instance that `nvidia-smi -L` lists: instances that are "
        "made anew have new UUIDs"};
  }
  if (set != environment.variables.end()) match.evidence.push_back("CUDA_VISIBLE_DEVICES=" + set->second);
  if (environment.unmasked) {
    match.evidence.push_back(fmt::format("with it unset, CUDA shows {} GPU(s)", environment.unmasked->gpus.size()));
  }
  for (const Gpu& gpu : environment.gpus) {
    match.evidence.push_back(gpu_label(gpu) + " " + gpu.uuid.value.value_or("without a known UUID"));
  }
  return match;
}

const Diagnosis device_table[] = {
    {"D-CONF-COMPUTE",
     Severity::failure,
     "With confidential computing on, CUDA says 802 until the guest has attested the GPU and set it ready.",
     {"Attest the GPU, then: sudo nvidia-smi conf-compute -srs 1"},
     "CUDA error 802; NVIDIA confidential computing deployment guide",
     not_set_ready},
    {"D-FABRIC",
     Severity::failure,
     "GPUs joined by NVSwitch need the fabric manager to set the fabric up before CUDA starts; CUDA says 802 until "
     "then. It also happens for a single GPU of such a machine, and can pass by itself.",
     {"@host sudo systemctl start nvidia-fabricmanager",
      "@host Install nvidia-fabricmanager of exactly the driver's version"},
     "CUDA error 802; NVIDIA fabric manager user guide",
     fabric_not_ready},
    {"D-MPS",
     Severity::failure,
     "The control daemon or the server of the Multi-Process Service is not there, is full, or is of another version.",
     {"@host Start it: nvidia-cuda-mps-control -d", "@host Or do without: echo quit | nvidia-cuda-mps-control"},
     "CUDA errors 805 to 810",
     mps_trouble},
    {"D-LIC",
     Severity::failure,
     "A virtual GPU computes only with a licence.",
     {"@host Check /etc/nvidia/gridd.conf and `systemctl status nvidia-gridd`"},
     "CUDA error 102",
     no_licence},
    {"D-GPU-SICK",
     Severity::failure,
     "The driver says that a GPU was lost, needs a reset, lacks power, has a damaged InfoROM, or memory that is past "
     "repair.",
     {"@host sudo dmesg | grep -i Xid tells the event", "@host sudo nvidia-smi -r resets an idle GPU; else reboot",
      "@host If it comes back: check the power cable and slot, then run NVIDIA's diagnostics (dcgmi diag -r 3)"},
     "NVML return codes 8, 11, 14, 15, 16; field GPU_RECOVERY_ACTION; DCGM's limits of remapped rows and retired pages",
     sick},
    {"D-VIS",
     Severity::failure,
     "CUDA_VISIBLE_DEVICES lists the GPUs that a process may see. Empty, -1, or a number or UUID that does not exist "
     "ends the list.",
     {"unset CUDA_VISIBLE_DEVICES", "Or set it to one of the UUIDs above"},
     "CUDA programming guide, CUDA_VISIBLE_DEVICES; errors 100 and 101",
     not_visible},
    {"D-MIG",
     Severity::failure,
     "With Multi-Instance GPU switched on, CUDA sees instances only, and there is none.",
     {"@host sudo nvidia-smi mig -lgip lists the sizes; sudo nvidia-smi mig -cgi <id> -C makes an instance",
      "Set CUDA_VISIBLE_DEVICES to an instance's UUID from `nvidia-smi -L`",
      "@host Or switch MIG off: sudo nvidia-smi -mig 0"},
     "NVIDIA MIG user guide",
     no_mig_instance},
    {"D-MODE",
     Severity::failure,
     "The compute mode is `prohibited`, or `exclusive` with another process there already.",
     {"@host sudo nvidia-smi -c 0 allows all processes", "nvidia-smi lists the processes on the GPU"},
     "CUDA error 46",
     mode_forbids},
};

}  // namespace

std::span<const Diagnosis> device_diagnoses() { return device_table; }

}  // namespace kernelgate
