// Which index of a framework's wheels has one for this GPU and this driver.
#include "harness/check/knowledge/wheel_choice.h"

#include <algorithm>

#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

bool serves_all(const WheelIndex& wheels, const std::vector<const Gpu*>& gpus, bool native) {
  return std::ranges::all_of(gpus, [&](const Gpu* gpu) {
    const std::optional<std::int64_t>& cc = gpu->compute_capability.value;
    return !cc || has_code(wheels, *cc, native);
  });
}

// The CUDA major that all else here is of, then the newest release of the framework, then the newest CUDA.
bool better(const WheelIndex& a, const WheelIndex& b) {
  const auto newest = [](const WheelIndex& wheels) {
    return Version::parse(wheels.last.empty() ? "9999.0" : wheels.last).value_or(*Version::parse("0.0"));
  };
  if (a.cuda / 1000 != b.cuda / 1000) return a.cuda > b.cuda;
  if (newest(a) != newest(b)) return newest(a) > newest(b);
  return a.cuda > b.cuda;
}

}  // namespace

// Machine code of 8.0 runs on 8.6, too; that of 8.6 not on 8.0, and none on another major.
bool has_code(const WheelIndex& wheels, std::int64_t cc, bool native) {
  if (native && wheels.ptx != 0 && wheels.ptx <= cc) return true;
  return std::ranges::any_of(wheels.machine_code, [&](int one) { return one / 10 == cc / 10 && one <= cc; });
}

const WheelIndex* wheels_of(const Framework& framework, const CompatDb& compat) {
  const auto found = std::ranges::find_if(compat.wheels(), [&](const WheelIndex& wheels) {
    return wheels.framework == framework.name && framework.version.ends_with("+" + wheels.index);
  });
  return found == compat.wheels().end() ? nullptr : &*found;
}

const WheelIndex* choose_wheels(const std::string& framework, const Environment& environment, const CompatDb& compat) {
  const std::vector<const Gpu*> gpus = relevant_gpus(environment);
  const WheelIndex* chosen = nullptr;
  bool chosen_is_native = false;
  for (const WheelIndex& wheels : compat.wheels()) {  // the oldest CUDA first
    if (wheels.framework != framework) continue;
    const VersionState state = judge_cuda(wheels.cuda, environment, compat);
    // With no driver known, its upgrade is another finding's; the newest wheel is as good as any.
    const bool native = state == VersionState::native || state == VersionState::forward_compat ||
                        (state == VersionState::unknown && !environment.driver.value);
    if (!native && state != VersionState::minor_version) continue;
    if (!serves_all(wheels, gpus, native)) continue;
    // Of those that are not native the oldest is the least asked for.
    if (!chosen || (native && (!chosen_is_native || better(wheels, *chosen)))) {
      chosen = &wheels;
      chosen_is_native = native;
    }
  }
  return chosen;
}

}  // namespace kernelgate
