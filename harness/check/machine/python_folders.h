#pragma once
// Where this machine's Python environments keep their packages.

#include <string>
#include <string_view>
#include <vector>

#include "harness/check/machine/probe.h"

namespace kernelgate {

/// site-packages and dist-packages of $VIRTUAL_ENV, $CONDA_PREFIX, the python3 on PATH, ~/.local and the
/// system, in this order; only those that are there. Starts no interpreter.
std::vector<std::string> python_package_folders(const Probe& probe);

/// The parts of a list like PATH that are absolute.
std::vector<std::string> absolute_parts(std::string_view list, char separator);

/// "jaxlib-0.4.30.dist-info" is {"jaxlib", "0.4.30"}; both empty for any other name.
struct InstalledPackage {
  std::string name, version;
};
InstalledPackage installed_package(std::string_view folder_name);

}  // namespace kernelgate
