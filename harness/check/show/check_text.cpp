// The check's report for a person.
#include "harness/check/show/check_text.h"

#include <fmt/core.h>

#include "harness/check/diagnose/ladder.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

template <class T>
std::string shown(const Fact<T>& fact, const char* how = "{}") {
  return fact.value ? fmt::format(fmt::runtime(how), *fact.value) : "unknown";
}

std::string with_reason(const Fact<std::string>& fact) {
  return fact.value ? *fact.value : "unknown (" + fact.reason + ")";
}

std::string cuda_shown(const Fact<std::int64_t>& version) {
  return version.value ? cuda_version_text(*version.value) : "unknown (" + version.reason + ")";
}

std::string gibibytes(const Fact<std::int64_t>& bytes) {
  return bytes.value ? fmt::format("{:.1f} GiB", static_cast<double>(*bytes.value) / 0x1p30) : "unknown memory";
}

std::string on_off(const Fact<bool>& fact) { return fact.value ? (*fact.value ? "on" : "off") : "unknown"; }

std::string line(const std::string& name, const std::string& text) { return fmt::format("  {:<10} {}\n", name, text); }

std::string gpu_text(const Gpu& gpu) {
  const std::string name = gpu.cuda_ordinal.value ? fmt::format("GPU {}", *gpu.cuda_ordinal.value) : "GPU hidden";
  const std::string cc =
      gpu.compute_capability.value ? compute_capability_text(*gpu.compute_capability.value) : "unknown";
  std::string text = line(name, fmt::format("{}, compute capability {}, {} SMs, {}", shown(gpu.name), cc,
                                            shown(gpu.sm_count), gibibytes(gpu.memory_bytes)));
  text += line("", fmt::format("PCI {}, gen {} of {}, x{} of x{}; {}", shown(gpu.pci_bus_id),
                               shown(gpu.pcie_generation), shown(gpu.pcie_generation_max), shown(gpu.pcie_width),
                               shown(gpu.pcie_width_max), shown(gpu.uuid)));
  text += line(
      "", fmt::format("ECC {}, MIG {}, persistence {}, power limit {} W of {} W, {} degrees, VBIOS {}", on_off(gpu.ecc),
                      on_off(gpu.mig), on_off(gpu.persistence), shown(gpu.power_limit_w, "{:.0f}"),
                      shown(gpu.power_limit_default_w, "{:.0f}"), shown(gpu.temperature_c), shown(gpu.vbios)));
  return text;
}

std::string facts_text(const CheckReport& report) {
  const Environment& environment = report.environment;
  std::string text = line("driver", with_reason(environment.driver));
  text += line("CUDA", fmt::format("driver API {}", cuda_shown(environment.cuda_driver_api)));
  text += line("", fmt::format("runtime in this program {}, compiled with {}", cuda_shown(environment.cuda_runtime),
                               cuda_shown(environment.cuda_compiled_with)));
  if (environment.hardware_present()) text += line("this build", report.versions.text);
  for (const Gpu& gpu : environment.gpus) text += gpu_text(gpu);
  for (const FrameworkVerdict& verdict : report.frameworks) text += line("framework", verdict.text);
  const Host& host = environment.host;
  text += line("CPU", fmt::format("{}, {} cores usable, governor {}, load {}", shown(host.cpu_model),
                                  shown(host.usable_cores), shown(host.governor), shown(host.load_1min, "{:.2f}")));
  text += line("host", fmt::format("{}, kernel {}, {} of {} free{}", shown(host.distribution), shown(host.kernel),
                                   gibibytes(host.memory_available_bytes), gibibytes(host.memory_bytes),
                                   host.container.value ? ", container (" + *host.container.value + ")" : ""));
  return text;
}

// The first thing to do: the cause's remedy; where nothing keeps the GPU from being used, the first warning's.
std::string first_remedy(const CheckReport& report) {
  for (const Severity severity : {Severity::failure, Severity::warning}) {
    for (const Finding& finding : report.findings) {
      if (finding.severity != severity || finding.remedies.empty()) continue;
      const std::string head = severity == Severity::failure ? "Do first" : "To improve";
      return fmt::format("{}: {}\n  more: kernelgate check --explain {}\n", head, finding.remedies.front(), finding.id);
    }
  }
  return "";
}

std::string unmet_text(const std::vector<RequirementOutcome>& requirements) {
  std::string text;
  for (const RequirementOutcome& outcome : requirements) {
    if (!outcome.met) text += fmt::format("NOT MET: {}; there is {}\n", outcome.requirement.text(), outcome.actual);
  }
  return text;
}

// Apart and after the machine's: nothing of it is the machine's fault.
std::string build_text(const CheckReport& report) {
  if (report.build_findings.empty()) return "";
  std::string text = report.build_fits()
                         ? "\nTHIS BUILD of kernelgate can measure here, with this to mind:\n"
                         : "\nTHIS BUILD of kernelgate can't measure the GPU here. That is no fault of the machine:\n";
  for (const Finding& finding : report.build_findings) text += finding_text(finding);
  return text;
}

std::string ladder_text(const Environment& environment, const CheckOptions& options) {
  std::string text = "ladder\n";
  for (const Rung& rung : climb(environment, options)) {
    const char* mark = rung.state == RungState::good ? "ok " : rung.state == RungState::bad ? "BAD" : " - ";
    text += fmt::format("  {} {:<14} {}\n", mark, rung.name, rung.text);
  }
  return text;
}

}  // namespace

std::string finding_text(const Finding& finding) {
  std::string text = fmt::format("{} {}: {}\n", words_of(finding.severity).heading, finding.id, finding.summary);
  for (const std::string& evidence : finding.evidence) text += "    seen:   " + evidence + "\n";
  for (const std::string& remedy : finding.remedies) text += "    remedy: " + remedy + "\n";
  return text;
}

std::string check_text(const CheckReport& report, const CheckOptions& options,
                       const std::vector<RequirementOutcome>& requirements, const std::string& refusal) {
  std::string text = refusal.empty() ? report.headline + "\n" : refusal + "\nthe machine: " + report.headline + "\n";
  text += unmet_text(requirements) + first_remedy(report);
  for (const Finding& finding : report.findings) text += "\n" + finding_text(finding);
  text += build_text(report);
  text += '\n';
  if (report.gpu_present) text += ladder_text(report.environment, options) + "\n";
  text += "facts\n" + facts_text(report);
  if (!requirements.empty()) text += '\n';
  for (const RequirementOutcome& outcome : requirements) {
    text += fmt::format("required {:<24} {} ({})\n", outcome.requirement.text(), state_text(outcome), outcome.actual);
  }
  return text;
}

}  // namespace kernelgate
