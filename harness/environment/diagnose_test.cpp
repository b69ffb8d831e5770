// Every finding, each from a fake machine that is broken in one way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/environment/fake_machines.h"
#include "harness/environment/gate.h"

namespace kernelgate {
namespace {

using testing::Contains;
using testing::HasSubstr;

GateOptions usual_options() {
  GateOptions options;
  options.built_with_cuda = true;
  options.architectures = {"80", "90a"};
  options.today = "2026-11-22";
  return options;
}

struct Broken {
  const char* id;
  Severity severity;
  const char* evidence;  ///< a part of one of the evidence lines
  std::function<void(FakeProbe&, GateOptions&)> break_it;
};

void in_docker(FakeProbe& probe) { probe.files["/.dockerenv"] = ""; }
Gpu& nvml_gpu(FakeProbe& probe) { return probe.nvml_view.gpus.front(); }
void has_compat_note(FakeProbe& probe, const std::vector<int>& drivers) {
  probe.cuda_view.notes.has_compat_note = {true, ""};
  probe.cuda_view.notes.forward_compat = {ForwardCompat{"13.0", drivers, {}}, ""};
}
constexpr const char* driver_link = "/sys/bus/pci/devices/0000:19:00.0/driver";
constexpr Severity failure = Severity::failure, warning = Severity::warning;

// A second GPU, at a lower PCI address, that CUDA counts after the first.
void add_gpu_before(FakeProbe& probe) {
  Gpu by_nvml = fake_h200_by_nvml(), by_cuda = fake_h200_by_cuda();
  by_nvml.pci_bus_id = by_cuda.pci_bus_id = {"0000:01:00.0", ""};
  by_nvml.uuid = by_cuda.uuid = {"GPU-second", ""};
  by_cuda.cuda_ordinal = {1, ""};
  probe.nvml_view.gpus.front().nvml_index = {1, ""};
  probe.nvml_view.gpus.insert(probe.nvml_view.gpus.begin(), by_nvml);
  probe.cuda_view.gpus.push_back(by_cuda);
}

void no_libraries(FakeProbe& probe) {
  probe.nvml_view = library_absent("libnvidia-ml.so.1");
  probe.cuda_view = library_absent("libcuda.so.1");
}

void not_driven(FakeProbe& probe, const char* by) {
  no_libraries(probe);
  remove_files(probe, "/sys/module/nvidia");
  remove_files(probe, "/proc/driver");
  remove_files(probe, "/dev/nvidia");
  probe.links[driver_link] = by;
}

const std::vector<Broken>& broken_machines() {
  static const std::vector<Broken> all = {
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
      {"D-JIT", failure, "CUDA_DISABLE_PTX_JIT=1",
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
      {"W-DB-OLD", warning, "181 days", [](auto&, auto& o) { o.today = "2027-05-22"; }},
  };
  return all;
}

class BrokenMachine : public testing::TestWithParam<Broken> {};

TEST_P(BrokenMachine, IsDiagnosed) {
  FakeProbe probe = healthy_h200();
  GateOptions options = usual_options();
  GetParam().break_it(probe, options);
  const GateReport report = run_gate(probe, options);
  const auto found = std::ranges::find(report.findings, GetParam().id, &Finding::id);
  ASSERT_NE(found, report.findings.end()) << to_json(report.findings).dump(1);
  EXPECT_EQ(found->severity, GetParam().severity) << to_json(report.findings).dump(1);
  EXPECT_THAT(found->evidence, Contains(HasSubstr(GetParam().evidence)));
  EXPECT_FALSE(found->summary.empty());
  EXPECT_FALSE(found->remedies.empty());
  EXPECT_FALSE(found->source.empty());
  // One cause at most, and a GPU is usable exactly when there is none.
  const auto causes = std::ranges::count(report.findings, Severity::failure, &Finding::severity);
  EXPECT_EQ(causes, GetParam().severity == failure ? 1 : 0) << to_json(report.findings).dump(1);
  EXPECT_EQ(report.gpu_usable, causes == 0);
  const bool none = std::string(GetParam().id) == "D-HW-NONE";
  EXPECT_EQ(report.gpu_present, !none);
  EXPECT_EQ(report.exit_code(false), none ? ExitCode::nothing : causes ? ExitCode::refused : ExitCode::good);
  EXPECT_EQ(report.exit_code(true), none ? ExitCode::nothing : ExitCode::refused);
  if (causes && !none) {
    EXPECT_THAT(report.headline, HasSubstr(GetParam().id));
  }
}

INSTANTIATE_TEST_SUITE_P(Gate, BrokenMachine, testing::ValuesIn(broken_machines()), [](const auto& test) {
  std::string name = std::to_string(test.index) + "_" + test.param.id;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Diagnose, EveryIdHasABrokenMachineAndAnExplanation) {
  std::set<std::string> tested, known;
  for (const Broken& broken : broken_machines()) tested.insert(broken.id);
  for (const Diagnosis* diagnosis : all_diagnoses()) {
    EXPECT_TRUE(known.insert(diagnosis->id).second) << "twice: " << diagnosis->id;
    const std::string text = explain(diagnosis->id);
    EXPECT_THAT(text, HasSubstr(diagnosis->cause));
    EXPECT_FALSE(diagnosis->remedies.empty());
    for (const char* remedy : diagnosis->remedies) EXPECT_EQ(std::string(remedy).find('\n'), std::string::npos);
  }
  EXPECT_EQ(tested, known);
}

TEST(Diagnose, UnknownIdIsAUsageError) {
  try {
    explain("D-NOPE");
    FAIL();
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("D-VER-MAJOR"));
  }
}

TEST(Diagnose, AHealthyMachineHasNoFindings) {
  const GateReport report = run_gate(healthy_h200(), usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
  EXPECT_TRUE(report.gpu_usable);
  EXPECT_THAT(report.headline, HasSubstr("NVIDIA H200"));
  EXPECT_EQ(report.exit_code(true), ExitCode::good);
}

TEST(Diagnose, LaterFailuresAreContextOfTheFirst) {
  FakeProbe probe = healthy_h200();
  GateOptions options = usual_options();
  cuda_answers(probe, 802);
  options.architectures = {"80"};
  const std::vector<Finding> findings = diagnose(read_environment(probe), options);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].id, "D-ARCH-BIN");
  EXPECT_EQ(findings[0].severity, Severity::failure);
  EXPECT_EQ(findings[1].id, "D-FABRIC");
  EXPECT_EQ(findings[1].severity, Severity::info);
}

const Finding& cause_of(const GateReport& report) {
  return *std::ranges::find(report.findings, Severity::failure, &Finding::severity);
}

// As seen on an H200 with driver 580.159.04: its own libcuda has the note of a forward-compatibility library.
TEST(Diagnose, TheDriversOwnLibraryWithANoteIsNoFinding) {
  FakeProbe probe = healthy_h200();
  has_compat_note(probe, {535, 550, 580});
  EXPECT_TRUE(run_gate(probe, usual_options()).findings.empty());
}

TEST(Diagnose, Error804HasTwoCausesThatFileAndFolderTellApart) {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, 804);
  probe.cuda_view.notes.has_compat_note = {false, ""};
  const GateReport updated = run_gate(probe, usual_options());
  EXPECT_THAT(cause_of(updated).summary, HasSubstr("reboot is pending"));
  EXPECT_THAT(cause_of(updated).remedies, testing::ElementsAre(HasSubstr("Reboot")));
  has_compat_note(probe, {535, 580});  // newer drivers' own libraries have it, too: both, the likelier first
  EXPECT_THAT(cause_of(run_gate(probe, usual_options())).remedies,
              testing::ElementsAre(HasSubstr("Reboot"), HasSubstr("cuda-compat")));
  probe.cuda_view.notes = {};  // its file can't be read
  EXPECT_THAT(cause_of(run_gate(probe, usual_options())).remedies,
              testing::ElementsAre(HasSubstr("Reboot"), HasSubstr("cuda-compat")));
  probe.cuda_view.path = "/usr/local/cuda-13.0/compat/libcuda.so.580.159.04";
  const GateReport package = run_gate(probe, usual_options());
  EXPECT_THAT(cause_of(package).remedies, testing::ElementsAre(HasSubstr("cuda-compat")));
}

TEST(Diagnose, Error803NamesBothSides) {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, 803);
  has_compat_note(probe, {535, 550});
  EXPECT_THAT(cause_of(run_gate(probe, usual_options())).summary, HasSubstr("branch 535, 550, not 580"));
  has_compat_note(probe, {535, 580});
  EXPECT_THAT(cause_of(run_gate(probe, usual_options())).summary, testing::Not(HasSubstr("not 580")));
}

// As seen on an H200: a package of the image beside a newer driver.
TEST(Diagnose, Error803OfAPackageOlderThanTheDriverSaysToDropIt) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "580.159.04", 13000);
  cuda_answers(probe, 803);
  has_compat_note(probe, {535, 550, 580});
  probe.cuda_view.path = "/usr/local/cuda-13.0/compat/libcuda.so.580.95.05";
  const GateReport report = run_gate(probe, usual_options());
  EXPECT_THAT(cause_of(report).summary, HasSubstr("580.95.05 is older than the driver 580.159.04"));
  EXPECT_THAT(cause_of(report).remedies, testing::ElementsAre(HasSubstr("LD_LIBRARY_PATH")));
}

TEST(Diagnose, AnUnknownNewerBranchOnlyWarns) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "700.10", 14000);
  EXPECT_TRUE(run_gate(probe, usual_options()).gpu_usable);
}

TEST(Diagnose, BinariesRunOnTheirMajorFromTheirMinorOn) {
  const struct {
    const char* architecture;
    int cc;
    bool runs;
  } rows[] = {{"80", 80, true},   {"80", 86, true},    {"86", 80, false},    {"80", 90, false},
              {"90a", 90, true},  {"90", 90, true},    {"100a", 103, false}, {"100", 103, true},
              {"120", 121, true}, {"120", 100, false}, {"12", 120, false}};
  for (const auto& row : rows) {
    FakeProbe probe = healthy_h200();
    probe.trials.clear();
    probe.nvml_view.gpus[0].compute_capability = probe.cuda_view.gpus[0].compute_capability = {row.cc, ""};
    GateOptions options = usual_options();
    options.architectures = {row.architecture};
    EXPECT_EQ(run_gate(probe, options).gpu_usable, row.runs) << row.architecture << " on " << row.cc;
  }
}

TEST(Diagnose, GpusCountedInOneOrderAreNoFinding) {
  FakeProbe probe = healthy_h200();
  add_gpu_before(probe);
  std::swap(probe.cuda_view.gpus[0].cuda_ordinal, probe.cuda_view.gpus[1].cuda_ordinal);
  EXPECT_TRUE(run_gate(probe, usual_options()).findings.empty());
}

// Each at the last value that is still good.
TEST(Diagnose, WarningsHoldTheirLimits) {
  FakeProbe probe = healthy_h200();
  Gpu& gpu = nvml_gpu(probe);
  gpu.temperature_margin_c = {10, ""};
  gpu.power_w = {1050, ""};
  gpu.remapped_rows_uncorrected = {512, ""};
  gpu.retired_pages_corrected = {62, ""};
  gpu.pcie_generation = {1, ""};  // idle
  gpu.ecc_corrected = gpu.ecc_corrected_ever = {7, ""};
  const GateReport report = run_gate(probe, usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
}

TEST(Diagnose, OneUncorrectedErrorIsOneFinding) {
  FakeProbe probe = healthy_h200();
  nvml_gpu(probe).ecc_uncorrected = nvml_gpu(probe).ecc_uncorrected_ever = {1, ""};
  EXPECT_EQ(run_gate(probe, usual_options()).findings.size(), 1U);
}

TEST(Diagnose, ALinkOfUnknownCapabilityIsNoFinding) {
  FakeProbe probe = healthy_h200();
  probe.files["/sys/bus/pci/devices/0000:19:00.0/max_link_width"] = "255\n";
  nvml_gpu(probe).pcie_width_max = {8, ""};
  nvml_gpu(probe).pcie_generation_gpu_max.value.reset();
  EXPECT_TRUE(run_gate(probe, usual_options()).findings.empty());
}

TEST(Diagnose, LibrariesAndFrameworksThatGoTogetherAreNoFinding) {
  FakeProbe probe = healthy_h200();
  for (const char* library : {"libcublas.so.13.1.0.3", "libcudnn.so.9.17.0", "libcudart.so.13.0.96"}) {
    probe.files[std::string("/usr/lib64/") + library] = "";
  }
  probe.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cu130'\ncuda = '13.0'\n";
  const GateReport report = run_gate(probe, usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
  EXPECT_EQ(to_json(report)["frameworks"][0]["state"], "NATIVE");
  EXPECT_EQ(to_json(report)["environment"]["libraries"]["cudnn"]["version"], "9.17.0");
}

TEST(Diagnose, ABadPairHarmsOnlyTogetherAndOnlyOnItsMachines) {
  const auto found = [](const FakeProbe& probe) {
    const GateReport report = run_gate(probe, usual_options());
    return std::ranges::count(report.findings, std::string("W-LIB-BAD"), &Finding::id) > 0;
  };
  FakeProbe probe = healthy_h200();
  probe.files["/usr/lib64/libcublas.so.12.9.1.4"] = probe.files["/usr/lib64/libcudnn.so.9.8.0"] = "";
  EXPECT_FALSE(found(probe));  // one GPU, and not Blackwell
  Gpu second = fake_h200_by_cuda();
  second.cuda_ordinal = {1, ""};
  second.pci_bus_id = {"0000:3b:00.0", ""};
  second.uuid = {"GPU-2", ""};
  probe.cuda_view.gpus.push_back(second);
  EXPECT_TRUE(found(probe));
  probe.files.erase("/usr/lib64/libcublas.so.12.9.1.4");
  EXPECT_FALSE(found(probe));
  probe.files["/usr/lib64/libcublas.so.12.8.4.1"] = "";
  EXPECT_FALSE(found(probe));
  probe.files["/usr/lib64/libcublas.so.12.9.0.13"] = "";
  EXPECT_TRUE(found(probe));
  probe.files["/usr/lib64/libcudnn.so.9.10.1"] = "";
  EXPECT_FALSE(found(probe));
}

TEST(Diagnose, AUsersTablesDecideInsteadOfTheShippedOnes) {
  const CompatDb db = CompatDb::parse(
      R"({"schema_version": 1, "floors": {"as_of": "2027-05-01", "page": "p", "rows": [{"major": 13, "linux": "590.1",
          "windows": "591.1", "source": "nvidia", "where": "p", "as_of": "2027-05-01"}]}})",
      "mine.json", CompatDb::shipped());
  GateOptions options = usual_options();
  options.compat = &db;
  FakeProbe probe = healthy_h200();
  probe.versions.compiled_with = {13010, ""};
  EXPECT_EQ(run_gate(probe, usual_options()).versions.state, VersionState::minor_version);
  const GateReport report = run_gate(probe, options);
  EXPECT_EQ(report.versions.state, VersionState::too_old);
  EXPECT_THAT(report.headline, HasSubstr("D-VER-MAJOR"));
  options.today = "2027-05-22";  // the shipped ones would be old by now
  probe = healthy_h200();
  probe.versions.compiled_with = {12080, ""};
  EXPECT_TRUE(run_gate(probe, options).findings.empty());
}

TEST(Diagnose, TablesOfHalfAYearAreNotOld) {
  GateOptions options = usual_options();
  options.today = "2027-05-21";  // 180 days
  EXPECT_TRUE(run_gate(healthy_h200(), options).findings.empty());
}

}  // namespace
}  // namespace kernelgate
