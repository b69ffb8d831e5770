// Was the GPU handed to this process: by the container, the batch job, the device nodes and their rights?
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/library_state.h"
#include "harness/check/diagnose/place.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

std::string container_evidence(const Environment& environment) {
  const Host& host = environment.host;
  if (!host.container.value) return "container: NVIDIA_DRIVER_CAPABILITIES is set";
  return fmt::format("container: {}", *host.container.value);
}

// It brings its own userland and shares the host's kernel: libraries are installed inside, nodes passed through.
bool system_container(const Environment& environment) {
  const ContainerKind kind = environment.host.container_kind;
  return kind == ContainerKind::lxc || kind == ContainerKind::nspawn;
}

bool gpu_node_exists(const Environment& environment) {
  return std::ranges::any_of(environment.kernel_driver.device_nodes, [](const std::string& node) {
    return node.size() > 11 && node.find_first_not_of("0123456789", 11) == std::string::npos;  // "/dev/nvidia" and 0
  });
}

std::string nodes_evidence(const Environment& environment) {
  if (environment.host.wsl) return "no /dev/dxg";
  if (!node_exists(environment, "/dev/nvidiactl")) return "no /dev/nvidiactl";
  return gpu_node_exists(environment) ? "/dev/nvidiactl and a GPU's node are there" : "no /dev/nvidia0 or other GPU";
}

bool cuda_has_gpu(const Environment& environment) {
  return environment.cuda.init_code.value == 0 && environment.visible_gpus() > 0;
}

// As closed nodes make them answer: another code has another cause, and nodes of GPUs that are not ours may be closed.
bool nodes_may_be_the_cause(const Environment& environment) {
  constexpr std::int64_t no_device = 100, invalid_device = 101, operating_system = 304, unknown = 999;
  const std::int64_t cuda = environment.cuda.init_code.value.value_or(0);
  if (environment.unmasked && !environment.unmasked->gpus.empty()) return false;  // without the variable they open
  return environment.nvml.init_code.value.value_or(0) != 0 || cuda == no_device || cuda == invalid_device ||
         cuda == operating_system || cuda == unknown;
}

bool refused_by_cgroup(const Environment& environment) {
  return std::ranges::any_of(environment.kernel_driver.node_errors,
                             [](const auto& node) { return has(node.second, "not permitted"); });
}

Found no_gpu_in_job(const Environment& environment, const CheckOptions&) {
  const std::optional<std::string>& job = environment.host.job.value;
  if (!job || cuda_has_gpu(environment)) return std::nullopt;
  const auto mask = environment.variables.find("CUDA_VISIBLE_DEVICES");
  // Slurm's own word; elsewhere, where a GPU is there with the variable unset, the variable is the cause, not the job.
  const bool no_files = mask != environment.variables.end() && mask->second == "NoDevFiles";
  const bool only_hidden = environment.unmasked && !environment.unmasked->gpus.empty();
  const bool no_node = module_seen(environment) && !gpu_node_exists(environment);
  const bool closed = environment.gpus.empty() && !only_hidden && (refused_by_cgroup(environment) || no_node);
  if (!no_files && !closed) return std::nullopt;
  Match match{fmt::format("{} gave this job no GPU", *job), {}};
  if (mask != environment.variables.end()) match.evidence.push_back("CUDA_VISIBLE_DEVICES=" + mask->second);
  for (const auto& [node, error] : environment.kernel_driver.node_errors) match.evidence.push_back(node + ": " + error);
  if (no_node) match.evidence.push_back(nodes_evidence(environment));
  match.evidence.push_back(nvml_evidence(environment));
  match.evidence.push_back(cuda_evidence(environment));
  static constexpr std::pair<std::string_view, const char*> commands[] = {
      {"Slurm", "Ask for one: srun --gres=gpu:1 ... (or --gpus=1, in a script #SBATCH --gres=gpu:1)"},
      {"PBS", "Ask for one: qsub -l select=1:ngpus=1 ..."},
      {"LSF", "Ask for one: bsub -gpu \"num=1\" ..."},
      {"Grid Engine", "Ask for one: qsub -l gpu=1 ..."},
      {"HTCondor", "Ask for one: request_gpus = 1 in the submit file"}};
  for (const auto& [name, command] : commands) {
    if (name == *job) match.remedies = {command};
  }
  match.remedies.emplace_back("On a partition or queue whose nodes have GPUs");
  return match;
}

// A container that was started without the GPU: no nodes, or no libraries of the driver, or neither.
Found no_gpu_in_container(const Environment& environment, const CheckOptions&) {
  if (!environment.in_container() || environment.host.gvisor || cuda_has_gpu(environment)) return std::nullopt;
  const bool hidden_host = environment.gpu_may_be_kept_from_container() && absent(environment.cuda);
  const bool no_libraries = absent(environment.cuda) && absent(environment.nvml);
  const bool no_nodes = !gpu_node_exists(environment) || !node_exists(environment, "/dev/nvidiactl");
  const bool missing = system_container(environment) ? no_nodes && no_libraries : no_nodes || no_libraries;
  const bool without = module_seen(environment) && !environment.host.wsl && !environment.host.tegra && missing;
  if (!hidden_host && !without) return std::nullopt;
  Match match{"The host has an NVIDIA driver, but this container was started without GPUs",
              {container_evidence(environment)}};
  if (environment.host.tegra) {
    match.summary = "This is a container on a Jetson, and it was started without the GPU";
    match.evidence.push_back(environment.host.board.value.value_or("the kernel or /etc/nv_tegra_release says Tegra"));
  } else if (environment.host.wsl) {
    match.summary = "This container in WSL was started without the GPU";
    match.evidence.push_back("kernel " + environment.host.kernel.value.value_or("unknown"));
  } else {
    match.evidence.push_back(module_evidence(environment));
    if (!no_nodes) match.summary = "This container has the GPU's device nodes, but not the driver's libraries";
  }
  if (!environment.host.tegra) match.evidence.push_back(nodes_evidence(environment));
  match.evidence.push_back(cuda_evidence(environment));
  const auto asked = environment.variables.find("NVIDIA_VISIBLE_DEVICES");
  if (asked != environment.variables.end()) match.evidence.push_back("NVIDIA_VISIBLE_DEVICES=" + asked->second);
  match.remedies = hand_in_gpu(environment);
  return match;
}

Found no_nodes(const Environment& environment, const CheckOptions&) {
  if (!module_seen(environment) || environment.host.wsl || environment.host.tegra || cuda_has_gpu(environment)) {
    return std::nullopt;
  }
  const bool control = node_exists(environment, "/dev/nvidiactl"), gpu = gpu_node_exists(environment);
  const bool known_elsewhere = environment.in_container() && !system_container(environment);
  // CUDA makes missing nodes itself where it may; of a GPU that was not started there is none, either.
  const bool named = !control || (!gpu && system_container(environment));
  if (!named || known_elsewhere || environment.host.gvisor) return std::nullopt;
  Match match{"The kernel module is loaded, but the GPU's device nodes are not here",
              {nodes_evidence(environment), module_evidence(environment), nvml_evidence(environment),
               cuda_evidence(environment)}};
  if (environment.in_container()) {
    match.summary = "The GPU's device nodes were not passed through to this container";
    match.evidence.insert(match.evidence.begin(), container_evidence(environment));
    match.remedies = hand_in_gpu(environment);
  }
  return match;
}

Found missing_capability(const Environment& environment, const CheckOptions&) {
  if (!environment.in_container() || absent(environment.cuda) == absent(environment.nvml)) return std::nullopt;
  const bool no_cuda = absent(environment.cuda);
  const auto set = environment.variables.find("NVIDIA_DRIVER_CAPABILITIES");
  Match match{fmt::format("The container has the driver's {} library but not its {} library",
                          no_cuda ? "management" : "compute", no_cuda ? "compute" : "management"),
              {container_evidence(environment), cuda_evidence(environment), nvml_evidence(environment)}};
  if (set != environment.variables.end()) match.evidence.push_back("NVIDIA_DRIVER_CAPABILITIES=" + set->second);
  // Without NVML a GPU can be measured, but nothing is known of clocks, throttling and other processes.
  if (!no_cuda) match.severity = Severity::warning;
  switch (environment.host.container_kind) {
    case ContainerKind::lxc:
    case ContainerKind::nspawn:
      match.remedies = {install_libraries(
          environment.host, environment.kernel_driver.module_version.value.value_or("of the host's kernel module"))};
      break;
    case ContainerKind::kubernetes:
      match.remedies = {"Set it in the pod: env NVIDIA_DRIVER_CAPABILITIES with the value compute,utility"};
      break;
    case ContainerKind::podman:
      match.remedies = {
          "podman run -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ..., or --device nvidia.com/gpu=all, "
          "which brings both"};
      break;
    case ContainerKind::apptainer:
      match.remedies = {"Start it anew with --nv; /etc/apptainer/nvliblist.conf on the host lists what that brings"};
      break;
    case ContainerKind::none:
    case ContainerKind::docker:
    case ContainerKind::other:
      break;
  }
  return match;
}

Found blocked_by_cgroup(const Environment& environment, const CheckOptions&) {
  const std::optional<std::int64_t> code = environment.nvml.init_code.value;
  std::vector<std::string> evidence = {nvml_evidence(environment)};
  for (const auto& [node, error] : environment.kernel_driver.node_errors) {
    if (has(error, "not permitted")) evidence.push_back(node + ": " + error);
  }
  const bool refused = evidence.size() > 1 && nodes_may_be_the_cause(environment);
  if (!refused && code != 17) return std::nullopt;
  Match match{"The device nodes exist, but the control group blocks them", evidence};
  if (!environment.in_container()) {
    match.remedies = {
        "Allow the nodes in the unit or slice that this runs in: DeviceAllow=/dev/nvidiactl rw, and so on for each "
        "node",
        "In a batch job: ask for a GPU (Slurm: --gres=gpu:1)",
        "systemctl show UNIT -p DevicePolicy -p DeviceAllow tells what is set"};
    return match;
  }
  match.remedies = {"Restart the container"};
  if (system_container(environment)) {
    match.remedies = {
        "@host Allow the nodes: lxc.cgroup2.devices.allow: c 195:* rwm, and the number of nvidia-uvm (ls "
        "-l /dev/nvidia-uvm)"};
  }
  for (std::string& remedy : hand_in_gpu(environment)) match.remedies.push_back(std::move(remedy));
  match.remedies.emplace_back(
      "@host Make links in /dev/char, so that it lasts: sudo nvidia-ctk system create-dev-char-symlinks --create-all");
  return match;
}

Found no_rights(const Environment& environment, const CheckOptions&) {
  std::vector<std::string> evidence = {cuda_evidence(environment)};
  for (const auto& [node, error] : environment.kernel_driver.node_errors) {
    if (has(error, "denied")) evidence.push_back(node + ": " + error);
  }
  if (evidence.size() == 1 || environment.cuda.init_code.value == 0 || !nodes_may_be_the_cause(environment)) {
    return std::nullopt;
  }
  Match match{"This user may not open the GPU's device nodes", evidence};
  if (!environment.in_container()) return match;
  match.summary = "This container may not open the GPU's device nodes";
  match.evidence.insert(match.evidence.begin(), container_evidence(environment));
  match.remedies = hand_in_gpu(environment);
  switch (environment.host.container_kind) {
    case ContainerKind::podman:
      match.remedies.emplace_back("@host Or let SELinux allow it: sudo setsebool -P container_use_devices on");
      break;
    case ContainerKind::docker:
    case ContainerKind::other:
      match.remedies.insert(match.remedies.begin(),
                            "Run it as a user that may: docker run --user root --gpus all ..., with SELinux also "
                            "--security-opt label=disable");
      break;
    case ContainerKind::lxc:
    case ContainerKind::nspawn:
      match.remedies.insert(match.remedies.begin(),
                            "@host Give the container's user rights on the nodes: chmod 666 /dev/nvidia*, or in an "
                            "unprivileged container mode=0666 of the device");
      break;
    case ContainerKind::kubernetes:
      match.remedies.insert(match.remedies.begin(),
                            "In the pod's securityContext: runAsUser 0, or a group in supplementalGroups that may open "
                            "them");
      break;
    case ContainerKind::apptainer:
    case ContainerKind::none:
      match.remedies.emplace_back("@host ls -l /dev/nvidia* shows who may open them");
      break;
  }
  return match;
}

Found no_uvm(const Environment& environment, const CheckOptions&) {
  const std::string node = "/dev/nvidia-uvm";
  const auto error = environment.kernel_driver.node_errors.find(node);
  const bool unusable = !node_exists(environment, node) || error != environment.kernel_driver.node_errors.end();
  if (environment.nvml.init_code.value != 0 || environment.cuda.init_code.value != 999 || !unusable)
    return std::nullopt;
  const std::string why = node_exists(environment, node) ? error->second : "missing";
  Match match{"CUDA needs /dev/nvidia-uvm, which is missing or closed to us",
              {node + ": " + why, cuda_evidence(environment), nvml_evidence(environment)}};
  if (environment.in_container()) {
    match.remedies = hand_in_gpu(environment);
    match.remedies.emplace_back("@host If the host has no such node: sudo nvidia-modprobe -c 0 -u");
  }
  return match;
}

const Diagnosis container_table[] = {
    {"D-JOB-NOGPU",
     Severity::failure,
     "A batch system gives each job the GPUs that it asked for, and closes the others' device nodes to it.",
     {"Ask the batch system for a GPU (Slurm: --gres=gpu:1 or --gpus=1)"},
     "Slurm, gres.conf and cgroup.conf: ConstrainDevices",
     no_gpu_in_job},
    {"D-CTR-NOGPU",
     Severity::failure,
     "The host's NVIDIA driver is visible, but device nodes, libraries or both were not put into this container.",
     {"docker run --gpus all ... (podman: --device nvidia.com/gpu=all; apptainer: --nv; Kubernetes: limits of "
      "nvidia.com/gpu; Jetson: --runtime nvidia)",
      "@host If that is refused: install nvidia-container-toolkit, then sudo nvidia-ctk runtime configure"},
     "NVIDIA Container Toolkit",
     no_gpu_in_container},
    {"D-DEV-NODES",
     Severity::failure,
     "CUDA reaches the GPU through /dev/nvidiactl, /dev/nvidia0 and /dev/nvidia-uvm; without them it sees none.",
     {"@host sudo nvidia-modprobe -c 0 -u makes them (or run nvidia-smi once as root)",
      "@host For good: sudo systemctl enable --now nvidia-persistenced"},
     "NVIDIA driver README, device nodes; NVML return code 9",
     no_nodes},
    {"D-CTR-CAP",
     Severity::failure,
     "The container runtime puts libcuda in for the capability `compute` and NVML for `utility`; one is missing.",
     {"docker run -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ..."},
     "NVIDIA Container Toolkit",
     missing_capability},
    {"D-CTR-CGROUP",
     Severity::failure,
     "The control group no longer allows the GPU's device nodes; often `systemctl daemon-reload` on the host did it.",
     {"@container Restart the container", "@container Use CDI (--device nvidia.com/gpu=all), which survives it",
      "@host Make links in /dev/char: sudo nvidia-ctk system create-dev-char-symlinks --create-all"},
     "NVIDIA Container Toolkit troubleshooting",
     blocked_by_cgroup},
    {"D-DEV-PERM",
     Severity::failure,
     "The device nodes belong to others: file permissions or SELinux, not the control group, keep this user out.",
     {"@bare sudo usermod -aG video,render $USER, then log in again",
      "@host ls -l /dev/nvidia* shows who may open them"},
     "NVIDIA driver README, device file permissions",
     no_rights},
    {"D-CTR-UVM",
     Severity::failure,
     "The management library works but CUDA does not: the module nvidia_uvm has no usable device node.",
     {"@host sudo nvidia-modprobe -c 0 -u",
      "@host Or reload it: sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm",
      "@container Add /dev/nvidia-uvm, as --gpus all does"},
     "CUDA error 999",
     no_uvm},
};

}  // namespace

std::span<const Diagnosis> container_diagnoses() { return container_table; }

}  // namespace kernelgate
