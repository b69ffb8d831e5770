// Whether the driver is new enough for the CUDA that this program was compiled with, and how.
#include "harness/check/knowledge/version_verdict.h"

#include <fmt/core.h>

namespace kernelgate {
namespace {

template <class T>
std::string shown(const Fact<T>& fact) {
  return fact.value ? cuda_version_text(*fact.value) : "unknown";
}

}  // namespace

const char* to_string(VersionState state) {
  switch (state) {
    case VersionState::native:
      return "NATIVE";
    case VersionState::minor_version:
      return "MVC";
    case VersionState::forward_compat:
      return "FORWARD_COMPAT";
    case VersionState::too_old:
      return "TOO_OLD";
    case VersionState::unknown:
      break;
  }
  return "UNKNOWN";
}

VersionState judge_cuda(std::int64_t compiled, const Environment& environment, const CompatDb& compat) {
  const int toolkit = static_cast<int>(compiled);
  const bool windows = environment.host.wsl;
  const std::optional<std::int64_t> api = environment.cuda_driver_api.value;
  const std::optional<Version> driver = Version::parse(environment.driver.value.value_or(""));
  // the runtime's own test is the major of the driver API's version (cudart 13.0 gives error 35 for 12.9).
  if (api && *api / 1000 < compiled / 1000) return VersionState::too_old;
  if (api && driver && !windows) {
    const DriverBranch* branch = compat.branch(driver->branch());
    if (branch && *api > branch->native_cuda) return VersionState::forward_compat;
  }
  const std::optional<Version> native = compat.native_floor(toolkit, windows);
  const std::optional<Version> major = compat.major_floor(toolkit, windows);
  if (driver && native && *driver >= *native) return VersionState::native;
  if (driver && major) {
    if (*driver < *major) return VersionState::too_old;
    if (native) return VersionState::minor_version;
  }
  // A toolkit newer than the table, or one for which NVIDIA gives no Windows number.
  if (!api) return driver && native ? VersionState::too_old : VersionState::unknown;
  if (*api >= compiled) return VersionState::native;
  return compiled >= 11000 ? VersionState::minor_version : VersionState::too_old;
}

VersionVerdict judge_versions(const Environment& environment, const CompatDb& compat) {
  VersionVerdict verdict;
  if (environment.cuda_compiled_with.value) {
    verdict.state = judge_cuda(*environment.cuda_compiled_with.value, environment, compat);
  }
  const int compiled = static_cast<int>(environment.cuda_compiled_with.value.value_or(0));
  verdict.native_floor = compat.native_floor_text(compiled, environment.host.wsl);
  verdict.major_floor = compat.major_floor_text(compiled, environment.host.wsl);
  verdict.text = fmt::format("{}: driver {} (driver API CUDA {}), compiled with CUDA {}; NATIVE from {}, MVC from {}",
                             to_string(verdict.state), environment.driver.value.value_or("unknown"),
                             shown(environment.cuda_driver_api), shown(environment.cuda_compiled_with),
                             verdict.native_floor, verdict.major_floor);
  return verdict;
}

}  // namespace kernelgate
