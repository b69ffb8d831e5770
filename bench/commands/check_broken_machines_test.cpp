// The check through the program, on machines that are each broken in one way.
#include <functional>
#include <set>

#include "bench/commands/check_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

using Break = std::function<void(MachineFolder&)>;

/// `cause`: the one failure; empty: the GPU is usable. `id`: what is looked at, the cause unless it is a warning.
struct Row {
  const char* name;
  const char* id;
  const char* severity;
  const char* evidence;  ///< a part of one of its lines
  int exit_code;
  Break break_it;
};

void in_docker(MachineFolder& m) { m.write("/.dockerenv", ""); }

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {"NoHardware", "D-HW-NONE", "failure", "0x10de", 77,
       [](auto& m) {
         m.without_driver();
         m.remove("/sys/bus/pci/devices/0000:19:00.0");
       }},
      {"GivenToAVirtualMachine", "D-HW-VFIO", "failure", "0000:19:00.0 is bound to vfio-pci", 5,
       [](auto& m) {
         m.without_driver();
         m.driven_by("vfio-pci");
       }},
      {"Nouveau", "D-DRV-NOUVEAU", "failure", "0000:19:00.0 is bound to nouveau", 5,
       [](auto& m) {
         m.without_driver();
         m.driven_by("nouveau");
       }},
      {"NoModule", "D-DRV-UNLOADED", "failure", "no /sys/module/nvidia", 5, [](auto& m) { m.without_driver(); }},
      {"ModuleNotForNvml", "D-DRV-UNLOADED", "failure", "nvmlInit_v2 returned 9", 5,
       [](auto& m) {
         m.driver.merge(std::map<std::string, std::string>{{"nvmlInit_v2", "9"}, {"cuInit", "100"}});
       }},
      {"CudaHangs", "D-DRV-HANG", "failure", "libcuda.so.580.95.05): no answer within 0.7 s", 5,
       [](auto& m) { m.driver["cuInit"] = "hang"; }},
      {"NvmlHangs", "D-DRV-HANG", "failure", "libnvidia-ml.so.580.95.05): no answer within 0.7 s", 5,
       [](auto& m) { m.driver["nvmlDeviceGetCount_v2"] = "hang"; }},
      {"CudaCrashes", "D-DRV-HANG", "failure", "libcuda.so.580.95.05): ended by signal 11", 5,
       [](auto& m) { m.driver["cuInit"] = "crash"; }},
      {"NvmlCrashes", "D-DRV-HANG", "failure", "libnvidia-ml.so.580.95.05): ended by signal 11", 5,
       [](auto& m) { m.driver["nvmlInit_v2"] = "crash"; }},
      {"TooOldForTheDriver", "D-DRV-ARCH", "failure", "compute capability 7.0", 5,
       [](auto& m) {
         m.install("595.71.05");
         m.driver["cuda_version"] = "13020";
         m.driver["cc"] = "70";
       }},
      {"ContainerWithoutToolkit", "D-CTR-NOGPU", "failure", "no /dev/nvidiactl", 5,
       [](auto& m) {
         in_docker(m);
         m.remove_libraries();
         m.remove_nodes();
       }},
      {"StubByItsCode", "D-LIB-STUB", "failure", "cuInit returned 34", 5, [](auto& m) { m.driver["cuInit"] = "34"; }},
      {"EmptyLibcuda", "D-LIB-EMPTY", "failure", "file too short", 5,
       [](auto& m) {
         m.remove("/usr/lib/x86_64-linux-gnu/libcuda.so.1");
         m.write("/usr/lib/x86_64-linux-gnu/libcuda.so.1", "");
       }},
      {"ContainerForUtilityAlone", "D-CTR-CAP", "failure", "NVIDIA_DRIVER_CAPABILITIES=utility", 5,
       [](auto& m) {
         m.variables["NVIDIA_DRIVER_CAPABILITIES"] = "utility";
         m.remove("/usr/lib/x86_64-linux-gnu/libcuda.so.1");
       }},
      {"ContainerForComputeAlone", "D-CTR-CAP", "warning", "libnvidia-ml.so.1 not loaded", 0,
       [](auto& m) {
         in_docker(m);
         m.remove("/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1");
       }},
      {"ContainerThatLostItsNodes", "D-CTR-CGROUP", "failure", "/dev/nvidiactl: Operation not permitted", 5,
       [](auto& m) {
         in_docker(m);
         m.refuse("/dev/nvidiactl", "Operation not permitted");
         m.driver["nvmlInit_v2"] = "999";
         m.driver["cuInit"] = "304";
       }},
      {"ContainerThatIsDenied", "D-CTR-CGROUP", "failure", "nvmlInit_v2 returned 17", 5,
       [](auto& m) {
         in_docker(m);
         m.driver["nvmlInit_v2"] = "17";
         m.driver["cuInit"] = "304";
       }},
      {"RightsOfTheNodes", "D-DEV-PERM", "failure", "/dev/nvidia0: Permission denied", 5,
       [](auto& m) {
         m.refuse("/dev/nvidia0", "Permission denied");
         m.driver["cuInit"] = "100";
       }},
      {"NoLibcuda", "D-LIB-MISSING", "failure", "No such file", 5,
       [](auto& m) { m.remove("/usr/lib/x86_64-linux-gnu/libcuda.so.1"); }},
      {"UpdatedWithoutReboot", "D-LIB-MISMATCH", "failure", "nvmlInit_v2 returned 18", 5,
       [](auto& m) {
         m.install_libraries("/usr/lib/x86_64-linux-gnu", "580.105.08");
         m.driver["nvmlInit_v2"] = "18";
         m.driver["cuInit"] = "999";
       }},
      {"LibcudaOfAnotherVersion", "D-LIB-MISMATCH", "failure", "/usr/lib/x86_64-linux-gnu/libcuda.so.580.105.08", 5,
       [](auto& m) {
         m.install_libraries("/usr/lib/x86_64-linux-gnu", "580.105.08");
         m.driver["cuInit"] = "999";
       }},
      {"CompatOnAGpuThatForbidsIt", "D-COMPAT-804", "failure", "branch 535, 550, 560, 565, 570, 575", 5,
       [](auto& m) {
         m.install_compat();
         m.driver["cuInit"] = "804";
       }},
      {"RebootPending", "D-COMPAT-804", "failure", "no forward-compatibility note", 5,
       [](auto& m) { m.driver["cuInit"] = "804"; }},
      {"CompatForOtherDrivers", "D-COMPAT-803", "failure", "kernel module 545.29.06", 5,
       [](auto& m) {
         m.install("545.29.06");
         m.install_compat();
         m.driver["cuInit"] = "803";
       }},
      {"CompatThatWorks", "D-COMPAT-ON", "warning", "libcuda.so.575.57.08", 0,
       [](auto& m) {
         m.install("535.309.01");
         m.install_compat();
       }},
      {"NoUvmNode", "D-CTR-UVM", "failure", "/dev/nvidia-uvm: missing", 5,
       [](auto& m) {
         m.remove("/dev/nvidia-uvm");
         m.driver["cuInit"] = "999";
       }},
      {"LinuxDriverInWsl", "D-WSL-SHADOW", "failure", "/usr/lib/x86_64-linux-gnu/libcuda.so.525.60.13", 5,
       [](auto& m) {
         m.without_driver();
         m.remove("/sys/bus/pci/devices/0000:19:00.0");
         m.write("/dev/dxg", "");
         m.install_libraries("/usr/lib/x86_64-linux-gnu", "525.60.13");
         m.driver["driver"] = "581.15";
         m.driver["cuInit"] = "100";
       }},
      {"DriverOfAnOlderMajor", "D-VER-MAJOR", "failure", "MVC from", 0,
       [](auto& m) {
         m.install("470.256.02");
         m.driver["cuda_version"] = "11040";
       }},
      {"NotCompiledForThisGpu", "D-ARCH-BIN", "failure", "compute capability 13.7", 0,
       [](auto& m) { m.driver["cc"] = "137"; }},
      {"DriverFindsNoMachineCode", "D-ARCH-BIN", "failure", "cuModuleLoadDataEx returned 209", 0,
       [](auto& m) { m.driver["cuModuleLoadDataEx"] = "209"; }},
      {"PtxNewerThanTheDriver", "D-VER-PTX", "warning", "cuModuleLoadDataEx returned 222 (fatal: made-up error 222)", 0,
       [](auto& m) { m.driver["compile"] = "222"; }},
      {"EveryImageOfANewerToolkit", "D-VER-PTX", "failure", "cuModuleLoadDataEx returned 222", 0,
       [](auto& m) { m.driver["cuModuleLoadDataEx"] = "222"; }},
      {"NoCompilerOfPtx", "D-JIT", "warning", "cuModuleLoadDataEx returned 221", 0,
       [](auto& m) { m.driver["compile"] = "221"; }},
      {"CompilingSwitchedOff", "D-JIT", "warning", "CUDA_DISABLE_PTX_JIT=1", 0,
       [](auto& m) { m.variables["CUDA_DISABLE_PTX_JIT"] = "1"; }},
      {"OneBitIsWrong", "D-KERNEL-WRONG", "failure", "1 of 270336 numbers, the first at 135168", 5,
       [](auto& m) { m.driver["computes"] = "wrong"; }},
      {"KernelFaults", "D-KERNEL-FAIL", "failure", "cuCtxSynchronize returned 700", 5,
       [](auto& m) { m.driver["cuCtxSynchronize"] = "700"; }},
      {"OthersHoldTheMemory", "D-MEMORY", "failure", "GPU 0: allocating memory returned 2", 5,
       [](auto& m) { m.driver["cuMemAlloc_v2"] = "2"; }},
      {"HangsWhenUsed", "D-DRV-HANG", "failure", "GPU 0: using it: no answer within 0.7 s", 5,
       [](auto& m) { m.driver["cuLaunchKernel"] = "hang"; }},
      {"CrashesWhenUsed", "D-DRV-HANG", "failure", "GPU 0: using it: ended by signal 11", 5,
       [](auto& m) { m.driver["cuModuleLoadDataEx"] = "crash"; }},
      {"NarrowLink", "W-PCIE", "warning", "gen 5 of 5, x8 of x16, while copying", 0,
       [](auto& m) { m.driver["pcie_width"] = "8"; }},
      {"LowClockUnderLoad", "W-CLOCK", "warning", "345 MHz of 1980 MHz under load", 0,
       [](auto& m) { m.driver["sm_clock"] = "345"; }},
      {"SandboxThatKnowsTheDriver", "D-GVISOR", "warning", "driver 580.65.06 is among those", 0,
       [](auto& m) {
         m.install("580.65.06");
         m.write("/proc/sys/kernel/osrelease", "4.4.0\n");
       }},
      {"SandboxOfGvisor", "D-GVISOR", "warning", "driver 580.95.05 is not among those", 0,
       [](auto& m) { m.write("/proc/sys/kernel/osrelease", "4.4.0\n"); }},
      {"SandboxWithoutTheDriver", "D-GVISOR", "failure", "driver 580.95.05 is not among those", 5,
       [](auto& m) {
         m.write("/proc/sys/kernel/osrelease", "4.4.0\n");
         m.driver["cuInit"] = "999";
       }},
      {"FactsForRootAlone", "D-NOPERM", "warning", "vbios", 0,
       [](auto& m) { m.driver["nvmlDeviceGetVbiosVersion"] = "4"; }},
      {"ContextRefused", "D-MODE", "failure", "GPU 0: making a context returned 46", 5,
       [](auto& m) { m.driver["cuDevicePrimaryCtxRetain"] = "46"; }},
      {"HiddenAndSeenWithoutTheVariable", "D-VIS", "failure", "with it unset, CUDA shows 1 GPU(s)", 5,
       [](auto& m) { m.variables["CUDA_VISIBLE_DEVICES"] = "-1"; }},
      {"FabricNotReady", "D-FABRIC", "failure", "an NVSwitch is on the PCI bus", 5,
       [](auto& m) {
         m.write("/sys/bus/pci/devices/0000:05:00.0/vendor", "0x10de\n");
         m.write("/sys/bus/pci/devices/0000:05:00.0/class", "0x068000\n");
         m.driver["cuInit"] = "802";
         m.driver["fabric_state"] = "2";
       }},
      {"MpsIsFull", "D-MPS", "failure", "cuInit returned 807", 5, [](auto& m) { m.driver["cuInit"] = "807"; }},
      {"NoLicence", "D-LIC", "failure", "cuInit returned 102", 5, [](auto& m) { m.driver["cuInit"] = "102"; }},
      {"NeedsAReset", "D-GPU-SICK", "failure", "recovery action 1 (reset)", 5,
       [](auto& m) { m.driver["field.230"] = "1"; }},
      {"FallenOffTheBus", "D-GPU-SICK", "failure", "nvmlInit_v2 returned 15", 5,
       [](auto& m) {
         m.driver["nvmlInit_v2"] = "15";
         m.driver["cuInit"] = "100";
       }},
      {"ANeighbourIsLost", "D-GPU-SICK", "warning", "returned 15", 0,
       [](auto& m) {
         m.driver["gpus"] = "2";
         m.driver["1.handle"] = "15";
         m.variables["CUDA_VISIBLE_DEVICES"] = "0";
       }},
      {"MigWithoutInstances", "D-MIG", "failure", "MIG on", 5,
       [](auto& m) {
         m.driver["mig"] = "1";
         m.driver["cuInit"] = "100";
       }},
      {"Prohibited", "D-MODE", "failure", "compute mode prohibited", 5,
       [](auto& m) { m.driver["compute_mode"] = "2"; }},
      {"Unavailable", "D-MODE", "failure", "cuInit returned 46", 5, [](auto& m) { m.driver["cuInit"] = "46"; }},
      {"ExclusiveAndTaken", "D-MODE", "failure", "held by 1", 5,
       [](auto& m) {
         m.driver["compute_mode"] = "3";
         m.driver["processes"] = "1";
       }},
      {"HiddenByItsNumber", "D-VIS", "failure", "CUDA_VISIBLE_DEVICES=7", 5,
       [](auto& m) { m.variables["CUDA_VISIBLE_DEVICES"] = "7"; }},
      {"HiddenByAnEmptyList", "D-VIS", "failure", "GPU-00112233-4455", 5,
       [](auto& m) { m.variables["CUDA_VISIBLE_DEVICES"] = ""; }},
      {"HiddenByAnotherUuid", "D-VIS", "failure", "CUDA_VISIBLE_DEVICES=GPU-ff", 5,
       [](auto& m) { m.variables["CUDA_VISIBLE_DEVICES"] = "GPU-ff"; }},
      {"Unexplained", "D-CUDA-INIT", "failure", "cuInit returned 3", 5, [](auto& m) { m.driver["cuInit"] = "3"; }},
      {"NoNvml", "W-NVML", "warning", "returned 999", 0, [](auto& m) { m.driver["nvmlInit_v2"] = "999"; }},
      {"NewerBranch", "W-BRANCH", "warning", "999.10", 0,
       [](auto& m) {
         m.install("999.10");
         m.driver["cuda_version"] = "19000";
       }},
      {"PersistenceOff", "W-PERSISTENCE", "warning", "persistence off", 0,
       [](auto& m) { m.driver["persistence"] = "0"; }},
      {"LowPowerLimit", "W-POWER-LIMIT", "warning", "limit 500 W, default 700 W", 0,
       [](auto& m) { m.driver["power_limit"] = "500000"; }},
      {"HeldBackAtIdle", "W-THROTTLE", "warning", "hardware thermal slowdown at 31", 0,
       [](auto& m) { m.driver["event_reasons"] = "65"; }},
      {"OtherProcesses", "W-COTENANT", "warning", "2 other", 0, [](auto& m) { m.driver["processes"] = "2"; }},
      {"EccWillChange", "W-ECC-PENDING", "warning", "now on, then off", 0,
       [](auto& m) { m.driver["ecc_pending"] = "0"; }},
      {"DebuggingVariable", "W-ENV", "warning", "CUDA_LAUNCH_BLOCKING=1", 0,
       [](auto& m) { m.variables["CUDA_LAUNCH_BLOCKING"] = "1"; }},
      {"SlowGovernor", "W-GOVERNOR", "warning", "powersave", 0,
       [](auto& m) { m.write("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n"); }},
      {"BusyHost", "W-LOAD", "warning", "9999.50", 0, [](auto& m) { m.write("/proc/loadavg", "9999.50 1 1 1/2 3\n"); }},
  };
  return all;
}

class BrokenMachine : public CheckTest, public ::testing::WithParamInterface<Row> {};

TEST_P(BrokenMachine, HasThisCause) {
  const Row& row = GetParam();
  const std::string id = row.id;
  const std::set<std::string> of_a_cuda_build = {"D-ARCH-BIN"};
  if (!with_cuda && (id.starts_with("D-VER-") || of_a_cuda_build.contains(id))) {
    GTEST_SKIP() << "this build carries no machine code for a GPU";
  }
  row.break_it(*machine_);
  // A short limit for those that hang alone: on a busy machine others would seem to.
  const bool hangs = std::string(row.evidence).find("no answer within") != std::string::npos;
  const int code = check(hangs ? "--timeout 0.7" : "");
  const json found = build_finding(row.id).is_null() ? finding(row.id) : build_finding(row.id);
  ASSERT_FALSE(found.is_null()) << report_["findings"].dump(1);
  EXPECT_THAT(found["evidence"].get<std::vector<std::string>>(), Contains(HasSubstr(row.evidence)));
  EXPECT_FALSE(found["remedies"].empty());
  const bool of_the_build = !build_finding(row.id).is_null();
  const bool failure = std::string(row.severity) == "failure" && !of_the_build;
  EXPECT_EQ(found["severity"], row.severity);
  EXPECT_EQ(code, row.exit_code) << report_["findings"].dump(1);
  EXPECT_EQ(report_["exit_code"], row.exit_code);
  EXPECT_EQ(causes(), failure ? std::vector<std::string>{row.id} : std::vector<std::string>{})
      << report_["findings"].dump(1);
  EXPECT_EQ(report_["gpu_usable"], !failure);
  EXPECT_THAT(report_["headline"].get<std::string>(), HasSubstr(failure && code == 5 ? row.id : "GPU"));
  if (of_the_build && std::string(row.severity) == "failure") {
    EXPECT_EQ(report_["build"]["fits"], false);
    EXPECT_THAT(report_["headline"].get<std::string>(), HasSubstr(row.id));
  }
}

INSTANTIATE_TEST_SUITE_P(Check, BrokenMachine, ::testing::ValuesIn(rows()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace kernelgate
