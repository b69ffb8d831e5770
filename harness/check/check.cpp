// The check: facts, findings, verdict.
#include "harness/check/check.h"

#include <fmt/core.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

const Finding* cause_of(const std::vector<Finding>& findings) {
  const auto found = std::ranges::find(findings, Severity::failure, &Finding::severity);
  return found == findings.end() ? nullptr : &*found;
}

std::string headline_of(const CheckReport& report, const CheckOptions& options) {
  const Finding* cause = cause_of(report.findings);
  if (!report.gpu_present) return "NO GPU HERE: nothing of NVIDIA's was found; only the CPU can be measured";
  if (!report.gpu_usable) {
    return fmt::format("GPU NOT USABLE: {} [{}]", cause ? cause->summary : "cause not known", cause ? cause->id : "");
  }
  const auto warnings = std::ranges::count(report.findings, Severity::warning, &Finding::severity);
  const Finding* lack = cause_of(report.build_findings);
  return fmt::format("GPU USABLE: {}, driver {}{}{}", gpu_label(*report.environment.visible_gpu(options.ordinal)),
                     report.environment.driver.value.value_or("unknown"),
                     warnings ? fmt::format(", {} warning{}", warnings, warnings == 1 ? "" : "s") : "",
                     lack ? fmt::format("; but not by this build of kernelgate [{}]", lack->id) : "");
}

}  // namespace

std::vector<Finding> CheckReport::all_findings() const {
  std::vector<Finding> all = findings;
  all.insert(all.end(), build_findings.begin(), build_findings.end());
  return all;
}

bool CheckReport::build_fits() const { return cause_of(build_findings) == nullptr; }

ExitCode CheckReport::exit_code(bool strict) const {
  if (!gpu_present) return ExitCode::nothing;
  if (!gpu_usable) return ExitCode::refused;
  const bool warned = std::ranges::count(findings, Severity::warning, &Finding::severity) > 0;
  return strict && warned ? ExitCode::refused : ExitCode::good;
}

CheckReport run_check(const Probe& probe, const CheckOptions& options) {
  CheckReport report;
  report.environment = read_environment(probe);
  report.versions = judge_versions(report.environment, *options.compat);
  report.frameworks = judge_frameworks(report.environment, *options.compat);
  report.findings = diagnose(report.environment, options);
  report.build_findings = diagnose_build(report.environment, options);
  report.gpu_present = report.environment.hardware_present();
  report.gpu_usable = report.gpu_present && !cause_of(report.findings) && cuda_works(report.environment, options);
  report.headline = headline_of(report, options);
  return report;
}

nlohmann::json to_json(const std::vector<Finding>& findings) {
  nlohmann::json document = nlohmann::json::array();
  for (const Finding& finding : findings) {
    document.push_back({{"id", finding.id},
                        {"severity", words_of(finding.severity).name},
                        {"summary", finding.summary},
                        {"evidence", finding.evidence},
                        {"remedies", finding.remedies},
                        {"source", finding.source}});
  }
  return document;
}

nlohmann::json to_json(const CheckReport& report) {
  const VersionVerdict& versions = report.versions;
  return {{"schema_version", check_schema_version},
          {"kind", "kernelgate.check"},
          {"headline", report.headline},
          {"gpu_present", report.gpu_present},
          {"gpu_usable", report.gpu_usable},
          {"versions",
           {{"state", to_string(versions.state)},
            {"text", versions.text},
            {"driver_numbers", report.environment.host.wsl ? "windows" : "linux"},
            {"native_floor", versions.native_floor},
            {"mvc_floor", versions.major_floor}}},
          {"frameworks", to_json(report.frameworks)},
          {"environment", to_json(report.environment)},
          {"findings", to_json(report.findings)},
          {"build", {{"fits", report.build_fits()}, {"findings", to_json(report.build_findings)}}}};
}

}  // namespace kernelgate
