#pragma once
// Where a GPU, a driver or a library is missing or does not fit: no use of CUDA, or a doubtful one.

#include <optional>
#include <vector>

#include "harness/check/fake/broken_machine_for_test.h"

namespace kernelgate::broken {

inline std::vector<Broken> machines_without_use() {
  return {
      {"D-HW-NONE", failure, "0x10de", [](auto& p, auto&) { p = bare_machine(); }},
      {"D-HW-VFIO", failure, "bound to vfio-pci", [](auto& p, auto&) { not_driven(p, "/x/vfio-pci"); }},
      {"D-DRV-NOUVEAU", failure, "0000:19:00.0 is bound to nouveau",
       [](auto& p, auto&) { not_driven(p, "/x/nouveau"); }},
      {"D-DRV-UNLOADED", failure, "no /sys/module/nvidia", [](auto& p, auto&) { not_driven(p, ""); }},
      {"D-DRV-UNLOADED", failure, "nvmlInit_v2 returned 9",
       [](auto& p, auto&) {
         nvml_answers(p, 9);
         cuda_answers(p, 100);
       }},
      {"D-DRV-HANG", failure, "no answer within 60 s",
       [](auto& p, auto&) {
         p.cuda_view = {};
         p.cuda_view.probe_error = "no answer within 60 s";
       }},
      {"D-DRV-ARCH", failure, "compute capability 7.0",
       [](auto& p, auto& o) {
         set_driver(p, "595.71.05", 13020);
         nvml_gpu(p).compute_capability = p.cuda_view.gpus[0].compute_capability = {70, ""};
         o.architectures = {"70"};
       }},
      {"D-DRV-OPEN", failure, "GB202 [10de:2b85]",
       [](auto& p, auto&) {
         p.files["/sys/bus/pci/devices/0000:19:00.0/device"] = "0x2b85\n";
         p.files["/proc/driver/nvidia/version"] =
             "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.95.05  Release\n";
         p.nvml_view.gpus.clear();
         cuda_answers(p, 100);
       }},
      {"D-DRV-INIT", failure, "NVML counts 0 GPUs",
       [](auto& p, auto&) {
         p.nvml_view.gpus.clear();
         p.nvml_view.device_count = {0, ""};
         cuda_answers(p, 100);
       }},
      {"D-DEV-NODES", failure, "no /dev/nvidiactl",
       [](auto& p, auto&) {
         remove_files(p, "/dev/nvidia");
         nvml_answers(p, 9);
         cuda_answers(p, 100);
       }},
      {"D-JOB-NOGPU", failure, "CUDA_VISIBLE_DEVICES=NoDevFiles",
       [](auto& p, auto&) {
         p.variables["CUDA_VISIBLE_DEVICES"] = "NoDevFiles";
         p.nvml_view.gpus.clear();
         cuda_answers(p, 100);
       }},
      {"D-CTR-NOGPU", failure, "no /dev/nvidiactl",
       [](auto& p, auto&) {
         in_docker(p);
         no_libraries(p);
         remove_files(p, "/dev/nvidia");
       }},
      {"D-LIB-STUB", failure, "cuInit returned 34", [](auto& p, auto&) { cuda_answers(p, 34); }},
      {"D-LIB-EMPTY", failure, "file too short",
       [](auto& p, auto&) { p.cuda_view = not_loaded("libcuda.so.1: file too short"); }},
      {"D-CTR-CAP", failure, "NVIDIA_DRIVER_CAPABILITIES=utility",
       [](auto& p, auto&) {
         p.variables["NVIDIA_DRIVER_CAPABILITIES"] = "utility";
         p.cuda_view = library_absent("libcuda.so.1");
       }},
      {"D-CTR-CAP", warning, "libnvidia-ml.so.1 not loaded",
       [](auto& p, auto&) {
         in_docker(p);
         p.nvml_view = library_absent("libnvidia-ml.so.1");
       }},
      {"D-CTR-CGROUP", failure, "/dev/nvidiactl: Operation not permitted",
       [](auto& p, auto&) {
         in_docker(p);
         p.refused["/dev/nvidiactl"] = "Operation not permitted";
         nvml_answers(p, 999);
         cuda_answers(p, 304);
       }},
      {"D-DEV-PERM", failure, "/dev/nvidia0: Permission denied",
       [](auto& p, auto&) {
         p.refused["/dev/nvidia0"] = "Permission denied";
         cuda_answers(p, 100);
       }},
      {"D-LIB-MISSING", failure, "No such file", [](auto& p, auto&) { p.cuda_view = library_absent("libcuda.so.1"); }},
      {"D-LIB-MISMATCH", failure, "libcuda.so.580.105.08",
       [](auto& p, auto&) {
         nvml_answers(p, 18);
         cuda_answers(p, 999);
         p.cuda_view.path = "/usr/lib/x86_64-linux-gnu/libcuda.so.580.105.08";
       }},
      {"D-COMPAT-804", failure, "cuInit returned 804", [](auto& p, auto&) { cuda_answers(p, 804); }},
      {"D-COMPAT-804", failure, "for kernel drivers of branch 535, 550",
       [](auto& p, auto&) {
         cuda_answers(p, 804);
         has_compat_note(p, {535, 550});
       }},
      {"D-COMPAT-804", failure, "the driver's own library",
       [](auto& p, auto&) {
         cuda_answers(p, 804);
         p.cuda_view.notes.has_compat_note = {false, ""};
       }},
      {"D-COMPAT-803", failure, "cuInit returned 803", [](auto& p, auto&) { cuda_answers(p, 803); }},
      {"D-COMPAT-803", failure, "for kernel drivers of branch 535, 550",
       [](auto& p, auto&) {
         cuda_answers(p, 803);
         has_compat_note(p, {535, 550});
       }},
      {"D-COMPAT-ON", warning, "for kernel drivers of branch 580",
       [](auto& p, auto&) {
         has_compat_note(p, {580});
         p.cuda_view.path = "/usr/lib/x86_64-linux-gnu/libcuda.so.580.159.04";  // the module is 580.95.05
       }},
      {"D-COMPAT-ON", warning, "FORWARD_COMPAT",
       [](auto& p, auto&) {
         set_driver(p, "535.309.01", 12020);
         p.cuda_view.cuda_driver_version = {13000, ""};
         p.cuda_view.path = "/usr/local/cuda-13.0/compat/libcuda.so.580.95.05";
       }},
      {"D-CTR-UVM", failure, "/dev/nvidia-uvm: missing",
       [](auto& p, auto&) {
         cuda_answers(p, 999);
         remove_files(p, "/dev/nvidia-uvm");
       }},
      {"D-WSL-SHADOW", failure, "/usr/lib/x86_64-linux-gnu/libcuda.so",
       [](auto& p, auto&) {
         p.files["/dev/dxg"] = "";
         cuda_answers(p, 100);
       }},
      {"D-BUILD-NOCUDA", failure, "NVIDIA H200",
       [](auto& p, auto& o) {
         o.built_with_cuda = false;
         p.versions.compiled_with = {std::nullopt, "no CUDA"};
       }},
      {"D-VER-MAJOR", failure, "NATIVE from 580.65.06, MVC from 580.65.06",
       [](auto& p, auto&) { set_driver(p, "570.211.01", 12080); }},
      {"D-VER-MVC", warning, "NATIVE from 575.51.03, MVC from 525.60.13",
       [](auto& p, auto&) {
         set_driver(p, "570.211.01", 12080);
         p.versions.compiled_with = {12090, ""};
       }},
      {"D-VER-GPU", failure, "driver 565.57.01",
       [](auto& p, auto& o) {
         set_driver(p, "565.57.01", 12070);
         p.versions.compiled_with = {12060, ""};
         nvml_gpu(p).compute_capability = {120, ""};
         o.architectures = {"120"};
         cuda_answers(p, 100);
       }},
      {"D-ARCH-BIN", failure, "compiled for: 80, 100a",
       [](auto&, auto& o) {
         o.architectures = {"80", "100a"};
       }},
      {"D-ARCH-BIN", failure, "sm_90a: cuModuleLoadDataEx returned 209",
       [](auto& p, auto&) { image_answers(p, 0, 209); }},
      {"D-DRV-HANG", failure, "GPU 0: using it: no answer within 60 s",
       [](auto& p, auto&) {
         p.trials[0] = {};
         p.trials[0].probe_error = "no answer within 60 s";
       }},
      {"D-MEMORY", failure, "GPU 0: allocating memory returned 2",
       [](auto& p, auto&) {
         p.trials[0].memory_code = {2, ""};
       }},
      {"D-VER-PTX", warning, "PTX 9.0: cuModuleLoadDataEx returned 222",
       [](auto& p, auto&) { image_answers(p, 1, 222); }},
      {"D-VER-PTX", failure, "PTX 9.0: cuModuleLoadDataEx returned 222",
       [](auto& p, auto&) {
         p.trials[0].images.erase(p.trials[0].images.begin());
         image_answers(p, 0, 222);
       }},
      {"D-JIT", warning, "PTX 6.3: cuModuleLoadDataEx returned 221",
       [](auto& p, auto&) {
         image_answers(p, 1, 221);
         image_answers(p, 2, 221);
       }},
      {"D-JIT", warning, "CUDA_DISABLE_PTX_JIT=1",
       [](auto& p, auto&) {
         p.variables["CUDA_DISABLE_PTX_JIT"] = "1";
         p.trials[0].images.erase(p.trials[0].images.begin());
         image_answers(p, 0, 223);
       }},
      {"D-KERNEL-WRONG", failure, "GPU 0, sm_90a: 1 of 8 numbers",
       [](auto& p, auto&) {
         p.trials[0].images[0].right = {false, ""};
         p.trials[0].images[0].wrong = "1 of 8 numbers, the first at 3: 0 and not 1";
       }},
      {"D-KERNEL-FAIL", failure, "sm_90a: cuCtxSynchronize returned 700",
       [](auto& p, auto&) {
         image_answers(p, 0, 700);
         p.trials[0].images[0].step = "cuCtxSynchronize";
       }},
      {"D-GVISOR", warning, "driver 580.95.05 is not among those", [](auto& p, auto&) { p.release = "4.4.0"; }},
      {"D-GVISOR", failure, "driver 580.95.05 is not among those",
       [](auto& p, auto&) {
         p.release = "4.4.0";
         cuda_answers(p, 999);
       }},
      {"D-NOPERM", warning, "temperature_c",
       [](auto& p, auto&) {
         nvml_gpu(p).temperature_c = {std::nullopt, "no permission"};
       }},
      {"W-PCIE", warning, "gen 1 of 5, x8 of x16, while copying 3.1 GB/s",
       [](auto& p, auto&) {
         p.trials[0].pcie_generation = {1, ""};
         p.trials[0].pcie_width = {8, ""};
         p.trials[0].host_to_device_bytes_per_s = {3.1e9, ""};
       }},
      {"W-PCIE", warning, "gen 5 of 5, x8 of x16, while copying",
       [](auto& p, auto&) {
         p.trials[0].pcie_width = {8, ""};
       }},
      {"W-CLOCK", warning, "345 MHz of 1980 MHz under load: power cap",
       [](auto& p, auto&) {
         p.trials[0].sm_clock_hz = {345e6, ""};
         p.trials[0].clocks_event_reasons = {4, ""};
       }},
      {"D-FABRIC", failure, "fabric in progress",
       [](auto& p, auto&) {
         cuda_answers(p, 802);
         nvml_gpu(p).fabric_state = {2, ""};
       }},
      {"D-CONF-COMPUTE", failure, "the GPUs are not ready",
       [](auto& p, auto&) {
         cuda_answers(p, 802);
         p.nvml_view.conf_compute_ready = {false, ""};
       }},
      {"D-MPS", failure, "cuInit returned 807", [](auto& p, auto&) { cuda_answers(p, 807); }},
      {"D-LIC", failure, "cuInit returned 102", [](auto& p, auto&) { cuda_answers(p, 102); }},
      {"D-GPU-SICK", failure, "recovery action 1 (reset)",
       [](auto& p, auto&) {
         nvml_gpu(p).recovery_action = {1, ""};
       }},
      {"D-GPU-SICK", failure, "nvmlInit_v2 returned 15",
       [](auto& p, auto&) {
         nvml_answers(p, 15);
         cuda_answers(p, 100);
       }},
      {"D-GPU-SICK", warning, "returned 15",
       [](auto& p, auto&) {
         Gpu lost;
         lost.name.reason = "nvmlDeviceGetHandleByIndex_v2(1) returned 15";
         p.nvml_view.gpus.push_back(lost);
       }},
      {"D-MIG", failure, "MIG on",
       [](auto& p, auto&) {
         cuda_answers(p, 100);
         nvml_gpu(p).mig = {true, ""};
       }},
      {"D-MODE", failure, "prohibited",
       [](auto& p, auto&) {
         nvml_gpu(p).compute_mode = {2, ""};
       }},
      {"D-MODE", failure, "held by 1",
       [](auto& p, auto&) {
         nvml_gpu(p).compute_mode = {3, ""};
         nvml_gpu(p).other_processes = {1, ""};
       }},
      {"D-MODE", failure, "GPU 0: making a context returned 46",
       [](auto& p, auto&) {
         p.trials[0].context_code = {46, ""};
       }},
      {"D-VIS", failure, "with it unset, CUDA shows 1 GPU(s)",
       [](auto& p, auto&) {
         p.unmasked_view = p.cuda_view;
         cuda_answers(p, 100);
         p.variables["CUDA_VISIBLE_DEVICES"] = "";
       }},
      {"D-VIS", failure, "CUDA_VISIBLE_DEVICES=7",
       [](auto& p, auto&) {
         p.unmasked_view = p.cuda_view;
         cuda_answers(p, 100);
         p.variables["CUDA_VISIBLE_DEVICES"] = "7";
       }},
      {"D-VIS", failure, "GPU-00112233", [](auto&, auto& o) { o.ordinal = 3; }},
      {"D-CUDA-INIT", failure, "GPU 0: making a context returned 999",
       [](auto& p, auto&) {
         p.trials[0].context_code = {999, ""};
       }},
      {"D-CUDA-INIT", failure, "cuInit returned 999", [](auto& p, auto&) { cuda_answers(p, 999); }},
  };
}

}  // namespace kernelgate::broken
