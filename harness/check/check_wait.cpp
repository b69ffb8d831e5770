// Waiting for a machine that is not ready yet.
#include "harness/check/check_wait.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace kernelgate {
namespace {

constexpr std::array<std::string_view, 3> passing = {"D-FABRIC", "D-MPS", "D-DRV-UNLOADED"};
// A fabric takes tens of seconds; asking the driver takes one or two.
constexpr std::chrono::seconds pause{5};

}  // namespace

bool passes_by_itself(const CheckReport& report) {
  return std::ranges::any_of(report.findings, [](const Finding& finding) {
    return finding.severity == Severity::failure && std::ranges::count(passing, finding.id) > 0;
  });
}

CheckReport run_check_until_ready(const Probe& probe, const CheckOptions& options, std::chrono::seconds limit,
                                  const std::function<void(std::chrono::seconds)>& sleep,
                                  const std::function<void(const CheckReport&)>& told) {
  std::chrono::seconds waited{0};
  while (true) {
    CheckReport report = run_check(probe, options);
    if (waited >= limit || !passes_by_itself(report)) return report;
    told(report);
    const std::chrono::seconds next = std::min(pause, limit - waited);
    sleep(next);
    waited += next;
  }
}

}  // namespace kernelgate
