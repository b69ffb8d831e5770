#pragma once
// A fake machine that is broken in one way, and what tests break it with.

#include <functional>
#include <vector>

#include "harness/check/check.h"
#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate::broken {

inline CheckOptions usual_options() {
  CheckOptions options;
  options.built_with_cuda = true;
  options.architectures = {"80", "90a"};
  options.today = "2026-11-22";
  return options;
}

struct Broken {
  const char* id;
  Severity severity;
  const char* evidence;  ///< a part of one of the evidence lines
  std::function<void(FakeProbe&, CheckOptions&)> break_it;
};

inline void in_docker(FakeProbe& probe) { probe.files["/.dockerenv"] = ""; }
inline Gpu& nvml_gpu(FakeProbe& probe) { return probe.nvml_view.gpus.front(); }
inline void has_compat_note(FakeProbe& probe, const std::vector<int>& drivers) {
  probe.cuda_view.notes.has_compat_note = {true, ""};
  probe.cuda_view.notes.forward_compat = {ForwardCompat{"13.0", drivers, {}}, ""};
}
inline constexpr const char* driver_link = "/sys/bus/pci/devices/0000:19:00.0/driver";
inline constexpr Severity failure = Severity::failure, warning = Severity::warning;

// A second GPU, at a lower PCI address, that CUDA counts after the first.
inline void add_gpu_before(FakeProbe& probe) {
  Gpu by_nvml = fake_h200_by_nvml(), by_cuda = fake_h200_by_cuda();
  by_nvml.pci_bus_id = by_cuda.pci_bus_id = {"0000:01:00.0", ""};
  by_nvml.uuid = by_cuda.uuid = {"GPU-second", ""};
  by_cuda.cuda_ordinal = {1, ""};
  probe.nvml_view.gpus.front().nvml_index = {1, ""};
  probe.nvml_view.gpus.insert(probe.nvml_view.gpus.begin(), by_nvml);
  probe.cuda_view.gpus.push_back(by_cuda);
}

inline void no_libraries(FakeProbe& probe) {
  probe.nvml_view = library_absent("libnvidia-ml.so.1");
  probe.cuda_view = library_absent("libcuda.so.1");
}

inline void not_driven(FakeProbe& probe, const char* by) {
  no_libraries(probe);
  remove_files(probe, "/sys/module/nvidia");
  remove_files(probe, "/proc/driver");
  remove_files(probe, "/dev/nvidia");
  probe.links[driver_link] = by;
}

}  // namespace kernelgate::broken
