#include "bench/run/choose_device.h"

#include <fmt/format.h>

#include <sstream>

#include "bench/program/build_info.h"
#include "bench/run/devices.h"
#include "bench/run/measure_suite.h"
#include "harness/base/utc_time.h"
#include "harness/check/machine/system_probe.h"

namespace kernelgate {
namespace {

void print_findings(const CheckReport& check) {
  for (const Finding& finding : check.all_findings()) {
    if (finding.severity == Severity::info) continue;
    // That there is no GPU is the headline already, and no failure of a run on the CPU.
    if (finding.severity == Severity::failure && !check.gpu_present) continue;
    fmt::print(stderr, "  {} {}: {}\n", words_of(finding.severity).heading, finding.id, finding.summary);
    if (!finding.remedies.empty()) fmt::print(stderr, "    remedy: {}\n", finding.remedies.front());
  }
}

ChosenDevice gpu(int ordinal) {
  std::string reason;
  const auto device = cuda_device(ordinal, reason);
  if (!device)
    throw HarnessError(ExitCode::refused,
                       fmt::format("GPU {} can't be used: {}; see: kernelgate check", ordinal, reason));
  fmt::print(stderr, "measuring on GPU {}: {}, compute capability {}.{}\n", ordinal, device->name,
             device->compute_capability / 10, device->compute_capability % 10);
  return {*device, false};
}

}  // namespace

CheckOptions check_options(int ordinal) {
  CheckOptions options;
  options.ordinal = ordinal;
  options.today = utc_now().substr(0, 10);
  std::stringstream architectures(build_info().architectures);
  for (std::string one; std::getline(architectures, one, ',');) options.architectures.push_back(one);
  return options;
}

CheckReport check_environment(int ordinal) { return run_check(SystemProbe{}, check_options(ordinal)); }

ChosenDevice choose_device(const std::string& wanted, int ordinal, const CheckReport& check) {
  fmt::print(stderr, "environment: {}\n", check.headline);
  print_findings(check);
  if (wanted == "cpu") {
    fmt::print(stderr, "measuring on the CPU, as asked\n");
    return {cpu_device(), false};
  }
  if (check.gpu_usable && check.build_fits()) return gpu(ordinal);
  if (check.gpu_usable)
    throw HarnessError(
        ExitCode::refused,
        "the GPU is usable, but not by this build of kernelgate (above); see: kernelgate check. To measure "
        "the CPU all the same: --device cpu");
  if (check.gpu_present)
    throw HarnessError(ExitCode::refused,
                       "there is a GPU, and it can't be used (above); see: kernelgate check. "
                       "To measure the CPU all the same: --device cpu");
  if (wanted == "cuda")
    throw HarnessError(ExitCode::nothing, "no GPU here, and --device cuda needs one; see: kernelgate check");
  fmt::print(stderr, "\n*** NO GPU: measuring on the CPU. These figures say nothing of a GPU. ***\n\n");
  return {cpu_device(), true};
}

}  // namespace kernelgate
