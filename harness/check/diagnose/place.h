#pragma once
// Remedies that fit the place: on a host, in a container, under a distribution.

#include <string>
#include <string_view>
#include <vector>

#include "harness/check/machine/facts.h"

namespace kernelgate {

// A remedy begins with one of these words where it is not for every place:
//   @host       what only the host can do: inside a container it begins with "On the host: "
//   @bare       of no use inside a container: left out there
//   @container  of use inside a container alone: left out elsewhere

/// Those that fit this place; what would be left with none keeps all, so that no finding is without a remedy.
std::vector<std::string> remedies_here(const std::vector<std::string>& remedies, const Environment& environment);

/// For --explain, which knows no place: "In a container: ...".
std::string remedy_anywhere(std::string_view remedy);

/// How this kind of container is given a GPU; outside a container nothing.
std::vector<std::string> hand_in_gpu(const Environment& environment);

/// "sudo dracut --force", "sudo update-initramfs -u".
std::string rebuild_initramfs(const Host& host);
/// Of a driver branch with the open kernel module or the proprietary one: a command, or in words.
std::string install_driver(const Host& host, int branch, bool open);
/// Of the driver's libraries alone, of this version.
std::string install_libraries(const Host& host, const std::string& version);
/// For the running kernel, after a kernel or driver update.
std::string rebuild_module(const Host& host);
/// "sudo apt remove 'cuda-compat-*'"
std::string remove_package(const Host& host, const std::string& package);
/// Keeps unattended updates from the driver.
std::string hold_driver(const Host& host);

}  // namespace kernelgate
