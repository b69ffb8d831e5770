// Neighbours of the machines that people reported: other containers, chips, drivers and wheels of the same kinds.
#include <gtest/gtest.h>

#include "harness/check/fake/reported_machine_for_test.h"

namespace kernelgate {
namespace {

constexpr Severity fails = Severity::failure, warned = Severity::warning;

const std::vector<Reported>& neighbours() {
  static const std::vector<Reported> all = {
      {"NovaHoldsTheGpu", "D-DRV-NOUVEAU", fails, "blacklist nova_core", "bound to nova_core",
       [](auto& m) {
         m.no_libraries();
         m.no_module();
         m.driven_by("nova_core");
       }},
      {"NouveauOnDebian", "D-DRV-NOUVEAU", fails, "update-initramfs -u", "bound to nouveau",
       [](auto& m) {
         m.distribution("debian", "");
         m.no_libraries();
         m.no_module();
         m.driven_by("nouveau");
       }},
      {"NouveauOnSuse", "D-DRV-NOUVEAU", fails, "dracut --force", "bound to nouveau",
       [](auto& m) {
         m.distribution("opensuse-leap", "suse opensuse");
         m.no_libraries();
         m.no_module();
         m.driven_by("nouveau");
       }},
      {"GivenToAVmByPciStub", "D-HW-VFIO", fails, "inside the virtual machine", "bound to pci-stub",
       [](auto& m) {
         m.no_libraries();
         m.no_module();
         m.driven_by("pci-stub");
       }},
      {"Maxwell590", "D-DRV-ARCH", fails, "R580", "GM204 [10de:13c2], Maxwell",
       [](auto& m) {
         m.install("590.48.01", 13010, false);
         m.no_module();
         m.driven_by("");
         m.pci_id("13c2");
         m.nvml(9);
         m.cuda(100);
       }},
      {"Volta610", "D-DRV-ARCH", fails, "R580", "GV100 [10de:1db4], Volta",
       [](auto& m) {
         m.install("610.43.02", 13030, false);
         m.pci_id("1db4");
         m.nothing_started();
       }},
      {"Kepler535", "D-DRV-ARCH", fails, "R470", "GK210 [10de:102d], Kepler",
       [](auto& m) {
         m.install("535.183.01", 12020, false);
         m.pci_id("102d");
         m.nothing_started();
       }},
      {"PascalUnderTheOpenModule", "D-DRV-ARCH", fails,
       "proprietary kernel module: sudo apt install nvidia-driver-580,",
       "The open kernel module does not support Pascal",
       [](auto& m) {
         m.pci_id("1b06");
         m.nothing_started();
       }},
      {"BlackwellUnder550", "D-VER-GPU", fails, "R580 with the open kernel module", "Blackwell RTX needs 570.26",
       [](auto& m) {
         m.install("550.144.03", 12040);
         m.pci_id("2c02");
         m.nothing_started();
       }},
      {"GraceHopperProprietary", "D-DRV-OPEN", fails, "open kernel module", "GH100 of Grace Hopper [10de:2342]",
       [](auto& m) {
         m.install("550.144.03", 12040, false);
         m.pci_id("2342");
         m.nothing_started();
       }},
      {"B200ProprietaryOnRhel", "D-DRV-OPEN", fails, "sudo dnf module install nvidia-driver:580-open",
       "GB100 [10de:2901]",
       [](auto& m) {
         m.distribution("rhel", "fedora");
         m.install("580.95.05", 13000, false);
         m.pci_id("2901");
         m.nothing_started();
       }},
      {"UnknownGpuThatTheLogExplains", "D-DRV-OPEN", fails, "open kernel module",
       "requires use of the NVIDIA open kernel modules",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.pci_id("3fff");
         m.probe.log =
             "[    5.5] NVRM: The NVIDIA GPU 0000:19:00.0 (PCI ID: 10de:3fff)\n[    5.5] NVRM: installed in this "
             "system requires use of the NVIDIA open kernel modules.\n";
         m.nothing_started();
       }},
      {"RmInitInTheLog", "D-DRV-INIT", fails, "Above 4G Decoding",
       "kernel log: NVRM: GPU 0000:19:00.0: RmInitAdapter failed! (0x22:0x56:884)",
       [](auto& m) {
         m.probe.log = "Jan 1 kernel: [    5.5] NVRM: GPU 0000:19:00.0: RmInitAdapter failed! (0x22:0x56:884)\n";
         m.nothing_started();
       }},
      {"FallenOffTheBusInTheLog", "D-GPU-SICK", fails, "grep -i Xid", "GPU has fallen off the bus",
       [](auto& m) {
         m.probe.log = "NVRM: GPU 0000:19:00.0: GPU has fallen off the bus.\n";
         m.nothing_started();
       }},
      {"SecureBoot", "D-DRV-UNLOADED", fails, "mokutil --import", "Secure Boot keeps the kernel",
       [](auto& m) {
         m.no_module();
         m.driven_by("");
         m.nvml(9);
         m.cuda(100);
         m.probe.log = "[ 3.1] nvidia: Loading of module with unavailable key is rejected\n";
       }},
      {"ModuleOfAnotherKernel", "D-DRV-UNLOADED", fails, "sudo dkms autoinstall", "built for another kernel",
       [](auto& m) {
         m.no_module();
         m.driven_by("");
         m.nvml(9);
         m.cuda(100);
         m.probe.log = "[ 3.1] nvidia: version magic '6.8.0-90' should be '6.8.0-91'\n";
       }},
      {"NeverInstalled", "D-DRV-UNLOADED", fails, "R580 with the open kernel module", "GH100 [10de:2335], Hopper",
       [](auto& m) {
         m.no_libraries();
         m.no_module();
         m.driven_by("");
       }},
      {"NeverInstalledForPascal", "D-DRV-UNLOADED", fails, "R580 with the proprietary kernel module", "GP102",
       [](auto& m) {
         m.no_libraries();
         m.no_module();
         m.driven_by("");
         m.pci_id("1b06");
       }},
      {"NoNodesOnTheHost", "D-DEV-NODES", fails, "nvidia-modprobe -c 0 -u", "no /dev/nvidiactl",
       [](auto& m) {
         m.no_nodes();
         m.nvml(9);
         m.cuda(100);
       }},
      {"NspawnWithoutNodes", "D-DEV-NODES", fails, "--bind=/dev/nvidia0", "systemd-nspawn",
       [](auto& m) {
         m.no_nodes();
         m.probe.files["/run/systemd/container"] = "systemd-nspawn\n";
         m.nvml(9);
         m.cuda(100);
       }},
      {"LxcOnOldCgroups", "D-DEV-NODES", fails, "lxc config device add", "names lxc",
       [](auto& m) {
         m.no_nodes();
         m.probe.files["/proc/1/cgroup"] = "1:name=systemd:/lxc/ct\n";
         m.nvml(9);
         m.cuda(100);
       }},
      {"LxcWithoutLibraries", "D-LIB-MISSING", fails, "libnvidia-compute-580 of that version, without a kernel module",
       "No such file",
       [](auto& m) {
         m.in_lxc();
         m.no_libraries();
       }},
      {"DockerWithLibrariesAlone", "D-CTR-NOGPU", fails, "docker run --gpus all", "no /dev/nvidiactl",
       [](auto& m) {
         m.in_docker();
         m.no_nodes();
         m.nvml(9);
         m.cuda(100);
       }},
      {"PodmanWithoutGpu", "D-CTR-NOGPU", fails, "podman run --device nvidia.com/gpu=all", "/run/.containerenv",
       [](auto& m) {
         m.in_podman();
         m.no_libraries();
         m.no_nodes();
       }},
      {"SingularityByItsVariable", "D-CTR-NOGPU", fails, "--nv", "SINGULARITY_NAME",
       [](auto& m) {
         m.probe.variables["SINGULARITY_NAME"] = "x.sif";
         m.no_libraries();
       }},
      {"PodByItsControlGroup", "D-CTR-NOGPU", fails, "nvidia.com/gpu: 1", "kubepods",
       [](auto& m) {
         m.probe.files["/proc/1/cgroup"] = "0::/kubepods.slice/x\n";
         m.no_libraries();
         m.no_nodes();
       }},
      {"DockerWithControlNodeAlone", "D-CTR-NOGPU", fails, "docker run --gpus all", "no /dev/nvidia0 or other GPU",
       [](auto& m) {
         m.in_docker();
         m.probe.files.erase("/dev/nvidia0");
         m.nothing_started();
       }},
      {"PodmanOnWsl", "D-CTR-NOGPU", fails, "podman run --device nvidia.com/gpu=all", "no /dev/dxg",
       [](auto& m) {
         m.in_wsl();
         m.no_libraries();
         remove_files(m.probe, "/dev/dxg");
         m.in_podman();
       }},
      {"SlurmWithoutNodes", "D-JOB-NOGPU", fails, "srun --gres=gpu:1", "no /dev/nvidia0 or other GPU",
       [](auto& m) {
         m.probe.variables["SLURM_JOB_ID"] = "7";
         m.probe.files.erase("/dev/nvidia0");
         m.nothing_started();
       }},
      {"SlurmWithoutConstraint", "D-JOB-NOGPU", fails, "--gres=gpu:1", "CUDA_VISIBLE_DEVICES=NoDevFiles",
       [](auto& m) { m.hidden_by("NoDevFiles"); }},
      {"NeighboursNodesAreClosed", "D-FABRIC", fails, "nvidia-fabricmanager", "returned 802",
       [](auto& m) {
         m.probe.files["/dev/nvidia1"] = "";
         m.refuse("/dev/nvidia1", "Operation not permitted");
         m.cuda(802);
       }},
      {"SlurmByItsWordAlone", "D-JOB-NOGPU", fails, "--gres=gpu:1", "CUDA_VISIBLE_DEVICES=NoDevFiles",
       [](auto& m) {
         m.probe.variables["CUDA_VISIBLE_DEVICES"] = "NoDevFiles";
         m.nothing_started();
       }},
      {"PbsWithoutGpus", "D-JOB-NOGPU", fails, "ngpus=1", "PBS gave this job no GPU",
       [](auto& m) {
         m.probe.variables["PBS_JOBID"] = "7";
         m.refuse("/dev/nvidia0", "Operation not permitted");
         m.nothing_started();
       }},
      {"HiddenInASlurmJob", "D-VIS", fails, "unset CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES=7",
       [](auto& m) {
         m.probe.variables["SLURM_JOB_ID"] = "7";
         m.hidden_by("7");
       }},
      {"HiddenInAJobBesideClosedNodes", "D-VIS", fails, "unset CUDA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES=7",
       [](auto& m) {
         m.probe.variables["SLURM_JOB_ID"] = "7";
         m.probe.files["/dev/nvidia1"] = "";
         m.refuse("/dev/nvidia1", "Operation not permitted");
         m.hidden_by("7");
         m.nvml(999);
       }},
      {"UnitThatClosesTheNodes", "D-CTR-CGROUP", fails, "DeviceAllow=/dev/nvidiactl",
       "/dev/nvidiactl: Operation not permitted",
       [](auto& m) {
         m.refuse("/dev/nvidiactl", "Operation not permitted");
         m.nvml(999);
         m.cuda(304);
       }},
      {"ContainerThatLostItsNodes", "D-CTR-CGROUP", fails, "Restart the container", "Operation not permitted",
       [](auto& m) {
         m.in_docker();
         m.refuse("/dev/nvidiactl", "Operation not permitted");
         m.nvml(999);
         m.cuda(304);
       }},
      {"UserWithoutRights", "D-DEV-PERM", fails, "usermod -aG video,render", "Permission denied",
       [](auto& m) {
         m.refuse("/dev/nvidia0", "Permission denied");
         m.nvml(4);
         m.cuda(100);
       }},
      {"DockerWithoutRights", "D-DEV-PERM", fails, "docker run --user root", "Permission denied",
       [](auto& m) {
         m.in_docker();
         m.refuse("/dev/nvidia0", "Permission denied");
         m.nvml(4);
         m.cuda(100);
       }},
      {"DockerOfAnOlderDriver", "D-LIB-MISMATCH", fails, "Create the container anew", "are older than",
       [](auto& m) {
         m.install("580.95.05", 13000);
         m.libraries("580.82.07");
         m.in_docker();
         m.nvml(18);
         m.cuda(803);
       }},
      {"DockerOnAHostThatWaitsForAReboot", "D-LIB-MISMATCH", fails, "On the host: modinfo", "are newer than",
       [](auto& m) {
         m.module("580.82.07");
         m.in_docker();
         m.nvml(18);
         m.cuda(803);
       }},
      {"OldLibrariesBesideANewModule", "D-LIB-MISMATCH", fails, "Install the driver's libraries of version 580.95.05",
       "are older than",
       [](auto& m) {
         m.libraries("570.124.06");
         m.nvml(18);
         m.cuda(803);
       }},
      {"MigWithoutInstances", "D-MIG", fails, "mig -cgi", "CUDA_VISIBLE_DEVICES=0",
       [](auto& m) {
         m.probe.nvml_view.gpus.front().mig = {true, ""};
         m.hidden_by("0");
         m.probe.unmasked_view.gpus.clear();
       }},
      {"NoGpuBehindTheVariable", "D-DRV-INIT", fails, "Above 4G", "NVML counts 0 GPUs",
       [](auto& m) {
         m.probe.variables["CUDA_VISIBLE_DEVICES"] = "0";
         m.nothing_started();
         m.probe.unmasked_view = m.probe.cuda_view;
       }},
      {"ConfidentialComputingThatNvmlKnows", "D-CONF-COMPUTE", fails, "conf-compute -srs 1", "the GPUs are not ready",
       [](auto& m) {
         m.cuda(802);
         m.probe.nvml_view.conf_compute_ready = {false, ""};
       }},
      {"FabricOfASwitchlessGuest", "D-FABRIC", fails, "nvidia-fabricmanager", "fabric in progress",
       [](auto& m) {
         m.cuda(802);
         m.probe.nvml_view.gpus.front().fabric_state = {2, ""};
       }},
      {"WslWithoutADriverInWindows", "D-HW-NONE", fails, "kernelgate run --device cpu", "/dev/dxg is there",
       [](auto& m) {
         m.in_wsl();
         m.no_libraries();
       }},
      {"WslWithALinuxLibcuda", "D-WSL-SHADOW", fails, "Remove the Linux driver from WSL", "libcuda.so.535.104.05",
       [](auto& m) {
         m.in_wsl();
         m.cuda(100);
         m.probe.cuda_view.path = "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05";
       }},
      {"OneOfTwoUnderNouveau", "W-GPU-UNUSED", warned, "dmesg",
       "0000:b1:00.0: GA102 [10de:2204], Ampere: driven by nouveau",
       [](auto& m) { m.add_pci("2204", "0000:b1:00.0", "nouveau"); }},
      {"OneOfTwoNotStarted", "W-GPU-UNUSED", warned, "dmesg", "the driver did not start it",
       [](auto& m) { m.add_pci("2335", "0000:b1:00.0", "nvidia"); }},
      {"PaddleForTheCpu", "W-FRAMEWORK", warned, "packages/stable/cu129", "PaddlePaddle 3.0.0",
       [](auto& m) {
         m.wheel("paddlepaddle-3.0.0");
         m.probe.files[std::string(ReportedMachine::packages) + "/paddle/version/__init__.py"] =
             "full_version    = '3.0.0'\ncuda_version    = 'False'\ncudnn_version   = 'False'\n";
       }},
      {"PaddleWithoutCudnn", "W-FRAMEWORK", warned, "nvidia-cudnn-cu11==8.*", "cuDNN 8 (libcudnn.so.8) and cuBLAS 11",
       [](auto& m) {
         m.wheel("paddlepaddle_gpu-2.6.1");
         m.probe.files[std::string(ReportedMachine::packages) + "/paddle/version/__init__.py"] =
             "full_version    = '2.6.1'\ncuda_version    = '11.8'\ncudnn_version   = '8.6.0'\n";
       }},
      {"CTranslate2WithoutCudnn", "W-FRAMEWORK", warned, "nvidia-cudnn-cu12==9.*", "CTranslate2 4.5.0",
       [](auto& m) { m.wheel("ctranslate2-4.5.0"); }},
      {"CTranslate2OfCudnn8", "W-FRAMEWORK", warned, "nvidia-cudnn-cu12==8.*",
       "needs cuDNN 8 (libcudnn.so.8), not found",
       [](auto& m) {
         m.wheel("ctranslate2-4.4.0");
         m.probe.files[std::string(ReportedMachine::packages) + "/nvidia/cublas/lib/libcublas.so.12"] = "";
         m.probe.files[std::string(ReportedMachine::packages) + "/nvidia/cudnn/lib/libcudnn.so.9"] = "";
       }},
      {"TensorflowWithoutItsLibraries", "W-FRAMEWORK", warned, "tensorflow[and-cuda]==2.18.0",
       "run on the CPU without saying so",
       [](auto& m) {
         m.wheel("tensorflow-2.18.0");
         m.probe.files[std::string(ReportedMachine::packages) + "/tensorflow/python/platform/build_info.py"] =
             "build_info = collections.OrderedDict([('cuda_version', '12.5.1'), ('cudnn_version', '9'), "
             "('is_cuda_build', True)])\n";
       }},
      {"VoltaWithACpuWheel", "W-FRAMEWORK", warned, "whl/cu126", "for the CPU",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.gpu(70, "Tesla V100");
         m.torch("2.9.1+cpu", "");
       }},
      {"BlackwellOn570", "W-FRAMEWORK", warned, "whl/cu128", "built without code",
       [](auto& m) {
         m.install("570.124.06", 12080);
         m.gpu(120, "NVIDIA GeForce RTX 5090");
         m.torch("2.5.1+cu124", "12.4");
       }},
      {"AdaOn545", "W-FRAMEWORK", warned, "whl/cu121", "for the CPU",
       [](auto& m) {
         m.install("545.23.08", 12030);
         m.gpu(89, "NVIDIA GeForce RTX 4090");
         m.torch("2.9.1+cpu", "");
       }},
      {"HopperOn525", "W-FRAMEWORK", warned, "Upgrade the driver to 580.65.06", "needs driver 580",
       [](auto& m) {
         m.install("525.147.05", 12000);
         m.torch("2.9.1+cu130", "13.0");
       }},
  };
  return all;
}

class NeighbourMachines : public testing::TestWithParam<Reported> {};

TEST_P(NeighbourMachines, AreToldWhatAPersonWouldWant) {
  ReportedMachine machine;
  GetParam().build(machine);
  expect_told(machine, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Check, NeighbourMachines, testing::ValuesIn(neighbours()),
                         [](const auto& test) { return std::string(test.param.name); });

struct Healthy {
  const char* name;
  std::function<void(ReportedMachine&)> build;
};

// The other side of each kind: what is right gets no finding.
TEST(NeighbourMachine, ThatIsWellIsNoFinding) {
  const Healthy all[] = {
      {"Pascal under R580",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.pci_id("1b06");
         m.gpu(61, "P");
       }},
      {"Blackwell under the open module",
       [](auto& m) {
         m.pci_id("2b85");
         m.gpu(120, "B");
       }},
      {"Ampere under the proprietary module",
       [](auto& m) {
         m.install("580.95.05", 13000, false);
         m.pci_id("20b0");
         m.gpu(80, "A");
       }},
      {"an unknown device", [](auto& m) { m.pci_id("3fff"); }},
      {"Docker with its GPU", [](auto& m) { m.in_docker(); }},
      {"a container in WSL with its GPU",
       [](auto& m) {
         m.in_wsl();
         m.in_docker();
         m.libraries("1.1");
       }},
      {"a pod with its GPU", [](auto& m) { m.in_kubernetes(); }},
      {"Apptainer with --nv", [](auto& m) { m.in_apptainer(); }},
      {"LXC with its nodes", [](auto& m) { m.in_lxc(); }},
      {"a Slurm job with one GPU of two",
       [](auto& m) {
         m.probe.variables["SLURM_JOB_ID"] = "7";
         m.add_pci("2335", "0000:b1:00.0", "nvidia");
         m.probe.files["/dev/nvidia1"] = "";
         m.refuse("/dev/nvidia1", "Operation not permitted");
       }},
      {"a container with one GPU of two",
       [](auto& m) {
         m.in_docker();
         m.add_pci("2335", "0000:b1:00.0", "nvidia");
       }},
      {"a second GPU for a virtual machine", [](auto& m) { m.add_pci("2335", "0000:b1:00.0", "vfio-pci"); }},
      {"confidential computing that is ready",
       [](auto& m) {
         m.probe.nvml_view.conf_compute_ready = {true, ""};
       }},
      {"old lines in the kernel log",
       [](auto& m) { m.probe.log = "NVRM: Xid (PCI:0000:19:00): 79, GPU has fallen off the bus\n"; }},
      {"ONNX Runtime with its libraries",
       [](auto& m) {
         m.wheel("onnxruntime_gpu-1.22.0");
         const std::string packages = ReportedMachine::packages;
         m.probe.files[packages + "/onnxruntime/capi/build_and_package_info.py"] = "cuda_version = '12.8'\n";
         m.probe.files[packages + "/torch/lib/libcudnn.so.9"] = "";
         m.probe.files[packages + "/nvidia/cublas/lib/libcublas.so.12"] = "";
         m.torch("2.9.0+cu128", "12.8");
       }},
  };
  for (const Healthy& one : all) {
    ReportedMachine machine;
    one.build(machine);
    const CheckReport report = machine.check();
    EXPECT_TRUE(report.findings.empty()) << one.name << to_json(report.findings).dump(1);
    EXPECT_EQ(report.exit_code(true), ExitCode::good) << one.name;
  }
}

}  // namespace
}  // namespace kernelgate
