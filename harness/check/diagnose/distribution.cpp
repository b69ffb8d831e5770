// What a distribution calls things: packages of the driver, the initial RAM disk, the kernel module's build.
#include <fmt/core.h>

#include <algorithm>

#include "harness/check/diagnose/place.h"

namespace kernelgate {
namespace {

enum class Family { ubuntu, debian, red_hat, suse, arch, unknown };

Family family_of(const Host& host) {
  const std::vector<std::string>& ids = host.distribution_ids;
  const auto is = [&](std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, [&](const char* name) { return std::ranges::count(ids, name) > 0; });
  };
  if (is({"ubuntu"})) return Family::ubuntu;
  if (is({"debian"})) return Family::debian;
  if (is({"rhel", "fedora", "centos", "rocky", "almalinux", "ol", "amzn"})) return Family::red_hat;
  if (is({"suse", "sles", "opensuse", "opensuse-leap", "opensuse-tumbleweed"})) return Family::suse;
  if (is({"arch"})) return Family::arch;
  return Family::unknown;
}

}  // namespace

std::string rebuild_initramfs(const Host& host) {
  switch (family_of(host)) {
    case Family::ubuntu:
    case Family::debian:
      return "sudo update-initramfs -u";
    case Family::red_hat:
    case Family::suse:
      return "sudo dracut --force";
    case Family::arch:
      return "sudo mkinitcpio -P";
    case Family::unknown:
      break;
  }
  return "build the initial RAM disk anew";
}

std::string install_driver(const Host& host, int branch, bool open) {
  const std::string flavour = open ? "the open kernel module" : "the proprietary kernel module";
  std::string what = fmt::format("Install NVIDIA's driver R{} with {}", branch, flavour);
  switch (family_of(host)) {
    case Family::ubuntu:
      return fmt::format("{}: sudo apt install nvidia-driver-{}{}, then reboot", what, branch, open ? "-open" : "");
    case Family::red_hat:
      return fmt::format("{}: sudo dnf module install nvidia-driver:{}-{}, then reboot", what, branch,
                         open ? "open" : "dkms");
    case Family::debian:
    case Family::suse:
      return fmt::format("{} (packages {} of NVIDIA's repository), then reboot", what,
                         open ? "nvidia-open" : "cuda-drivers");
    case Family::arch:
    case Family::unknown:
      break;
  }
  return what + ", then reboot";
}

std::string install_libraries(const Host& host, const std::string& version) {
  std::string what = fmt::format("Install the driver's libraries of version {}", version);
  const std::string branch = version.substr(0, version.find('.'));
  switch (family_of(host)) {
    case Family::ubuntu:
      return fmt::format("{}: sudo apt install libnvidia-compute-{} of that version", what, branch);
    case Family::debian:
      return what + ": sudo apt install libcuda1 libnvidia-ml1 of that version";
    case Family::red_hat:
      return what + ": sudo dnf install nvidia-driver-cuda-libs of that version";
    case Family::suse:
      return what + ": sudo zypper install nvidia-compute-G06 of that version";
    case Family::arch:
      return what + ": sudo pacman -S nvidia-utils";
    case Family::unknown:
      break;
  }
  return what;
}

std::string rebuild_module(const Host& host) {
  if (family_of(host) == Family::red_hat) return "sudo dkms autoinstall (or, with RPM Fusion, sudo akmods --force)";
  if (family_of(host) == Family::suse) return "sudo dkms autoinstall (or install the package for this kernel)";
  return "sudo dkms autoinstall";
}

std::string remove_package(const Host& host, const std::string& package) {
  switch (family_of(host)) {
    case Family::red_hat:
      return fmt::format("sudo dnf remove '{}'", package);
    case Family::suse:
      return fmt::format("sudo zypper remove '{}'", package);
    case Family::ubuntu:
    case Family::debian:
      return fmt::format("sudo apt remove '{}'", package);
    case Family::arch:
    case Family::unknown:
      break;
  }
  return "remove the package " + package;
}

std::string hold_driver(const Host& host) {
  std::string what = "Keep unattended updates from the driver";
  switch (family_of(host)) {
    case Family::red_hat:
      return what + ": sudo dnf versionlock add 'nvidia-*' 'kmod-nvidia*'";
    case Family::suse:
      return what + ": sudo zypper addlock 'nvidia-*'";
    case Family::ubuntu:
    case Family::debian:
      return what + ": sudo apt-mark hold 'nvidia-*' 'libnvidia-*'";
    case Family::arch:
    case Family::unknown:
      break;
  }
  return what;
}

}  // namespace kernelgate
