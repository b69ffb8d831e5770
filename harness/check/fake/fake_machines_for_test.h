#pragma once
// Two whole machines for tests, and the ways in which one breaks.

#include <cstdint>
#include <optional>
#include <string>

#include "harness/check/fake/fake_probe_for_test.h"

namespace kernelgate {

inline Gpu fake_h200_by_nvml() {
  Gpu gpu;
  gpu.name = {"NVIDIA H200", ""};
  gpu.uuid = {"GPU-00112233-4455-6677-8899-aabbccddeeff", ""};
  gpu.pci_bus_id = {"0000:19:00.0", ""};
  gpu.board_part_number = {"699-2G520-0230-300", ""};
  gpu.vbios = {"96.00.A5.00.01", ""};
  gpu.gsp_firmware = {"580.95.05", ""};
  gpu.inforom_version = {"G520.0280.00.05", ""};
  gpu.serial = {"1650123456789", ""};
  gpu.nvml_index = {0, ""};
  gpu.compute_capability = {90, ""};
  gpu.memory_bytes = {150754820096, ""};
  gpu.memory_free_bytes = {150000000000, ""};
  gpu.ecc = gpu.ecc_pending = gpu.persistence = {true, ""};
  gpu.mig = {false, ""};
  gpu.compute_mode = {0, ""};
  gpu.virtualization_mode = {0, ""};
  gpu.display_attached = {true, ""};  // as servers' GPUs say, with no screen on them
  gpu.display_active = {false, ""};
  gpu.power_limit_w = gpu.power_limit_default_w = gpu.power_limit_max_w = {700, ""};
  gpu.power_limit_min_w = {200, ""};
  gpu.power_w = gpu.power_average_w = {76.5, ""};
  gpu.energy_j = {1.25e6, ""};
  gpu.sm_clock_max_hz = {1980e6, ""};
  gpu.memory_clock_max_hz = {3201e6, ""};
  gpu.sm_clock_application_hz = {1980e6, ""};
  gpu.memory_clock_application_hz = {3201e6, ""};
  gpu.sm_clock_hz = {345e6, ""};
  gpu.memory_clock_hz = {3201e6, ""};
  gpu.temperature_c = {31, ""};
  gpu.memory_temperature_c = {37, ""};
  gpu.temperature_margin_c = {56, ""};
  gpu.temperature_slowdown_c = {90, ""};
  gpu.temperature_shutdown_c = {95, ""};
  gpu.temperature_max_operating_c = {87, ""};
  gpu.slowdown_tlimit_c = {-2, ""};
  gpu.shutdown_tlimit_c = {-5, ""};
  gpu.max_operating_tlimit_c = gpu.memory_max_tlimit_c = {0, ""};
  gpu.performance_state = {0, ""};
  gpu.clocks_event_reasons = {1, ""};
  gpu.pcie_generation = gpu.pcie_generation_max = gpu.pcie_generation_gpu_max = {5, ""};
  gpu.pcie_width = gpu.pcie_width_max = {16, ""};
  gpu.pcie_replays = gpu.ecc_corrected = gpu.ecc_uncorrected = {0, ""};
  gpu.ecc_corrected_ever = gpu.ecc_uncorrected_ever = {0, ""};
  gpu.remapped_rows_corrected = gpu.remapped_rows_uncorrected = {0, ""};
  gpu.row_remap_pending = gpu.row_remap_failed = gpu.memory_unrepairable = {false, ""};
  gpu.sram_threshold_exceeded.reason = "no permission";
  gpu.retired_pages_corrected.reason = gpu.retired_pages_uncorrected.reason = gpu.page_retirement_pending.reason =
      "not supported by this GPU";
  gpu.other_processes = gpu.graphics_processes = gpu.recovery_action = {0, ""};
  gpu.fabric_state = {3, ""};
  return gpu;
}

inline Gpu fake_h200_by_cuda() {
  Gpu gpu;
  const Gpu known = fake_h200_by_nvml();
  gpu.name = known.name;
  gpu.uuid = known.uuid;
  gpu.pci_bus_id = known.pci_bus_id;
  gpu.compute_capability = known.compute_capability;
  gpu.memory_bytes = {150000000000, ""};
  gpu.cuda_ordinal = {0, ""};
  gpu.sm_count = {132, ""};
  gpu.l2_bytes = {62914560, ""};
  return gpu;
}

/// The trial of a GPU on which everything comes out right.
inline GpuTrial healthy_trial() {
  GpuTrial trial;
  trial.context_code = trial.memory_code = {0, ""};
  for (const char* name : {"sm_90a", "PTX 9.0", "PTX 6.3"}) {
    ImageTrial image;
    image.name = name;
    image.ptx = name[0] == 'P';
    image.fits = true;
    image.code = {0, ""};
    image.right = {true, ""};
    trial.images.push_back(image);
  }
  trial.pcie_generation = {5, ""};
  trial.pcie_width = {16, ""};
  trial.sm_clock_hz = {1980e6, ""};
  trial.memory_clock_hz = {3201e6, ""};
  trial.clocks_event_reasons = {0, ""};
  trial.host_to_device_bytes_per_s = {55e9, ""};
  return trial;
}

/// Image `number` of the trial ends with this code.
inline void image_answers(FakeProbe& probe, std::size_t number, std::int64_t code) {
  ImageTrial& image = probe.trials.front().images.at(number);
  image.code = {code, ""};
  image.step = "cuModuleLoadDataEx";
  image.right = {std::nullopt, "it did not run"};
}

inline void set_driver(FakeProbe& probe, const std::string& version, std::int64_t cuda) {
  probe.files["/proc/driver/nvidia/version"] =
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  " + version + "  Release Build\nGCC version:  12.2.0\n";
  probe.nvml_view.path = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so." + version;
  probe.cuda_view.path = "/usr/lib/x86_64-linux-gnu/libcuda.so." + version;
  probe.nvml_view.driver_version = {version, ""};
  probe.nvml_view.cuda_driver_version = probe.cuda_view.cuda_driver_version = {cuda, ""};
}

inline void remove_files(FakeProbe& probe, const std::string& under) {
  std::erase_if(probe.files, [&](const auto& file) { return file.first.starts_with(under); });
}

/// cuInit returns `code` and shows no GPU.
inline void cuda_answers(FakeProbe& probe, std::int64_t code) {
  probe.cuda_view.init_code = {code, ""};
  probe.cuda_view.gpus.clear();
}

/// nvmlInit_v2 returns `code` and shows no GPU.
inline void nvml_answers(FakeProbe& probe, std::int64_t code) {
  probe.nvml_view.init_code = {code, ""};
  probe.nvml_view.driver_version = {std::nullopt, "nvmlInit_v2 failed"};
  probe.nvml_view.gpus.clear();
}

inline LibraryView not_loaded(const std::string& error) {
  LibraryView view;
  view.load_error = error;
  const std::string why = "could not be loaded";
  view.init_code.reason = view.cuda_driver_version.reason = view.device_count.reason = view.driver_version.reason = why;
  return view;
}

inline LibraryView library_absent(const std::string& name) {
  return not_loaded(name + ": cannot open shared object file: No such file or directory");
}

/// A server with no GPU and no driver.
inline FakeProbe bare_machine() {
  FakeProbe probe;
  probe.files = {
      {"/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"},
      {"/proc/cpuinfo",
       "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9654 96-Core Processor\n"
       "stepping\t: 1\nmicrocode\t: 0xa101148\nflags\t\t: fpu sse2 avx avx2 fma avx512f\n"},
      {"/proc/loadavg", "0.10 0.20 0.30 1/234 5678\n"},
      {"/proc/meminfo", "MemTotal:       16384 kB\nMemAvailable:    8192 kB\n"},
      {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n"},
      {"/sys/fs/cgroup/cpu.max", "max 100000\n"},
      {"/sys/bus/pci/devices/0000:00:02.0/vendor", "0x1234\n"},
      {"/sys/bus/pci/devices/0000:00:02.0/class", "0x030000\n"},
  };
  probe.nvml_view = library_absent("libnvidia-ml.so.1");
  probe.cuda_view = library_absent("libcuda.so.1");
  return probe;
}

/// A server with one H200, driver 580.95.05, and nothing to complain of.
inline FakeProbe healthy_h200() {
  FakeProbe probe = bare_machine();
  const std::string device = "/sys/bus/pci/devices/0000:19:00.0";
  probe.files[device + "/vendor"] = "0x10de\n";
  probe.files[device + "/class"] = "0x030200\n";
  probe.files[device + "/max_link_width"] = "16\n";
  probe.links[device + "/driver"] = "../../../../bus/pci/drivers/nvidia";
  probe.files["/sys/module/nvidia/version"] = "580.95.05\n";
  for (const char* node : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"}) probe.files[node] = "";
  probe.nvml_view = probe.cuda_view = LibraryView{};
  probe.nvml_view.loaded = probe.cuda_view.loaded = true;
  probe.nvml_view.init_code = probe.cuda_view.init_code = {0, ""};
  probe.nvml_view.device_count = probe.cuda_view.device_count = {1, ""};
  probe.nvml_view.gpus = {fake_h200_by_nvml()};
  probe.cuda_view.gpus = {fake_h200_by_cuda()};
  probe.cuda_view.driver_version.reason = "libcuda does not tell";
  probe.trials = {healthy_trial()};
  set_driver(probe, "580.95.05", 13000);
  return probe;
}

}  // namespace kernelgate
