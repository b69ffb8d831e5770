#pragma once
// Where CUDA works, and software, hardware or settings are not what they should be.

#include <vector>

#include "harness/check/fake/broken_machine_for_test.h"

namespace kernelgate::broken {

inline std::vector<Broken> machines_in_bad_state() {
  return {
      {"W-FRAMEWORK", warning, "built without CUDA, for the CPU: it will not use the GPU",
       [](auto& p, auto&) {
         p.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cpu'\ncuda = None\n";
       }},
      {"W-FRAMEWORK", warning, "which needs driver 580.65.06 or later",
       [](auto& p, auto&) {
         set_driver(p, "570.211.01", 12080);
         p.versions.compiled_with = {12080, ""};
         p.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cu130'\ncuda = '13.0'\n";
       }},
      {"W-LIB-BAD", warning, "cublas 12.9.1.4 (/usr/lib64/libcublas.so.12.9.1.4): kernels free tensor memory",
       [](auto& p, auto& o) {
         p.files["/usr/lib64/libcublas.so.12.9.1.4"] = "";
         nvml_gpu(p).compute_capability = p.cuda_view.gpus[0].compute_capability = {100, ""};
         o.architectures = {"100"};
       }},
      {"W-LIB-BAD", warning, "with cublas 12.9.1.4",
       [](auto& p, auto&) {
         p.files["/usr/lib64/libcublas.so.12.9.1.4"] = p.files["/usr/lib64/libcudnn.so.9.8.0"] = "";
         Gpu second = fake_h200_by_cuda();
         second.cuda_ordinal = {1, ""};
         second.pci_bus_id = {"0000:3b:00.0", ""};
         second.uuid = {"GPU-2", ""};
         p.cuda_view.gpus.push_back(second);
       }},
      {"W-LIB-PAIR", warning, "is for compute capabilities 5.0 to 9.0, here is 12.0",
       [](auto& p, auto& o) {
         p.files["/usr/lib64/libcudnn.so.9.5.1"] = "";
         nvml_gpu(p).compute_capability = p.cuda_view.gpus[0].compute_capability = {120, ""};
         o.architectures = {"120"};
       }},
      {"W-LIB-PAIR", warning, "needs driver 525.60.13 or later",
       [](auto& p, auto&) {
         set_driver(p, "520.61.05", 11080);
         p.versions.compiled_with = {11080, ""};
         p.files["/usr/lib64/libcudnn.so.9.17.0"] = "";
       }},
      {"W-GPU-UNUSED", warning, "0000:b1:00.0: driven by nothing",
       [](auto& p, auto&) {
         p.files["/sys/bus/pci/devices/0000:b1:00.0/vendor"] = "0x10de\n";
         p.files["/sys/bus/pci/devices/0000:b1:00.0/class"] = "0x030200\n";
       }},
      {"W-NEIGHBOUR", warning, "GPU 1 NVIDIA H200 (0000:01:00.0): making a context or memory returned 46",
       [](auto& p, auto&) {
         add_gpu_before(p);
         p.trials.push_back(p.trials.front());
         p.trials.back().context_code = {46, ""};
       }},
      {"D-KERNEL-WRONG", warning, "GPU 1, sm_90a: 1 of 8 numbers",
       [](auto& p, auto&) {
         add_gpu_before(p);
         p.trials.push_back(p.trials.front());
         p.trials.back().images[0].right = {false, ""};
         p.trials.back().images[0].wrong = "1 of 8 numbers, the first at 3: 0 and not 1";
       }},
      {"D-MODE", warning, "GPU 1 NVIDIA H200 (0000:01:00.0): compute mode prohibited",
       [](auto& p, auto&) {
         add_gpu_before(p);
         p.nvml_view.gpus.front().compute_mode = {2, ""};
       }},
      {"W-EOL", warning, "2026-06-30",
       [](auto& p, auto&) {
         set_driver(p, "535.309.01", 12020);
         p.versions.compiled_with = {12020, ""};
       }},
      {"W-EOL", warning, "day not known",
       [](auto& p, auto&) {
         set_driver(p, "575.57.08", 12090);
         p.versions.compiled_with = {12090, ""};
       }},
      {"W-BRANCH", warning, "610.43.02", [](auto& p, auto&) { set_driver(p, "610.43.02", 13030); }},
      {"W-BRANCH", warning, "branches known as of", [](auto& p, auto&) { set_driver(p, "700.10", 14000); }},
      {"W-NVML", warning, "returned 999", [](auto& p, auto&) { nvml_answers(p, 999); }},
      {"W-PERSISTENCE", warning, "persistence off",
       [](auto& p, auto&) {
         nvml_gpu(p).persistence = {false, ""};
       }},
      {"W-POWER-LIMIT", warning, "limit 500 W, default 700 W",
       [](auto& p, auto&) {
         nvml_gpu(p).power_limit_w = {500, ""};
       }},
      {"W-THROTTLE", warning, "hardware thermal slowdown at 31",
       [](auto& p, auto&) {
         nvml_gpu(p).clocks_event_reasons = {0x41, ""};
       }},
      {"W-COTENANT", warning, "2 other",
       [](auto& p, auto&) {
         nvml_gpu(p).other_processes = {2, ""};
       }},
      {"W-ECC-PENDING", warning, "now on, then off",
       [](auto& p, auto&) {
         nvml_gpu(p).ecc_pending = {false, ""};
       }},
      {"D-GPU-SICK", failure, "row remapping failed",
       [](auto& p, auto&) {
         nvml_gpu(p).row_remap_failed = {true, ""};
       }},
      {"D-GPU-SICK", failure, "513 rows remapped",
       [](auto& p, auto&) {
         nvml_gpu(p).remapped_rows_uncorrected = {513, ""};
       }},
      {"D-GPU-SICK", failure, "63 pages retired",
       [](auto& p, auto&) {
         nvml_gpu(p).retired_pages_corrected = {50, ""};
         nvml_gpu(p).retired_pages_uncorrected = {13, ""};
       }},
      {"D-GPU-SICK", failure, "SRAM errors exceed",
       [](auto& p, auto&) {
         nvml_gpu(p).sram_threshold_exceeded = {true, ""};
       }},
      {"D-GPU-SICK", failure, "unrepairable memory",
       [](auto& p, auto&) {
         nvml_gpu(p).memory_unrepairable = {true, ""};
       }},
      {"D-GPU-SICK", failure, "2 uncorrected ECC errors",
       [](auto& p, auto&) {
         nvml_gpu(p).ecc_uncorrected = nvml_gpu(p).ecc_uncorrected_ever = {2, ""};
       }},
      {"W-COTENANT", warning, "1 graphics process",
       [](auto& p, auto&) {
         nvml_gpu(p).graphics_processes = {1, ""};
       }},
      {"W-REMAP", warning, "row remapping pending",
       [](auto& p, auto&) {
         nvml_gpu(p).row_remap_pending = {true, ""};
       }},
      {"W-REMAP", warning, "page retirement pending",
       [](auto& p, auto&) {
         nvml_gpu(p).page_retirement_pending = {true, ""};
       }},
      {"W-ECC-ERRORS", warning, "3 uncorrected in its life",
       [](auto& p, auto&) {
         nvml_gpu(p).ecc_uncorrected_ever = {3, ""};
       }},
      {"W-TELEMETRY", warning, "1100 W now, with a limit of 700 W",
       [](auto& p, auto&) {
         nvml_gpu(p).power_w = {1100, ""};
       }},
      {"W-HOT", warning, "9 degrees to go at 78",
       [](auto& p, auto&) {
         nvml_gpu(p).temperature_margin_c = {9, ""};
         nvml_gpu(p).temperature_c = {78, ""};
       }},
      {"W-DISPLAY", warning, "display active, 2 graphics",
       [](auto& p, auto&) {
         nvml_gpu(p).display_active = {true, ""};
         nvml_gpu(p).graphics_processes = {2, ""};
       }},
      {"W-ORDER", warning, "GPU 0 NVIDIA H200 (0000:19:00.0): nvidia-smi calls it 1",
       [](auto& p, auto&) { add_gpu_before(p); }},
      {"W-PCIE-WIDTH", warning, "generation 3 at most, the GPU can do 5",
       [](auto& p, auto&) {
         nvml_gpu(p).pcie_generation_max = nvml_gpu(p).pcie_generation = {3, ""};
       }},
      {"W-PCIE-WIDTH", warning, "x8 at most, the GPU can do x16",
       [](auto& p, auto&) {
         nvml_gpu(p).pcie_width_max = nvml_gpu(p).pcie_width = {8, ""};
       }},
      {"W-ENV", warning, "CUDA_LAUNCH_BLOCKING=1", [](auto& p, auto&) { p.variables["CUDA_LAUNCH_BLOCKING"] = "1"; }},
      {"W-ENV", warning, "NVIDIA_TF32_OVERRIDE=0", [](auto& p, auto&) { p.variables["NVIDIA_TF32_OVERRIDE"] = "0"; }},
      {"W-GOVERNOR", warning, "powersave",
       [](auto& p, auto&) { p.files["/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"] = "powersave\n"; }},
      {"W-LOAD", warning, "33.50", [](auto& p, auto&) { p.files["/proc/loadavg"] = "33.50 1 1 1/2 3\n"; }},
      {"W-DB-OLD", warning, "181 days", [](auto&, auto& o) { o.today = "2027-05-28"; }},
  };
}

}  // namespace kernelgate::broken
