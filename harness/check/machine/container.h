#pragma once
// What kind of container this is: each has its own way to hand a GPU in.

#include "harness/base/fact.h"
#include "harness/check/machine/probe.h"

namespace kernelgate {

enum class ContainerKind { none, docker, podman, kubernetes, apptainer, lxc, nspawn, other };

const char* to_string(ContainerKind kind);  // "none", "docker", ...

/// `sign`: what gave it away, "/.dockerenv"; missing outside a container.
struct Container {
  ContainerKind kind = ContainerKind::none;
  Fact<std::string> sign;
};

Container read_container(const Probe& probe);

}  // namespace kernelgate
