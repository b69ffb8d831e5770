// How far this machine gets from a card in a slot to right numbers.
#include "harness/check/diagnose/ladder.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

Rung pci_devices(const Environment& environment) {
  Rung rung{"PCI device"};
  const std::size_t count = environment.kernel_driver.pci_devices.size();
  if (count > 0) {
    rung.state = RungState::good;
    rung.text = fmt::format("{} NVIDIA GPU{}", count, count == 1 ? "" : "s");
    return rung;
  }
  // WSL has no PCI bus to look at, and some sandboxes hide it.
  rung.state = environment.hardware_present() ? RungState::unknown : RungState::bad;
  rung.text = environment.host.wsl     ? "WSL shows no PCI devices; /dev/dxg stands for the GPU"
              : environment.host.tegra ? "a Jetson's GPU is on no PCI bus"
                                       : "no NVIDIA display controller under /sys/bus/pci/devices";
  return rung;
}

Rung kernel_module(const Environment& environment) {
  const KernelDriver& kernel = environment.kernel_driver;
  Rung rung{"kernel module"};
  rung.text = environment.host.wsl ? "in Windows" : module_evidence(environment);
  if (kernel.module_version.value || kernel.module_loaded) rung.state = RungState::good;
  if (rung.state != RungState::good && !environment.host.wsl && !environment.host.tegra) rung.state = RungState::bad;
  return rung;
}

Rung device_nodes(const Environment& environment) {
  const KernelDriver& kernel = environment.kernel_driver;
  Rung rung{"device nodes"};
  if (environment.host.wsl || environment.host.tegra) {
    rung.text = environment.host.wsl ? "none in WSL" : "other ones on a Jetson";
    return rung;
  }
  rung.state = kernel.device_nodes.empty() || !kernel.node_errors.empty() ? RungState::bad : RungState::good;
  rung.text = kernel.device_nodes.empty() ? "no /dev/nvidia*" : fmt::format("{} open", kernel.device_nodes.size());
  for (const auto& [node, error] : kernel.node_errors) rung.text = fmt::format("{}: {}", node, error);
  return rung;
}

Rung library(const char* name, const LibraryView& view, const std::string& evidence) {
  Rung rung{name};
  rung.state = view.init_code.value == 0 ? RungState::good : RungState::bad;
  rung.text = rung.state == RungState::good ? view.path : evidence;
  return rung;
}

// Last, and no rung of the machine's: what this program was compiled with and for.
Rung this_build(const Environment& environment, const CheckOptions& options) {
  Rung rung{"this build"};
  rung.text = judge_versions(environment, *options.compat).text;
  rung.state = RungState::good;
  for (const Finding& finding : diagnose_build(environment, options)) {
    if (finding.severity != Severity::failure) continue;
    rung.state = RungState::bad;
    rung.text = finding.summary;
  }
  return rung;
}

Rung visibility(const Environment& environment, const CheckOptions& options) {
  Rung rung{"visibility"};
  rung.state = environment.visible_gpu(options.ordinal) ? RungState::good : RungState::bad;
  rung.text = fmt::format("CUDA shows {} GPU(s)", environment.visible_gpus());
  const auto mask = environment.variables.find("CUDA_VISIBLE_DEVICES");
  if (mask != environment.variables.end()) rung.text += ", CUDA_VISIBLE_DEVICES=" + mask->second;
  return rung;
}

Rung coded(const char* name, const Fact<std::int64_t>& code) {
  Rung rung{name};
  if (!code.value) {
    rung.text = code.reason;
    return rung;
  }
  rung.state = *code.value == 0 ? RungState::good : RungState::bad;
  rung.text = *code.value == 0 ? "had" : fmt::format("CUDA returned {}", *code.value);
  return rung;
}

// PTX that fails where machine code works is a warning's business, not the rung's.
Rung smoke(const GpuTrial& trial) {
  Rung rung{"smoke kernel"};
  bool works = false, wrong = false;
  for (const ImageTrial& image : trial.images) {
    if (!image.fits) continue;
    works = works || image.works();
    wrong = wrong || !image.right.value.value_or(true);
    const std::string result = image.works()       ? "right"
                               : image.right.value ? "WRONG"
                                                   : fmt::format("error {}", image.code.value.value_or(-1));
    rung.text += fmt::format("{}{} {}", rung.text.empty() ? "" : ", ", image.name, result);
  }
  rung.state = works && !wrong ? RungState::good : RungState::bad;
  if (rung.text.empty()) rung.text = "no image fits this GPU";
  return rung;
}

Rung under_load(const GpuTrial& trial) {
  Rung rung{"under load"};
  const auto shown = [](const Fact<std::int64_t>& fact) { return fact.value ? std::to_string(*fact.value) : "?"; };
  if (!trial.host_to_device_bytes_per_s.value && !trial.sm_clock_hz.value) {
    rung.text = "not read";
    return rung;
  }
  rung.state = RungState::good;
  rung.text = fmt::format("PCIe gen {} x{}", shown(trial.pcie_generation), shown(trial.pcie_width));
  if (const auto& rate = trial.host_to_device_bytes_per_s.value) {
    rung.text += fmt::format(", {:.1f} GB/s to the GPU", *rate * 1e-9);
  }
  if (const auto& clock = trial.sm_clock_hz.value) rung.text += fmt::format(", SM {:.0f} MHz", *clock * 1e-6);
  return rung;
}

const char* state_name(RungState state) {
  switch (state) {
    case RungState::good:
      return "good";
    case RungState::bad:
      return "bad";
    case RungState::unknown:
      break;
  }
  return "unknown";
}

}  // namespace

std::vector<Rung> climb(const Environment& environment, const CheckOptions& options) {
  std::vector<Rung> ladder = {pci_devices(environment),
                              kernel_module(environment),
                              device_nodes(environment),
                              library("NVML", environment.nvml, nvml_evidence(environment)),
                              library("libcuda", environment.cuda, cuda_evidence(environment)),
                              visibility(environment, options)};
  const GpuTrial* trial = environment.trial(options.ordinal);
  if (!trial) {
    for (const char* name : {"context", "memory", "smoke kernel", "under load"}) {
      ladder.push_back({name, RungState::unknown, "not tried"});
    }
    ladder.push_back(this_build(environment, options));
    return ladder;
  }
  if (!trial->probe_error.empty()) {
    ladder.push_back({"context", RungState::bad, trial->probe_error});
    ladder.push_back(this_build(environment, options));
    return ladder;
  }
  ladder.push_back(coded("context", trial->context_code));
  ladder.push_back(coded("memory", trial->memory_code));
  const bool had = trial->failed_code() == 0;
  ladder.push_back(had ? smoke(*trial) : Rung{"smoke kernel", RungState::unknown, "not reached"});
  ladder.push_back(had ? under_load(*trial) : Rung{"under load", RungState::unknown, "not reached"});
  ladder.push_back(this_build(environment, options));
  return ladder;
}

nlohmann::json to_json(const std::vector<Rung>& ladder) {
  nlohmann::json document = nlohmann::json::array();
  for (const Rung& rung : ladder) {
    document.push_back({{"rung", rung.name}, {"state", state_name(rung.state)}, {"text", rung.text}});
  }
  return document;
}

}  // namespace kernelgate
