// Runs the table of diagnoses over the facts.
#include "harness/check/diagnose/diagnose.h"

#include <fmt/core.h>

#include "harness/base/error.h"
#include "harness/check/diagnose/place.h"

namespace kernelgate {
namespace {

Finding finding_of(const Diagnosis& diagnosis, Match match, const Environment& environment) {
  Finding finding;
  finding.id = diagnosis.id;
  finding.severity = match.severity.value_or(diagnosis.severity);
  finding.summary = std::move(match.summary);
  finding.evidence = std::move(match.evidence);
  finding.remedies = std::move(match.remedies);
  if (finding.remedies.empty()) finding.remedies.assign(diagnosis.remedies.begin(), diagnosis.remedies.end());
  finding.remedies = remedies_here(finding.remedies, environment);
  finding.source = diagnosis.source;
  return finding;
}

// What matches, in order: only the first failure keeps that severity, later ones are its context.
std::vector<Finding> findings_of(const std::vector<const Diagnosis*>& diagnoses, const Environment& environment,
                                 const CheckOptions& options) {
  std::vector<Finding> findings;
  bool failed = false;
  for (const Diagnosis* diagnosis : diagnoses) {
    if (diagnosis->last_resort && failed) continue;
    std::optional<Match> match = diagnosis->check(environment, options);
    if (!match) continue;
    Finding finding = finding_of(*diagnosis, std::move(*match), environment);
    if (finding.severity == Severity::failure) {
      if (failed) finding.severity = Severity::info;
      failed = true;
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<const Diagnosis*> machine_diagnoses() {
  std::vector<const Diagnosis*> all;
  for (const auto group :
       {hardware_diagnoses(), container_diagnoses(), driver_diagnoses(), library_diagnoses(), limit_diagnoses(),
        device_diagnoses(), trial_diagnoses(), software_warnings(), gpu_warnings(), host_warnings()}) {
    for (const Diagnosis& diagnosis : group) all.push_back(&diagnosis);
  }
  return all;
}

}  // namespace

std::vector<const Diagnosis*> all_diagnoses() {
  std::vector<const Diagnosis*> all = machine_diagnoses();
  for (const Diagnosis& diagnosis : build_diagnoses()) all.push_back(&diagnosis);
  return all;
}

bool cuda_works(const Environment& environment, const CheckOptions& options) {
  const GpuTrial* trial = environment.trial(options.ordinal);
  const bool had = !trial || (trial->probe_error.empty() && trial->failed_code() == 0);
  return environment.cuda.init_code.value == 0 && environment.visible_gpu(options.ordinal) && had;
}

std::vector<Finding> diagnose(const Environment& environment, const CheckOptions& options) {
  std::vector<const Diagnosis*> applicable = machine_diagnoses();
  if (!environment.hardware_present()) {
    applicable = {&hardware_diagnoses().front()};
    for (const Diagnosis& diagnosis : host_warnings()) applicable.push_back(&diagnosis);
  }
  return findings_of(applicable, environment, options);
}

std::vector<Finding> diagnose_build(const Environment& environment, const CheckOptions& options) {
  if (!environment.hardware_present()) return {};
  std::vector<const Diagnosis*> applicable;
  for (const Diagnosis& diagnosis : build_diagnoses()) applicable.push_back(&diagnosis);
  return findings_of(applicable, environment, options);
}

std::string explain(const std::string& id) {
  std::string known;
  for (const Diagnosis* diagnosis : all_diagnoses()) {
    if (diagnosis->id != id) {
      known += (known.empty() ? "" : " ") + std::string(diagnosis->id);
      continue;
    }
    const SeverityWords& words = words_of(diagnosis->severity);
    std::string text =
        fmt::format("{} ({}): {}\n\n{}\n\nRemedies, best first:\n", id, words.name, words.meaning, diagnosis->cause);
    int number = 0;
    for (const char* remedy : diagnosis->remedies) text += fmt::format("  {}. {}\n", ++number, remedy_anywhere(remedy));
    return text + fmt::format("\nSource: {}\n", diagnosis->source);
  }
  throw HarnessError(ExitCode::usage, fmt::format("there is no finding '{}'; the ids are: {}", id, known));
}

}  // namespace kernelgate
