#pragma once
// Machines as people reported them: what breaks them, in the words of whoever sets one up.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/check/check.h"
#include "harness/check/fake/broken_machine_for_test.h"

namespace kernelgate {

/// Begins as a healthy Ubuntu server with one H200 (PCI id 2335), driver 580.95.05 with the open module.
class ReportedMachine {
 public:
  FakeProbe probe = healthy_h200();
  CheckOptions options = broken::usual_options();

  ReportedMachine() {
    distribution("ubuntu", "");
    pci_id("2335");
    probe.files["/proc/sys/kernel/osrelease"] = probe.release;
  }

  void distribution(const std::string& id, const std::string& like) {
    probe.files["/etc/os-release"] = "PRETTY_NAME=\"" + id + "\"\nID=" + id + "\nID_LIKE=\"" + like + "\"\n";
  }
  void pci_id(const std::string& id, const std::string& address = "0000:19:00.0") {
    probe.files[folder(address) + "/device"] = "0x" + id + "\n";
  }
  void add_pci(const std::string& id, const std::string& address, const std::string& driver) {
    probe.files[folder(address) + "/vendor"] = "0x10de\n";
    probe.files[folder(address) + "/class"] = "0x030200\n";
    pci_id(id, address);
    driven_by(driver, address);
  }
  void driven_by(const std::string& driver, const std::string& address = "0000:19:00.0") {
    probe.links.erase(folder(address) + "/driver");
    if (!driver.empty()) probe.links[folder(address) + "/driver"] = "../../../../bus/pci/drivers/" + driver;
  }
  void no_pci() { remove_files(probe, "/sys/bus/pci/devices/0000:19:00.0"); }

  /// The loaded module alone.
  void module(const std::string& version, bool open = true) {
    probe.files["/proc/driver/nvidia/version"] = std::string("NVRM version: NVIDIA UNIX ") +
                                                 (open ? "Open Kernel Module for x86_64" : "x86_64 Kernel Module") +
                                                 "  " + version + "  Release Build\n";
  }
  /// Module and libraries.
  void install(const std::string& version, std::int64_t cuda, bool open = true) {
    set_driver(probe, version, cuda);
    module(version, open);
  }
  void libraries(const std::string& version, const std::string& where = "/usr/lib/x86_64-linux-gnu/") {
    probe.nvml_view.path = where + "libnvidia-ml.so." + version;
    probe.cuda_view.path = where + "libcuda.so." + version;
  }
  void no_libraries() { broken::no_libraries(probe); }
  void no_module() {
    remove_files(probe, "/sys/module/nvidia");
    remove_files(probe, "/proc/driver");
    no_nodes();
  }
  void no_nodes() { remove_files(probe, "/dev/nvidia"); }
  void refuse(const std::string& node, const std::string& why) { probe.refused[node] = why; }

  void gpu(std::int64_t cc, const std::string& name) {
    for (Gpu* one : {&probe.nvml_view.gpus.front(), &probe.cuda_view.gpus.front()}) {
      one->compute_capability = {cc, ""};
      one->name = {name, ""};
    }
    options.architectures = {std::to_string(cc)};
  }
  /// NVML answers, and counts no GPU; CUDA finds none.
  void nothing_started() {
    probe.nvml_view.gpus.clear();
    probe.nvml_view.device_count = {0, ""};
    cuda(100);
  }
  void nvml(std::int64_t code) { nvml_answers(probe, code); }
  void cuda(std::int64_t code) { cuda_answers(probe, code); }
  /// CUDA sees no GPU with this value, and the one that is there without the variable.
  void hidden_by(const std::string& value) {
    probe.variables["CUDA_VISIBLE_DEVICES"] = value;
    probe.unmasked_view = probe.cuda_view;
    cuda(100);
  }

  void in_docker() { probe.files["/.dockerenv"] = ""; }
  void in_podman() { probe.files["/run/.containerenv"] = ""; }
  void in_kubernetes() { probe.variables["KUBERNETES_SERVICE_HOST"] = "10.96.0.1"; }
  void in_apptainer() { probe.files["/.singularity.d/runscript"] = ""; }
  void in_lxc() {
    probe.files["/proc/1/cgroup"] = "0::/init.scope\n";  // cgroup v2 names nothing
    probe.files["/run/systemd/container"] = "lxc\n";
  }
  /// WSL has no PCI bus, no module, and libraries of Windows.
  void in_wsl() {
    probe.release = "5.15.167.4-microsoft-standard-WSL2";
    probe.files["/dev/dxg"] = "";
    no_module();
    no_pci();
    probe.nvml_view.driver_version = {"581.15", ""};
    libraries("1.1", "/usr/lib/wsl/lib/");
  }
  void jetson() {
    probe.release = "5.15.136-tegra";
    probe.files["/etc/nv_tegra_release"] = "# R36 (release), REVISION: 3.0\n";
    probe.files["/sys/firmware/devicetree/base/model"] = std::string("NVIDIA Jetson AGX Orin Developer Kit\0", 37);
    no_module();
    no_pci();
  }

  static constexpr const char* packages = "/usr/local/lib/python3.12/site-packages";
  void torch(const std::string& version, const std::string& cuda, const std::string& where = packages) {
    const std::string value = cuda.empty() ? "None" : "'" + cuda + "'";
    probe.files[where + "/torch/version.py"] =
        "__version__ = '" + version + "'\ncuda: Optional[str] = " + value + "\nhip = None\n";
  }
  void wheel(const std::string& name) { probe.files[std::string(packages) + "/" + name + ".dist-info/METADATA"] = ""; }

  CheckReport check() const { return run_check(probe, options); }

 private:
  static std::string folder(const std::string& address) { return "/sys/bus/pci/devices/" + address; }
};

/// One machine, and what a person would want to be told of it.
struct Reported {
  const char* name;
  const char* id;        ///< the finding that is looked at
  Severity severity;     ///< failure: the cause, exit code 5
  const char* remedy;    ///< a part of the first one
  const char* evidence;  ///< a part of one line, or of the summary
  std::function<void(ReportedMachine&)> build;
};

/// The one cause and its first remedy, or a usable GPU and the warning; and no remedy of another place.
inline void expect_told(const ReportedMachine& machine, const Reported& right) {
  const CheckReport report = machine.check();
  const auto found = std::ranges::find(report.findings, right.id, &Finding::id);
  const std::string all = to_json(report.findings).dump(1);
  ASSERT_NE(found, report.findings.end()) << all;
  EXPECT_EQ(found->severity, right.severity) << all;
  EXPECT_THAT(found->remedies.front(), testing::HasSubstr(right.remedy));
  std::string seen = found->summary;
  for (const std::string& line : found->evidence) seen += "\n" + line;
  EXPECT_THAT(seen, testing::HasSubstr(right.evidence));
  const bool none = std::string(right.id) == "D-HW-NONE";
  EXPECT_EQ(report.exit_code(false), none                                  ? ExitCode::nothing
                                     : right.severity == Severity::failure ? ExitCode::refused
                                                                           : ExitCode::good)
      << all;
  // What follows from the cause is not told again as a warning.
  if (right.severity == Severity::failure) {
    EXPECT_EQ(std::ranges::count(report.findings, std::string("W-NVML"), &Finding::id), 0) << all;
  }
  for (const Finding& finding : report.findings) {
    if (finding.severity != Severity::info) {
      EXPECT_NE(finding.id, "D-CUDA-INIT") << all;
    }
    for (const std::string& remedy : finding.remedies) {
      EXPECT_FALSE(remedy.starts_with("@")) << remedy;
      if (report.environment.in_container()) {
        EXPECT_FALSE(remedy.starts_with("sudo nvidia-") || remedy.starts_with("sudo modprobe")) << remedy;
        EXPECT_EQ(remedy.find("usermod"), std::string::npos) << remedy;
      } else {
        EXPECT_EQ(remedy.find("--gpus all"), std::string::npos) << remedy;
      }
    }
  }
}

}  // namespace kernelgate
