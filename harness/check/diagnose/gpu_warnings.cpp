// What does not stop a GPU from working, but changes what is measured on it.
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/place.h"
#include "harness/check/machine/evidence.h"

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

Found branch_ended(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = linux_driver(environment);
  const DriverBranch* branch = driver ? options.compat->branch(driver->branch()) : nullptr;
  if (!branch || options.today.empty() || branch->end_of_life.empty()) return std::nullopt;
  const std::string& end = branch->end_of_life;
  const bool dated = end != "ended";
  if (dated && options.today <= end) return std::nullopt;
  return Match{
      fmt::format("Driver branch R{} gets no more fixes", branch->branch),
      {"driver " + *environment.driver.value, dated ? "end of life: " + end : "end of life: past, day not known"}};
}

Found branch_of_features(const Environment& environment, const CheckOptions& options) {
  const std::optional<Version> driver = linux_driver(environment);
  if (!driver) return std::nullopt;
  const DriverBranch* branch = options.compat->branch(driver->branch());
  const std::string version = "driver " + *environment.driver.value;
  if (!branch) {
    return Match{fmt::format("Driver branch R{} is not known to this program", driver->branch()),
                 {version, "branches known as of " + options.compat->as_of()}};
  }
  if (branch->kind != BranchKind::new_feature) return std::nullopt;
  return Match{fmt::format("Driver branch R{} is a new-feature branch, with a short life", branch->branch), {version}};
}

Found no_nvml(const Environment& environment, const CheckOptions&) {
  if (environment.nvml.init_code.value == 0) return std::nullopt;
  const bool told_elsewhere =
      environment.host.wsl && !environment.nvml.path.empty() && !environment.nvml.path.starts_with("/usr/lib/wsl/");
  if (told_elsewhere) return std::nullopt;  // D-WSL-SHADOW
  Match match{"The management library gives no facts: clocks, throttling and other processes are unknown",
              {nvml_evidence(environment)}};
  if (environment.host.wsl) {
    match.remedies = {
        "Let the library of Windows be found: /usr/lib/wsl/lib first in LD_LIBRARY_PATH, and no "
        "libnvidia-ml.so.1 of a Linux driver in WSL",
        "Update NVIDIA's driver in Windows, then in Windows: wsl --shutdown"};
  } else if (environment.host.tegra) {
    match.remedies = {"Nothing to do: a Jetson has NVML in JetPack 7 and later only; tegrastats shows clocks and heat"};
  } else if (!environment.nvml.loaded && environment.driver.value) {
    match.remedies = {"@bare " + install_libraries(environment.host, *environment.driver.value),
                      "@container Start it with NVIDIA_DRIVER_CAPABILITIES=compute,utility"};
  }
  return match;
}

Found no_persistence(const Environment& environment, const CheckOptions&) {
  if (environment.host.wsl) return std::nullopt;
  return any_gpu(environment, "Persistence mode is off",
                 [](const Gpu& gpu) { return gpu.persistence.value.value_or(true) ? "" : "persistence off"; });
}

Found low_power_limit(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "The power limit is below the GPU's default", [](const Gpu& gpu) -> std::string {
    const auto& limit = gpu.power_limit_w.value;
    const auto& usual = gpu.power_limit_default_w.value;
    if (!limit || !usual || *limit >= *usual - 0.5) return "";
    return fmt::format("limit {:.0f} W, default {:.0f} W", *limit, *usual);
  });
}

Found throttled(const Environment& environment, const CheckOptions&) {
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

Found shared_gpu(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "Other processes use the GPU", [](const Gpu& gpu) -> std::string {
    const std::int64_t others = gpu.other_processes.value.value_or(0);
    // With a screen they are W-DISPLAY's.
    const std::int64_t drawing =
        gpu.display_active.value.value_or(false) ? 0 : gpu.graphics_processes.value.value_or(0);
    std::string text = others > 0 ? fmt::format("{} other compute process(es)", others) : "";
    if (drawing > 0) text += fmt::format("{}{} graphics process(es)", text.empty() ? "" : ", ", drawing);
    return text;
  });
}

Found ecc_will_change(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "ECC will change at the next reboot", [](const Gpu& gpu) -> std::string {
    if (!gpu.ecc.value || !gpu.ecc_pending.value || *gpu.ecc.value == *gpu.ecc_pending.value) return "";
    return fmt::format("now {}, then {}", *gpu.ecc.value ? "on" : "off", *gpu.ecc_pending.value ? "on" : "off");
  });
}

Found memory_repair_waits(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "Damaged memory will be taken out of use at the next reset", [](const Gpu& gpu) {
    std::string text;
    if (gpu.row_remap_pending.value.value_or(false)) text = "row remapping pending";
    if (gpu.page_retirement_pending.value.value_or(false))
      text += std::string(text.empty() ? "" : ", ") + "page retirement pending";
    return text;
  });
}

Found memory_erred(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "The GPU's memory has had errors that ECC could not correct",
                 [](const Gpu& gpu) -> std::string {
                   const std::int64_t ever = gpu.ecc_uncorrected_ever.value.value_or(0);
                   // Those of this driver's time are D-GPU-SICK's.
                   if (ever == 0 || gpu.ecc_uncorrected.value.value_or(0) > 0) return "";
                   std::string text = fmt::format("{} uncorrected in its life, none since the driver was loaded", ever);
                   if (gpu.ecc_corrected.value) text += fmt::format(", {} corrected since", *gpu.ecc_corrected.value);
                   return text;
                 });
}

Found power_not_plausible(const Environment& environment, const CheckOptions&) {
  // Twice in the field: a driver that believes such a figure holds the clocks at their lowest.
  constexpr double plausible_share = 1.5;
  return any_gpu(environment, "The power reading is not plausible", [](const Gpu& gpu) -> std::string {
    if (!gpu.power_w.value || !gpu.power_limit_w.value || *gpu.power_limit_w.value <= 0) return "";
    if (*gpu.power_w.value <= plausible_share * *gpu.power_limit_w.value) return "";
    return fmt::format("{:.0f} W now, with a limit of {:.0f} W", *gpu.power_w.value, *gpu.power_limit_w.value);
  });
}

Found hot(const Environment& environment, const CheckOptions&) {
  constexpr std::int64_t least_margin_c = 10;
  return any_gpu(
      environment, "A GPU is close to the temperature that lowers its clocks", [](const Gpu& gpu) -> std::string {
        const auto& margin = gpu.temperature_margin_c.value;
        if (!margin || *margin >= least_margin_c) return "";
        const std::string now = gpu.temperature_c.value ? fmt::format(" at {}", *gpu.temperature_c.value) : "";
        return fmt::format("{} degrees to go{}", *margin, now);
      });
}

// "Display mode" alone says nothing: GPUs without any connector report it as enabled (a V100 SXM2 in
// nvidia-docker#914).
Found drives_a_screen(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "The GPU drives a screen", [](const Gpu& gpu) -> std::string {
    if (!gpu.display_active.value.value_or(false)) return "";
    const std::int64_t drawing = gpu.graphics_processes.value.value_or(0);
    return drawing > 0 ? fmt::format("display active, {} graphics process(es)", drawing) : "display active";
  });
}

Found counted_in_another_order(const Environment& environment, const CheckOptions&) {
  std::vector<const Gpu*> by_cuda;
  for (const Gpu& gpu : environment.gpus) {
    if (gpu.cuda_ordinal.value && gpu.nvml_index.value) by_cuda.push_back(&gpu);
  }
  std::ranges::sort(by_cuda, {}, [](const Gpu* gpu) { return *gpu->cuda_ordinal.value; });
  const auto index = [](const Gpu* gpu) { return *gpu->nvml_index.value; };
  // MIG instances of one GPU share its index.
  if (std::ranges::is_sorted(by_cuda, {}, index)) return std::nullopt;
  Match match{"CUDA and nvidia-smi count the GPUs in another order", {}};
  for (const Gpu* gpu : by_cuda) {
    match.evidence.push_back(fmt::format("{}: nvidia-smi calls it {}", gpu_label(*gpu), index(gpu)));
  }
  for (const char* name : {"CUDA_DEVICE_ORDER", "CUDA_VISIBLE_DEVICES"}) {
    const auto set = environment.variables.find(name);
    if (set != environment.variables.end()) match.evidence.push_back(std::string(name) + "=" + set->second);
  }
  return match;
}

// By what the link could be, not by what it is: an idle GPU lowers its link to save power.
Found narrow_link(const Environment& environment, const CheckOptions&) {
  return any_gpu(environment, "The slot gives the GPU less PCIe than it was built for", [](const Gpu& gpu) {
    const auto below = [](const Fact<std::int64_t>& here, const Fact<std::int64_t>& built) {
      return here.value && built.value && *here.value < *built.value;
    };
    std::string text;
    if (below(gpu.pcie_generation_max, gpu.pcie_generation_gpu_max)) {
      text = fmt::format("generation {} at most, the GPU can do {}", *gpu.pcie_generation_max.value,
                         *gpu.pcie_generation_gpu_max.value);
    }
    if (below(gpu.pcie_width_max, gpu.pcie_width_gpu_max)) {
      text += fmt::format("{}x{} at most, the GPU can do x{}", text.empty() ? "" : "; ", *gpu.pcie_width_max.value,
                          *gpu.pcie_width_gpu_max.value);
    }
    return text;
  });
}

const Diagnosis gpu_warning_table[] = {
    {"W-EOL",
     Severity::warning,
     "A driver branch past its end of life gets no fixes, security ones included.",
     {"@host Upgrade to a long-term or production branch that is supported; the page below lists them"},
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
     {"@container Start it with NVIDIA_DRIVER_CAPABILITIES=compute,utility",
      "@host nvidia-smi says more; after an update of the driver: reboot"},
     "NVML",
     no_nvml,
     true},
    {"W-PERSISTENCE",
     Severity::warning,
     "With persistence off the driver unloads when the last process ends: slow starts, and locked clocks are lost.",
     {"@host sudo nvidia-smi -pm 1", "@host Or for good: sudo systemctl enable --now nvidia-persistenced"},
     "NVIDIA driver persistence documentation",
     no_persistence},
    {"W-POWER-LIMIT",
     Severity::warning,
     "A lower power limit makes heavy kernels slower; compare only with results at the same limit.",
     {"@host sudo nvidia-smi -pl <default watts>", "Or keep it, and keep baselines for this limit"},
     "NVML, enforced power limit",
     low_power_limit},
    {"W-THROTTLE",
     Severity::warning,
     "Heat, the power brake or a hardware fault lowers the clocks even now; timings would be of the fault.",
     {"@host Let it cool, check fans and air flow", "@host Check the power supply and its cables (power brake)",
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
     {"@host Reboot, or take it back: sudo nvidia-smi -e <0|1>"},
     "NVML, ECC mode",
     ecc_will_change},
    {"W-REMAP",
     Severity::warning,
     "Memory that erred is replaced by spare memory (row remapping) or left out (page retirement) when the GPU is "
     "next reset; until then the driver keeps programs away from it.",
     {"@host Reset the idle GPU: sudo nvidia-smi -r -i <index>; or reboot"},
     "NVML, remapped rows and retired pages; NVIDIA GPU memory error management",
     memory_repair_waits},
    {"W-ECC-ERRORS",
     Severity::warning,
     "An uncorrected error ends the programs that it meets. Old ones are history; new ones are D-GPU-SICK.",
     {"Watch it: kernelgate check --watch counts new ones", "If they come back: dcgmi diag -r 3, and have it replaced"},
     "NVML, total ECC errors",
     memory_erred},
    {"W-TELEMETRY",
     Severity::warning,
     "A GPU can't draw far more than its limit: the sensor or the firmware is wrong, and the driver may hold the "
     "clocks down for it.",
     {"@host Power the machine off fully, then on", "@host Update the GPU's firmware, linux-firmware and the driver",
      "nvidia-smi -q -d POWER,PERFORMANCE shows what the driver believes"},
     "NVML, power and enforced power limit; plausible up to 1.5 times the limit",
     power_not_plausible},
    {"W-HOT",
     Severity::warning,
     "With less than 10 degrees to go, load will lower the clocks, and timings would be of the cooling.",
     {"@host Let it cool, check fans, air flow and the room", "nvidia-smi -q -d TEMPERATURE shows the thresholds"},
     "NVML, margin temperature",
     hot},
    {"W-DISPLAY",
     Severity::warning,
     "Drawing the screen takes time and memory from what is measured, and long kernels can be ended by a watchdog.",
     {"@host Measure with the desktop ended: sudo systemctl isolate multi-user.target",
      "Or put the screen on another GPU"},
     "NVML, display active",
     drives_a_screen},
    {"W-ORDER",
     Severity::warning,
     "CUDA puts the fastest GPU first unless told otherwise, NVML and nvidia-smi go by PCI address: the same number "
     "means two GPUs.",
     {"export CUDA_DEVICE_ORDER=PCI_BUS_ID", "Or list UUIDs in CUDA_VISIBLE_DEVICES, in the order of nvidia-smi -L"},
     "CUDA programming guide, CUDA_DEVICE_ORDER",
     counted_in_another_order},
    {"W-PCIE-WIDTH",
     Severity::warning,
     "The slot, a riser or the firmware's settings limit the link: copies to and from the host are slower.",
     {"@host Put the GPU in a slot that has all lanes, and seat it and its riser again",
      "@host Look for a PCIe generation or bifurcation setting in the firmware",
      "@host sudo lspci -vv shows LnkCap and LnkSta of the GPU and of the port above it"},
     "NVML, maximum link of the GPU and of GPU and system; /sys, max_link_width",
     narrow_link},
};

}  // namespace

std::span<const Diagnosis> gpu_warnings() { return gpu_warning_table; }

}  // namespace kernelgate
