#pragma once
// A machine in a folder: its /proc, /sys, /dev, /etc and driver libraries, for `--sysroot`. It begins as a healthy
// server with one H200 and driver 580.95.05; a test then breaks it.

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {

class MachineFolder {
 public:
  std::map<std::string, std::string> driver;     ///< for settings.h
  std::map<std::string, std::string> variables;  ///< of the environment that the program runs in

  /// `libraries`: the folder that the made-up libraries were built into.
  MachineFolder(std::filesystem::path root, std::filesystem::path libraries)
      : root_(std::move(root)), libraries_(std::move(libraries)) {
    const FakeProbe machine = healthy_h200();
    for (const auto& [path, text] : machine.files) write(path, text);
    write("/proc/sys/kernel/osrelease", machine.release + "\n");
    write("/proc/sys/kernel/hostname", machine.node + "\n");
    driven_by("nvidia");
    install("580.95.05");
  }

  std::string path(const std::string& on_machine) const { return root_.string() + on_machine; }

  void write(const std::string& on_machine, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(on_machine)).parent_path());
    std::ofstream(path(on_machine)) << text;
  }
  void remove(const std::string& on_machine) const { std::filesystem::remove_all(path(on_machine)); }

  /// The device node refuses to open, for this reason (see SystemProbeOptions::sysroot).
  void refuse(const std::string& node, const std::string& why) const { write(node, why + "\n"); }

  /// The kernel's driver of the one GPU; empty: none.
  void driven_by(const std::string& name) const {
    const std::string link = path("/sys/bus/pci/devices/0000:19:00.0/driver");
    std::filesystem::remove(link);
    if (!name.empty()) std::filesystem::create_symlink("../../../../bus/pci/drivers/" + name, link);
  }
  /// As before a driver is installed.
  void without_driver() {
    remove_libraries();
    remove_nodes();
    remove("/sys/module/nvidia");
    remove("/proc/driver");
    driven_by("");
  }
  void remove_nodes() const {
    for (const char* node : {"/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"}) remove(node);
  }
  void remove_libraries() const {
    remove("/usr/lib");
    remove("/usr/local");
  }

  /// The kernel module and both libraries, of this version.
  void install(const std::string& version) {
    write("/proc/driver/nvidia/version",
          "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  " + version + "  Release Build\n");
    driver["driver"] = version;
    install_libraries("/usr/lib/x86_64-linux-gnu", version);
  }
  /// The libraries alone: others that were in this folder go.
  void install_libraries(const std::string& folder, const std::string& version) const {
    remove(folder);
    install_library("libcuda.so.1", folder, "libcuda.so." + version);
    install_library("libnvidia-ml.so.1", folder, "libnvidia-ml.so." + version);
  }
  /// The libcuda of a package cuda-compat, found first; its note lists 535, 550, 560, 565, 570 and 575.
  void install_compat() {
    const std::string folder = "/usr/local/cuda-12.9/compat";
    install_library("compat/libcuda.so.1", folder, "libcuda.so.575.57.08");
    variables["LD_LIBRARY_PATH"] = path(folder);
  }
  /// A copy of `file`, and the name by which it is looked for.
  void install_library(const std::filesystem::path& file, const std::string& folder, const std::string& name) const {
    std::filesystem::create_directories(path(folder));
    std::filesystem::copy_file(libraries_ / file, path(folder + "/" + name));
    if (name != file.filename()) std::filesystem::create_symlink(name, path(folder + "/" + file.filename().string()));
  }

  /// Where KERNELGATE_FAKE_DRIVER points to; written from `driver`.
  std::string settings_file() const {
    std::string text;
    for (const auto& [key, value] : driver) text += key + " = " + value + "\n";
    write("/driver_settings", text);
    return path("/driver_settings");
  }

 private:
  std::filesystem::path root_, libraries_;
};

}  // namespace kernelgate
