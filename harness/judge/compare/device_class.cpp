#include "harness/judge/compare/device_class.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kernelgate {

const DeviceClass& device_class(std::string_view kind) {
  static constexpr std::array classes{DeviceClass{"cuda", 0.005, 0.005, 0.004, 0.01, Noise::symmetric},
                                      DeviceClass{"cpu", 0.012, 0.009, 0.009, 0.03, Noise::one_sided},
                                      DeviceClass{"cpu_hosted", 0.06, 0.06, 0.06, 0.03, Noise::symmetric, true}};
  const auto* found = std::ranges::find(classes, kind, [](const DeviceClass& c) { return std::string_view(c.kind); });
  return found != classes.end() ? *found : device_class("cpu");  // an unknown kind is as noisy as any
}

const DeviceClass& class_of(const Side& side, const CompareOptions& options) {
  const std::string& name = options.device_class;
  if (!name.empty() && std::ranges::find(class_names, name) == std::end(class_names))
    throw HarnessError(ExitCode::usage,
                       fmt::format("--class {}: no such class; there are {}", name, fmt::join(class_names, ", ")));
  if (name == "gpu") return device_class("cuda");
  if (!name.empty() && side.device_kind == "cuda")
    throw HarnessError(ExitCode::usage, fmt::format("--class {}: these are a GPU's times; leave it out", name));
  const bool hosted = name.empty() ? side.device_kind == "cpu" && side.source != "kernelgate" : name == "hosted";
  return device_class(hosted ? "cpu_hosted" : side.device_kind);
}

}  // namespace kernelgate
