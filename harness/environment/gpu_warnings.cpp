// What does not stop a GPU from working, but changes what is measured on it.
#include <fmt/core.h>

#include "harness/environment/diagnose.h"
#include "harness/environment/evidence.h"
#include "harness/environment/thresholds.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

// One line of evidence for each GPU of which `line` has something to say.
template <class Line>
Found any_gpu(const Environment& environment, const char* summary, Line line) {
  Match match{summary, {}};
  for (const Gpu* gpu : relevant_gpus(environment)) {
    const std::string text = line(*gpu);
    if (!text.empty()) match.evidence.push_back(gpu_label(*gpu) + ": " + text);
  }
  if (match.evidence.empty()) return std::nullopt;
  return match;
}

// Windows' branches have other numbers.
std::optional<Version> linux_driver(const Environment& environment) {
  if (environment.host.wsl) return std::nullopt;
  return Version::parse(environment.driver.value.value_or(""));
}

Found branch_ended(const Environment& environment, const GateOptions& options) {
  const std::optional<Version> driver = linux_driver(environment);
  const DriverBranch* branch = driver ? find_branch(driver->branch()) : nullptr;
  if (!branch || options.today.empty() || !*branch->end_of_life) return std::nullopt;
  const std::string end = branch->end_of_life;
  const bool dated = end != "ended";
  if (dated && options.today <= end) return std::nullopt;
  return Match{
      fmt::format("Driver branch R{} gets no more fixes", branch->branch),
      {"driver " + *environment.driver.value, dated ? "end of life: " + end : "end of life: past, day not known"}};
}

Found branch_of_features(const Environment& environment, const GateOptions&) {
  const std::optional<Version> driver = linux_driver(environment);
  if (!driver) return std::nullopt;
  const DriverBranch* branch = find_branch(driver->branch());
  const std::string version = "driver " + *environment.driver.value;
  if (!branch) {
    return Match{fmt::format("Driver branch R{} is not known to this program", driver->branch()),
                 {version, std::string("branches known as of ") + thresholds_as_of}};
  }
  if (branch->kind != BranchKind::new_feature) return std::nullopt;
  return Match{fmt::format("Driver branch R{} is a new-feature branch, with a short life", branch->branch), {version}};
}

Found no_nvml(const Environment& environment, const GateOptions&) {
  if (environment.nvml.init_code.value == 0) return std::nullopt;
  return Match{"The management library gives no facts: clocks, throttling and other processes are unknown",
               {nvml_evidence(environment)}};
}

Found no_persistence(const Environment& environment, const GateOptions&) {
  if (environment.host.wsl) return std::nullopt;
  return any_gpu(environment, "Persistence mode is off",
                 [](const Gpu& gpu) { return gpu.persistence.value.value_or(true) ? "" : "persistence off"; });
}

Found low_power_limit(const Environment& environment, const GateOptions&) {
  return any_gpu(environment, "The power limit is below the GPU's default", [](const Gpu& gpu) -> std::string {
    const auto& limit = gpu.power_limit_w.value;
    const auto& usual = gpu.power_limit_default_w.value;
    if (!limit || !usual || *limit >= *usual - 0.5) return "";
    return fmt::format("limit {:.0f} W, default {:.0f} W", *limit, *usual);
  });
}

Found throttled(const Environment& environment, const GateOptions&) {
  return any_gpu(environment, "A GPU is held back before anything has started", [](const Gpu& gpu) {
    static const std::pair<std::int64_t, const char*> bits[] = {{0x08, "hardware slowdown"},
                                                                {0x20, "software thermal slowdown"},
                                                                {0x40, "hardware thermal slowdown"},
                                                                {0x80, "power brake"}};
    std::string text;
    for (const auto& [bit, name] : bits) {
      if (gpu.clocks_event_reasons.value.value_or(0) & bit) text += (text.empty() ? "" : ", ") + std::string(name);
    }
    if (!text.empty() && gpu.temperature_c.value) text += fmt::format(" at {} degrees", *gpu.temperature_c.value);
    return text;
  });
}

Found shared_gpu(const Environment& environment, const GateOptions&) {
  return any_gpu(environment, "Other processes use the GPU", [](const Gpu& gpu) -> std::string {
    const std::int64_t others = gpu.other_processes.value.value_or(0);
    return others > 0 ? fmt::format("{} other compute process(es)", others) : "";
  });
}

Found ecc_will_change(const Environment& environment, const GateOptions&) {
  return any_gpu(environment, "ECC will change at the next reboot", [](const Gpu& gpu) -> std::string {
    if (!gpu.ecc.value || !gpu.ecc_pending.value || *gpu.ecc.value == *gpu.ecc_pending.value) return "";
    return fmt::format("now {}, then {}", *gpu.ecc.value ? "on" : "off", *gpu.ecc_pending.value ? "on" : "off");
  });
}

const Diagnosis table[] = {
    {"W-EOL",
     Severity::warning,
     "A driver branch past its end of life gets no fixes, security ones included.",
     {"Upgrade to a long-term or production branch that is supported; the page below lists them"},
     "docs.nvidia.com/datacenter/tesla/drivers/615/supported-drivers-and-cuda-toolkit-versions.html",
     branch_ended},
    {"W-BRANCH",
     Severity::warning,
     "Fleets do better on long-term and production branches; one that is unknown here is newer than this program's "
     "tables, which is no fault.",
     {"For a fleet: prefer a long-term or production branch"},
     "docs.nvidia.com/datacenter/tesla/drivers/615/supported-drivers-and-cuda-toolkit-versions.html",
     branch_of_features},
    {"W-NVML",
     Severity::warning,
     "Without NVML no sample can be checked for throttling or for other processes on the GPU.",
     {"Install libnvidia-ml.so.1 of the driver's version (Debian: libnvidia-ml1)",
      "In a container: NVIDIA_DRIVER_CAPABILITIES=compute,utility"},
     "NVML",
     no_nvml},
    {"W-PERSISTENCE",
     Severity::warning,
     "With persistence off the driver unloads when the last process ends: slow starts, and locked clocks are lost.",
     {"sudo nvidia-smi -pm 1", "Or for good: sudo systemctl enable --now nvidia-persistenced"},
     "NVIDIA driver persistence documentation",
     no_persistence},
    {"W-POWER-LIMIT",
     Severity::warning,
     "A lower power limit makes heavy kernels slower; compare only with results at the same limit.",
     {"sudo nvidia-smi -pl <default watts>", "Or keep it, and keep baselines for this limit"},
     "NVML, enforced power limit",
     low_power_limit},
    {"W-THROTTLE",
     Severity::warning,
     "Heat, the power brake or a hardware fault lowers the clocks even now; timings would be of the fault.",
     {"Let it cool, check fans and air flow", "Check the power supply and its cables (power brake)",
      "nvidia-smi -q -d PERFORMANCE,TEMPERATURE shows more"},
     "NVML, clocks event reasons",
     throttled},
    {"W-COTENANT",
     Severity::warning,
     "Another process on the GPU takes time, cache and power from what is measured.",
     {"nvidia-smi lists the processes; stop them or measure later"},
     "NVML, compute running processes",
     shared_gpu},
    {"W-ECC-PENDING",
     Severity::warning,
     "ECC was switched and takes effect at the next reboot; it changes memory size and bandwidth.",
     {"Reboot, or take it back: sudo nvidia-smi -e <0|1>"},
     "NVML, ECC mode",
     ecc_will_change},
};

}  // namespace

std::span<const Diagnosis> gpu_warnings() { return table; }

}  // namespace kernelgate
