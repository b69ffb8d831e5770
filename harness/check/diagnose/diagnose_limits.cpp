// What this place does not let us do or see.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

Found in_gvisor(const Environment& environment, const CheckOptions& options) {
  if (!environment.host.gvisor) return std::nullopt;
  const std::string driver = environment.driver.value.value_or("");
  const bool listed = options.compat->gvisor_supports(driver);
  Match match{"This is a gVisor sandbox: hardware counters and clock control can't be had",
              {"kernel " + environment.host.kernel.value.value_or("unknown")}};
  match.evidence.push_back(driver.empty()
                               ? "driver unknown"
                               : fmt::format("driver {} is {}among those that gVisor supports as of {}", driver,
                                             listed ? "" : "not ", options.compat->as_of("gvisor_drivers")));
  if (!listed && !cuda_works(environment, options)) {
    match.summary = "This is a gVisor sandbox, and it does not support this driver";
    match.severity = Severity::failure;
  }
  return match;
}

Found facts_refused(const Environment& environment, const CheckOptions&) {
  // reason -> facts, for the GPUs that matter
  std::map<std::string, std::vector<std::string>> refused;
  for (const Gpu* gpu : relevant_gpus(environment)) {
    for_each_gpu_field([&](const char* name, auto member) {
      // NVML tells this to root alone, everywhere: no finding, or every user's check would have it.
      if (std::string_view(name) == "sram_threshold_exceeded") return;
      const auto& fact = gpu->*member;
      if (!fact.value && fact.reason.find("no permission") != std::string::npos)
        refused[gpu_label(*gpu)].push_back(name);
    });
  }
  if (refused.empty()) return std::nullopt;
  Match match{"Some facts are kept from this user", {}};
  for (const auto& [gpu, facts] : refused) match.evidence.push_back(fmt::format("{}: {}", gpu, fmt::join(facts, ", ")));
  return match;
}

const Diagnosis limit_table[] = {
    {"D-GVISOR",
     Severity::warning,
     "gVisor passes a list of driver versions through, and of each only what it knows: no hardware counters, no "
     "compute-sanitizer, no MIG capabilities, no locking of clocks. An unsupported version ends the sandbox or fails.",
     {"@host runsc nvproxy list-supported-drivers tells the versions; install one of them on the host",
      "For figures to compare, measure outside the sandbox, or only with results of the same sandbox"},
     "google/gvisor, nvproxy",
     in_gvisor},
    {"D-NOPERM",
     Severity::warning,
     "The driver tells some things to root alone. What is missing is null in every document, with this reason.",
     {"@bare Run the check once as root to see them: sudo kernelgate check",
      "@container Run the check once on the host, as root"},
     "NVML return code 4",
     facts_refused},
};

}  // namespace

std::span<const Diagnosis> limit_diagnoses() { return limit_table; }

}  // namespace kernelgate
