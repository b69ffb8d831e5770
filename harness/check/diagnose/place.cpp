// Remedies that fit the place: marks, and how each kind of container is given a GPU.
#include "harness/check/diagnose/place.h"

namespace kernelgate {
namespace {

constexpr std::string_view host_mark = "@host ", bare_mark = "@bare ", container_mark = "@container ";

std::string without(std::string_view text, std::string_view mark) { return std::string(text.substr(mark.size())); }

// "Reboot" in the middle of a sentence; commands are lower case already, and names of two capitals stay.
std::string lowered(std::string text) {
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::vector<std::string> remedies_here(const std::vector<std::string>& remedies, const Environment& environment) {
  const bool inside = environment.in_container();
  std::vector<std::string> fitting;
  for (const std::string& remedy : remedies) {
    if (remedy.starts_with(host_mark)) {
      const std::string text = without(remedy, host_mark);
      fitting.push_back(inside ? "On the host: " + lowered(text) : text);
    } else if (remedy.starts_with(bare_mark)) {
      if (!inside) fitting.push_back(without(remedy, bare_mark));
    } else if (remedy.starts_with(container_mark)) {
      if (inside) fitting.push_back(without(remedy, container_mark));
    } else {
      fitting.push_back(remedy);
    }
  }
  if (!fitting.empty()) return fitting;
  for (const std::string& remedy : remedies) fitting.push_back(remedy_anywhere(remedy));
  return fitting;
}

std::string remedy_anywhere(std::string_view remedy) {
  if (remedy.starts_with(host_mark)) return without(remedy, host_mark);
  if (remedy.starts_with(bare_mark)) return without(remedy, bare_mark);
  if (remedy.starts_with(container_mark)) return "In a container: " + without(remedy, container_mark);
  return std::string(remedy);
}

// Source  the documentation of NVIDIA Container Toolkit, Docker, podman, Kubernetes, Apptainer, LXC and systemd.
std::vector<std::string> hand_in_gpu(const Environment& environment) {
  const Host& host = environment.host;
  const std::string cdi = "@host Write its CDI description: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml";
  if (host.tegra) {
    return {"Start it with the runtime of JetPack: docker run --runtime nvidia ...",
            "@host Install it, if it is refused: sudo apt install nvidia-container, then sudo nvidia-ctk runtime "
            "configure --runtime=docker"};
  }
  switch (host.container_kind) {
    case ContainerKind::none:
      if (!environment.in_container()) return {};
      break;
    case ContainerKind::podman:
      return {"Start it with the GPU: podman run --device nvidia.com/gpu=all --security-opt label=disable ...", cdi};
    case ContainerKind::kubernetes:
      return {
          "Ask for it in the pod: resources.limits of nvidia.com/gpu: 1, and runtimeClassName: nvidia where the nodes "
          "have that class",
          "On the cluster: install NVIDIA's GPU operator, or container toolkit and device plugin (kubectl describe "
          "node "
          "then shows nvidia.com/gpu)"};
    case ContainerKind::apptainer:
      return {"Start it with the option --nv: apptainer exec --nv IMAGE ... (singularity exec --nv)"};
    case ContainerKind::lxc:
      return {
          "@host Pass /dev/nvidia0, /dev/nvidiactl and /dev/nvidia-uvm through to the container: lxc config device add "
          "CONTAINER gpu gpu (Incus and LXD), or dev0: /dev/nvidia0 and so on (Proxmox)",
          "@host Check that the nodes exist: ls -l /dev/nvidia*; make them with nvidia-modprobe -c 0 -u"};
    case ContainerKind::nspawn:
      return {
          "@host Bind /dev/nvidia0, /dev/nvidiactl and /dev/nvidia-uvm: systemd-nspawn --bind=/dev/nvidia0 ..., with "
          "DeviceAllow= for each in the service"};
    case ContainerKind::docker:
    case ContainerKind::other:
      break;
  }
  if (host.wsl) {
    return {"Start it with the GPU: docker run --gpus all ...",
            "If that is refused: let Docker Desktop use the WSL 2 engine, and update NVIDIA's driver in Windows"};
  }
  return {"Start it with the GPU: docker run --gpus all ... (or --device nvidia.com/gpu=all with CDI)",
          "@host If that is refused: install nvidia-container-toolkit, then sudo nvidia-ctk runtime configure "
          "--runtime=docker"};
}

}  // namespace kernelgate
