// Machines from public reports that were once answered wrongly or vaguely, each with its right answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "harness/check/fake/reported_machine_for_test.h"
#include "harness/check/require/policy.h"

namespace kernelgate {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr Severity cause = Severity::failure, warns = Severity::warning;

const std::vector<Reported>& reported_machines() {
  static const std::vector<Reported> all = {
      {"Fabric535", "D-FABRIC", cause, "nvidia-fabricmanager", "returned 802",
       [](auto& m) {
         m.install("535.183.01", 12020);
         m.cuda(802);
         m.probe.nvml_view.gpus.front().fabric_state = {1, ""};
       }},
      {"Hidden550", "D-VIS", cause, "unset CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES=-1",
       [](auto& m) {
         m.install("550.144.03", 12040);
         m.hidden_by("-1");
       }},
      {"Pascal595", "D-DRV-ARCH", cause, "R580 with the proprietary kernel module", "GP107 [10de:1c8d], Pascal",
       [](auto& m) {
         m.install("595.58.03", 13020, false);
         m.no_module();
         m.driven_by("");
         m.pci_id("1c8d");
         m.nvml(9);
         m.cuda(100);
       }},
      {"BlackwellProprietary", "D-DRV-OPEN", cause, "sudo apt install nvidia-driver-580-open", "GB202 [10de:2b85]",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.pci_id("2b85");
         m.nothing_started();
       }},
      {"LxcWithoutNodes", "D-DEV-NODES", cause,
       "On the host: pass /dev/nvidia0, /dev/nvidiactl and /dev/nvidia-uvm through", "/run/systemd/container: lxc",
       [](auto& m) {
         m.no_nodes();
         m.in_lxc();
         m.nvml(9);
         m.cuda(100);
       }},
      {"SlurmWithoutGres", "D-JOB-NOGPU", cause, "--gres=gpu:1", "/dev/nvidia0: Operation not permitted",
       [](auto& m) {
         m.probe.variables["CUDA_VISIBLE_DEVICES"] = "NoDevFiles";
         m.probe.variables["SLURM_JOB_ID"] = "7";
         m.refuse("/dev/nvidia0", "Operation not permitted");
         m.nothing_started();
       }},
      {"RmInitFailed", "D-DRV-INIT", cause, "Above 4G Decoding", "GB202 [10de:2b85]",
       [](auto& m) {
         m.pci_id("2b85");
         m.nothing_started();
       }},
      {"WslDockerWithoutGpus", "D-CTR-NOGPU", cause, "docker run --gpus all", "container in WSL",
       [](auto& m) {
         m.in_wsl();
         m.no_libraries();
         remove_files(m.probe, "/dev/dxg");
         m.in_docker();
       }},
      {"WslWithALinuxNvml", "D-WSL-SHADOW", warns, "Remove the Linux driver from WSL",
       "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05",
       [](auto& m) {
         m.in_wsl();
         m.nvml(9);
         m.probe.nvml_view.path = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05";
       }},
      {"ApptainerWithoutNv", "D-CTR-NOGPU", cause, "--nv", "not the driver's libraries",
       [](auto& m) {
         m.in_apptainer();
         m.no_libraries();
       }},
      {"KubernetesWithoutRuntime", "D-CTR-NOGPU", cause, "runtimeClassName: nvidia", "KUBERNETES_SERVICE_HOST",
       [](auto& m) {
         m.in_kubernetes();
         m.no_libraries();
       }},
      {"PodmanUnderSelinux", "D-DEV-PERM", cause, "--security-opt label=disable", "/dev/nvidia0: Permission denied",
       [](auto& m) {
         m.in_podman();
         for (const char* node : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"})
           m.refuse(node, "Permission denied");
         m.nvml(4);
         m.cuda(100);
       }},
      {"LxcOfAnOlderVersion", "D-LIB-MISMATCH", cause, "version 550.163.01",
       "(550.144.03) are older than the loaded kernel module (550.163.01)",
       [](auto& m) {
         m.install("550.163.01", 12040);
         m.libraries("550.144.03");
         m.in_lxc();
         m.nvml(18);
         m.cuda(803);
       }},
      {"ModuleNotRebuilt", "D-LIB-MISMATCH", cause, "modinfo -F version nvidia",
       "(580.95.05) are newer than the loaded kernel module (580.82.07)",
       [](auto& m) {
         m.distribution("rhel", "fedora");
         m.module("580.82.07");
         m.nvml(18);
         m.cuda(803);
       }},
      {"MigInstanceThatIsGone", "D-VIS", cause, "unset CUDA_VISIBLE_DEVICES, or set it to an instance",
       "names a MIG instance that is not there",
       [](auto& m) {
         m.probe.nvml_view.gpus.front().mig = {true, ""};
         m.hidden_by("MIG-377e0049-554c-540b-93c6-d0976f8426cb");
       }},
      {"ConfidentialComputing", "D-CONF-COMPUTE", cause, "nvidia-smi conf-compute -srs 1", "no NVSwitch",
       [](auto& m) {
         m.cuda(802);
         m.probe.nvml_view.gpus.front().fabric_state = {std::nullopt, "not supported by this GPU"};
       }},
      {"PythonByALink", "W-FRAMEWORK", warns, "whl/cu130",
       "PyTorch 1.11.0+cu113 (/usr/local/python3/lib/python3.8/site-packages/torch/version.py): built without code for",
       [](auto& m) {
         m.gpu(120, "NVIDIA GeForce RTX 5070");
         m.torch("1.11.0+cu113", "11.3", "/usr/local/python3/lib/python3.8/site-packages");
         m.probe.files["/usr/local/python3/bin/python3.8"] = "";
         m.probe.links["/usr/bin/python3"] = "/usr/local/python3/bin/python3.8";
         m.probe.variables["PATH"] = "/usr/bin:/bin";
       }},
      {"OnnxRuntimeWithoutCudnn", "W-FRAMEWORK", warns, "nvidia-cudnn-cu12",
       "cuDNN 9 (libcudnn.so.9) and cuBLAS 12 (libcublas.so.12)",
       [](auto& m) {
         m.wheel("onnxruntime_gpu-1.22.0");
         m.probe.files[std::string(ReportedMachine::packages) + "/onnxruntime/capi/build_and_package_info.py"] =
             "package_name = 'onnxruntime-gpu'\n__version__ = '1.22.0'\ncuda_version = '12.8'\ncudnn_version = '9.8'\n";
       }},
      {"PascalWithACpuWheel", "W-FRAMEWORK", warns, "whl/cu126", "built without CUDA, for the CPU",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.gpu(61, "NVIDIA GeForce GTX 1080 Ti");
         m.torch("2.9.1+cpu", "");
       }},
      {"VoltaWithCudnn924", "W-LIB-PAIR", warns, "nvidia-cudnn-cu12==9.10.*", "is for compute capabilities 7.5 to",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.gpu(70, "V100");
         m.probe.files[std::string(ReportedMachine::packages) + "/nvidia/cudnn/lib/libcudnn.so.9"] = "";
         m.wheel("nvidia_cudnn_cu12-9.24.0.1");
       }},
      {"NouveauOnRocky", "D-DRV-NOUVEAU", cause, "dracut --force", "bound to nouveau",
       [](auto& m) {
         m.distribution("rocky", "rhel centos fedora");
         m.no_libraries();
         m.no_module();
         m.driven_by("nouveau");
       }},
      {"SecondGpuMissing", "W-GPU-UNUSED", warns, "sudo dmesg",
       "0000:b1:00.0: GP100 [10de:15f8], Pascal: driven by nothing",
       [](auto& m) { m.add_pci("15f8", "0000:b1:00.0", ""); }},
      {"JetsonContainer", "D-CTR-NOGPU", cause, "--runtime nvidia", "NVIDIA Jetson AGX Orin",
       [](auto& m) {
         m.jetson();
         m.no_libraries();
         m.in_docker();
       }},
  };
  return all;
}

class ReportedMachines : public testing::TestWithParam<Reported> {};

TEST_P(ReportedMachines, AreToldWhatAPersonWouldWant) {
  ReportedMachine machine;
  GetParam().build(machine);
  expect_told(machine, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Check, ReportedMachines, testing::ValuesIn(reported_machines()),
                         [](const auto& test) { return std::string(test.param.name); });

std::vector<std::string> ids(const CheckReport& report) {
  std::vector<std::string> all;
  for (const Finding& finding : report.findings) all.push_back(finding.id);
  return all;
}

TEST(ReportedMachine, WithADriverOf550IsUsableWhateverThisBuildNeeds) {
  ReportedMachine machine;
  machine.install("550.144.03", 12040);
  machine.gpu(80, "NVIDIA A100-SXM4-40GB");
  const CheckReport report = machine.check();
  EXPECT_EQ(report.exit_code(false), ExitCode::good);
  EXPECT_TRUE(report.gpu_usable);
  EXPECT_FALSE(report.build_fits());
  ASSERT_EQ(report.build_findings.size(), 1U);
  EXPECT_EQ(report.build_findings[0].id, "D-VER-MAJOR");
  EXPECT_THAT(report.headline, testing::StartsWith("GPU USABLE: GPU 0 NVIDIA A100"));
  EXPECT_THAT(report.headline, HasSubstr("not by this build of kernelgate [D-VER-MAJOR]"));
  EXPECT_THAT(ids(report), Not(Contains(HasSubstr("D-VER"))));
}

// cuDNN 9.25 has builds for CUDA 12 and 13, not for Rubin alone.
TEST(ReportedMachine, WithCudnn925IsNoFinding) {
  ReportedMachine machine;
  machine.probe.files[std::string(ReportedMachine::packages) + "/nvidia/cudnn/lib/libcudnn.so.9"] = "";
  machine.wheel("nvidia_cudnn_cu13-9.25.1.1");
  EXPECT_TRUE(machine.check().findings.empty()) << to_json(machine.check().findings).dump(1);
}

PolicyReport heygem(const ReportedMachine& machine) {
  return evaluate_policy(load_policy("heygem"), machine.check().environment, CompatDb::shipped(), "2026-11-22");
}

const PolicyOutcome& line_of_heygem(const PolicyReport& report, const std::string& id) {
  return *std::ranges::find(report.lines, id, [](const PolicyOutcome& outcome) { return outcome.line.id; });
}

TEST(ReportedMachine, OfHeygemIsJudgedByItsPytorchNotByThisProgram) {
  ReportedMachine machine;
  machine.install("550.144.03", 12040);
  machine.gpu(89, "NVIDIA GeForce RTX 4090");
  machine.torch("2.3.1+cu121", "12.1");
  const PolicyReport report = heygem(machine);
  for (const char* id : {"S02", "S30", "S36"}) EXPECT_TRUE(line_of_heygem(report, id).holds()) << policy_text(report);
  EXPECT_THAT(line_of_heygem(report, "S30").required.at(0).actual, HasSubstr("built for CUDA 12.1: NATIVE"));
  EXPECT_EQ(report.exit_code(false), ExitCode::good) << policy_text(report);
}

TEST(ReportedMachine, OfHeygemWithACpuWheelOnAGoodGpuIsRefused) {
  ReportedMachine machine;
  machine.gpu(89, "NVIDIA GeForce RTX 4090");
  machine.torch("2.9.1+cpu", "");
  const PolicyReport report = heygem(machine);
  for (const char* id : {"S02", "S26", "S36"}) EXPECT_FALSE(line_of_heygem(report, id).holds()) << id;
  EXPECT_THAT(policy_text(report), HasSubstr("NOT MET fail S36"));
  EXPECT_THAT(line_of_heygem(report, "S36").why(), HasSubstr("PyTorch 2.9.1+cpu: false"));
  EXPECT_EQ(report.exit_code(false), ExitCode::refused);
}

}  // namespace
}  // namespace kernelgate
