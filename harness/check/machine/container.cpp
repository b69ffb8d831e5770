// What kind of container this is, by the marks that each runtime leaves.
#include "harness/check/machine/container.h"

#include <string_view>

namespace kernelgate {
namespace {

enum class Where { path, variable, variable_is, cgroup, systemd };

struct Mark {
  ContainerKind kind;
  Where where;
  const char* name;
  const char* value = "";
};

// The inner one counts, and the more special: a pod runs on containerd or CRI-O, whose own marks it shows, too.
// Source  systemd's detect-virt; the documentation of Apptainer, CRI-O, LXC and podman. On cgroup v2 /proc/1/cgroup
//         names nothing ("0::/init.scope"), and systemd's file in /run is what is left.
constexpr Mark marks[] = {
    {ContainerKind::apptainer, Where::variable, "APPTAINER_CONTAINER"},
    {ContainerKind::apptainer, Where::variable, "SINGULARITY_CONTAINER"},
    {ContainerKind::apptainer, Where::variable, "APPTAINER_NAME"},
    {ContainerKind::apptainer, Where::variable, "SINGULARITY_NAME"},
    {ContainerKind::apptainer, Where::path, "/.singularity.d"},
    {ContainerKind::kubernetes, Where::variable, "KUBERNETES_SERVICE_HOST"},
    {ContainerKind::kubernetes, Where::path, "/var/run/secrets/kubernetes.io"},
    {ContainerKind::kubernetes, Where::cgroup, "kubepods"},
    {ContainerKind::podman, Where::path, "/run/.containerenv"},
    {ContainerKind::podman, Where::variable_is, "container", "podman"},
    {ContainerKind::podman, Where::cgroup, "libpod"},
    {ContainerKind::docker, Where::path, "/.dockerenv"},
    {ContainerKind::docker, Where::variable_is, "container", "docker"},
    {ContainerKind::docker, Where::cgroup, "docker"},
    {ContainerKind::lxc, Where::systemd, "lxc"},
    {ContainerKind::lxc, Where::variable_is, "container", "lxc"},
    {ContainerKind::lxc, Where::path, "/dev/lxd"},
    {ContainerKind::lxc, Where::path, "/dev/.lxc"},
    {ContainerKind::lxc, Where::cgroup, "lxc"},
    {ContainerKind::nspawn, Where::systemd, "systemd-nspawn"},
    {ContainerKind::nspawn, Where::variable_is, "container", "systemd-nspawn"},
    {ContainerKind::docker, Where::systemd, "docker"},
    {ContainerKind::podman, Where::systemd, "podman"},
    {ContainerKind::other, Where::cgroup, "containerd"},
    {ContainerKind::other, Where::variable, "container"},
    {ContainerKind::other, Where::variable, "CH_RUNNING"},
    {ContainerKind::other, Where::systemd, ""},
};

std::string line_one(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string sign_of(const Probe& probe, const Mark& mark) {
  const std::string name = mark.name;
  switch (mark.where) {
    case Where::path:
      return probe.exists(name) ? name : "";
    case Where::variable:
      return probe.environment_variable(name) ? "environment variable " + name : "";
    case Where::variable_is: {
      const std::string value = probe.environment_variable(name).value_or("");
      return value.starts_with(mark.value) ? "environment variable " + name + "=" + value : "";
    }
    case Where::cgroup: {
      const bool names = probe.read_file("/proc/1/cgroup").value_or("").find(name) != std::string::npos;
      return names ? "/proc/1/cgroup names " + name : "";
    }
    case Where::systemd:
      break;
  }
  const std::string path = "/run/systemd/container";
  const std::string word = line_one(probe.read_file(path).value_or(""));
  // WSL's systemd writes "wsl" there, and a whole WSL is no container.
  return !word.empty() && word != "wsl" && word.starts_with(name) ? path + ": " + word : "";
}

}  // namespace

const char* to_string(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::docker:
      return "docker";
    case ContainerKind::podman:
      return "podman";
    case ContainerKind::kubernetes:
      return "kubernetes";
    case ContainerKind::apptainer:
      return "apptainer";
    case ContainerKind::lxc:
      return "lxc";
    case ContainerKind::nspawn:
      return "nspawn";
    case ContainerKind::other:
      return "other";
    case ContainerKind::none:
      break;
  }
  return "none";
}

Container read_container(const Probe& probe) {
  for (const Mark& mark : marks) {
    if (std::string sign = sign_of(probe, mark); !sign.empty()) return {mark.kind, {std::move(sign), ""}};
  }
  return {ContainerKind::none, missing<std::string>("no sign of a container")};
}

}  // namespace kernelgate
