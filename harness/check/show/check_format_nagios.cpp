// One line for Nagios, Icinga and those that speak like them: status, the cause, performance data.
#include <fmt/ostream.h>

#include "harness/check/show/check_format.h"

namespace kernelgate {
namespace {

// Monitoring plugins development guidelines, table "Plugin Return Codes".
enum Status : int { ok = 0, warning = 1, critical = 2, unknown = 3 };

// A '|' begins performance data and a line's end the long output: neither may come from a fact.
std::string plain(std::string text) {
  for (char& c : text) {
    if (c == '|' || c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

template <class T>
void add(std::string& data, int gpu, const char* name, const Fact<T>& fact, const char* unit, double scale = 1) {
  if (!fact.value) return;  // a missing figure is left out, never 0
  data += fmt::format(" gpu{}_{}={:.6g}{}", gpu, name, static_cast<double>(*fact.value) * scale, unit);
}

std::string performance_data(const Check& check) {
  std::string data = fmt::format("gpus={}", check.report.environment.visible_gpus());
  for (int i = 0; i < check.report.environment.visible_gpus(); ++i) {
    const Gpu* gpu = check.report.environment.visible_gpu(i);
    if (!gpu) continue;
    add(data, i, "temperature", gpu->temperature_c, "");
    add(data, i, "memory_free", gpu->memory_free_bytes, "B");
    add(data, i, "power_limit", gpu->power_limit_w, "");
    if (const GpuTrial* trial = check.report.environment.trial(i)) {
      add(data, i, "sm_clock_loaded", trial->sm_clock_hz, "");
      add(data, i, "host_to_device", trial->host_to_device_bytes_per_s, "B");
    }
  }
  return data;
}

void print_finding(std::ostream& out, const Finding& finding, const char* of) {
  const std::string remedy = finding.remedies.empty() ? "" : "; remedy: " + finding.remedies.front();
  fmt::print(out, "{}{}: {}{}\n", of, finding.id, plain(finding.summary), plain(remedy));
}

// Lines of the policy that do not refuse, unless `strict`, and do not hold.
std::vector<PolicyOutcome> broken_warnings(const Check& check) {
  std::vector<PolicyOutcome> broken;
  if (!check.policy || check.strict) return broken;
  for (const PolicyOutcome& line : check.policy->lines) {
    if (line.line.severity == PolicySeverity::warn && !line.holds()) broken.push_back(line);
  }
  return broken;
}

class Nagios final : public CheckFormat {
 public:
  void write(std::ostream& out, const Check& check) const override {
    static const char* names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    const std::string what = check.headline();
    fmt::print(out, "KERNELGATE {} - {} | {}\n", names[status(check)], plain(what), performance_data(check));
    if (what != check.report.headline) fmt::print(out, "the machine: {}\n", plain(check.report.headline));
    for (const std::string& refusal : check.refusals()) fmt::print(out, "REFUSED: {}\n", plain(refusal));
    for (const PolicyOutcome& line : broken_warnings(check)) {
      fmt::print(out, "WARNING: policy {}, {}: {}\n", check.policy->policy.name, line.line.id, plain(line.why()));
    }
    for (const Finding& finding : check.report.findings) {
      if (finding.severity != Severity::info) print_finding(out, finding, "");
    }
    for (const Finding& finding : check.report.build_findings) print_finding(out, finding, "this build, ");
  }

  int status(const Check& check) const override {
    switch (check.exit_code()) {
      case ExitCode::good:
        break;
      case ExitCode::nothing:
        return unknown;  // no GPU and none required: there is nothing to say of one
      default:
        return critical;
    }
    for (const Finding& finding : check.report.findings) {
      if (finding.severity == Severity::warning) return warning;
    }
    return broken_warnings(check).empty() ? ok : warning;
  }
};

const Nagios format;
const RegisterCheckFormat format_registered{
    {"nagios", "one line and exit codes 0 to 3, as monitoring plugins have", &format}};

}  // namespace
}  // namespace kernelgate
