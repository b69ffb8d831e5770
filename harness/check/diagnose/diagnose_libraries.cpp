// Are the driver's libraries there, whole, the kernel module's own, and allowed to reach the GPU?
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/version.h"
#include "harness/check/diagnose/diagnose.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool node_exists(const Environment& environment, const std::string& node) {
  return std::ranges::count(environment.kernel_driver.device_nodes, node) > 0;
}

bool absent(const LibraryView& view) {
  return !view.loaded && view.probe_error.empty() && !has(view.load_error, "file too short");
}

bool in_container(const Environment& environment) {
  return environment.host.container.value || environment.host.gvisor ||
         environment.variables.contains("NVIDIA_DRIVER_CAPABILITIES");
}

std::string container_evidence(const Environment& environment) {
  const Fact<std::string>& sign = environment.host.container;
  return sign.value ? "container: " + *sign.value : std::string("container: NVIDIA_DRIVER_CAPABILITIES is set");
}

bool container_without_gpu(const Environment& environment) {
  const KernelDriver& kernel = environment.kernel_driver;
  return in_container(environment) && (kernel.module_version.value || kernel.module_loaded) &&
         !node_exists(environment, "/dev/nvidiactl") && absent(environment.cuda);
}

Found no_gpu_in_container(const Environment& environment, const CheckOptions&) {
  if (!container_without_gpu(environment)) return std::nullopt;
  return Match{
      "The host has an NVIDIA driver, but this container was started without GPUs",
      {container_evidence(environment), module_evidence(environment), "no /dev/nvidiactl", cuda_evidence(environment)}};
}

Found stub_library(const Environment& environment, const CheckOptions&) {
  if (environment.cuda.init_code.value != 34 && !has(environment.cuda.path, "/stubs/")) return std::nullopt;
  return Match{"The libcuda.so.1 that was found is the toolkit's stub, not a driver", {cuda_evidence(environment)}};
}

Found empty_library(const Environment& environment, const CheckOptions&) {
  if (!has(environment.cuda.load_error, "file too short") && !has(environment.nvml.load_error, "file too short")) {
    return std::nullopt;
  }
  return Match{"A driver library is an empty file", {cuda_evidence(environment), nvml_evidence(environment)}};
}

Found missing_capability(const Environment& environment, const CheckOptions&) {
  if (!in_container(environment) || absent(environment.cuda) == absent(environment.nvml)) return std::nullopt;
  const bool no_cuda = absent(environment.cuda);
  const auto set = environment.variables.find("NVIDIA_DRIVER_CAPABILITIES");
  Match match{fmt::format("The container has the driver's {} library but not its {} library",
                          no_cuda ? "management" : "compute", no_cuda ? "compute" : "management"),
              {container_evidence(environment), cuda_evidence(environment), nvml_evidence(environment)}};
  if (set != environment.variables.end()) match.evidence.push_back("NVIDIA_DRIVER_CAPABILITIES=" + set->second);
  // Without NVML a GPU can be measured, but nothing is known of clocks, throttling and other processes.
  if (!no_cuda) match.severity = Severity::warning;
  return match;
}

Found blocked_by_cgroup(const Environment& environment, const CheckOptions&) {
  const std::optional<std::int64_t> code = environment.nvml.init_code.value;
  std::vector<std::string> evidence = {nvml_evidence(environment)};
  for (const auto& [node, error] : environment.kernel_driver.node_errors) {
    if (has(error, "not permitted")) evidence.push_back(node + ": " + error);
  }
  const bool refused = evidence.size() > 1 && code && *code != 0;
  if (!refused && code != 17) return std::nullopt;
  return Match{"The device nodes exist, but the control group blocks them", evidence};
}

Found no_rights(const Environment& environment, const CheckOptions&) {
  std::vector<std::string> evidence = {cuda_evidence(environment)};
  for (const auto& [node, error] : environment.kernel_driver.node_errors) {
    if (has(error, "denied")) evidence.push_back(node + ": " + error);
  }
  if (evidence.size() == 1 || environment.cuda.init_code.value == 0) return std::nullopt;
  return Match{"This user may not open the GPU's device nodes", evidence};
}

Found library_missing(const Environment& environment, const CheckOptions&) {
  const bool told_elsewhere = in_container(environment) && !absent(environment.nvml);
  if (!absent(environment.cuda) || container_without_gpu(environment) || told_elsewhere) return std::nullopt;
  return Match{"The driver's library libcuda.so.1 is not installed",
               {cuda_evidence(environment), module_evidence(environment)}};
}

bool in_compat_folder(const Environment& environment) { return has(environment.cuda.path, "/compat/"); }

bool has_note(const Environment& environment) { return environment.cuda.notes.has_compat_note.value.value_or(false); }

/// The versions of libcuda and of the kernel module, both known and not the same.
bool versions_differ(const Environment& environment) {
  const std::optional<std::string>& module = environment.kernel_driver.module_version.value;
  const std::string library = version_suffix(environment.cuda.path);
  return module && !library.empty() && library != *module;
}

/// The note alone tells no package's library: the driver's own has it, too (580.159.04 on an H200).
bool compat_library(const Environment& environment) {
  return in_compat_folder(environment) || (has_note(environment) && versions_differ(environment));
}

std::string note_evidence(const Environment& environment) {
  const ElfNotes& notes = environment.cuda.notes;
  if (!notes.has_compat_note.value) return "its forward-compatibility note: unknown: " + notes.has_compat_note.reason;
  if (!*notes.has_compat_note.value) return "it has no forward-compatibility note: the driver's own library";
  if (!notes.forward_compat.value) return "its forward-compatibility note: " + notes.forward_compat.reason;
  const ForwardCompat& compat = *notes.forward_compat.value;
  const std::string drivers =
      compat.drivers.empty() ? "not listed" : fmt::format("{}", fmt::join(compat.drivers, ", "));
  return fmt::format("its forward-compatibility note: CUDA {}, for kernel drivers of branch {}", compat.cuda_version,
                     drivers);
}

Found library_mismatch(const Environment& environment, const CheckOptions&) {
  const std::optional<std::string>& module = environment.kernel_driver.module_version.value;
  const std::optional<std::int64_t> cuda = environment.cuda.init_code.value, nvml = environment.nvml.init_code.value;
  const std::string cuda_version = version_suffix(environment.cuda.path);
  const std::string nvml_version = version_suffix(environment.nvml.path);
  const bool nvml_differs = module && !nvml_version.empty() && nvml_version != *module && nvml && *nvml != 0;
  // 803 and 804 have diagnoses of their own; a forward-compatibility library differs and works.
  const bool cuda_differs = module && !cuda_version.empty() && cuda_version != *module && cuda && *cuda != 0 &&
                            *cuda != 803 && *cuda != 804 && !in_compat_folder(environment);
  if (nvml != 18 && !nvml_differs && !cuda_differs) return std::nullopt;
  const bool container = in_container(environment);
  return Match{"The driver's libraries and the loaded kernel module are of different versions",
               {module_evidence(environment), nvml_evidence(environment), cuda_evidence(environment)},
               {container ? "Create the container anew: it still has the libraries of the driver before"
                          : "Reboot: the driver was updated, and the old kernel module is still loaded",
                "Keep unattended upgrades from touching the driver: sudo apt-mark hold 'nvidia-*' 'libnvidia-*'"}};
}

Found compat_refused(const Environment& environment, const CheckOptions&) {
  if (environment.cuda.init_code.value != 804) return std::nullopt;
  const std::string reboot = "Reboot, if the driver was updated: libcuda is newer than the loaded kernel module";
  const std::string remove =
      "Remove the forward-compatibility package, or drop its folder from LD_LIBRARY_PATH: sudo apt remove "
      "'cuda-compat-*'";
  // Where there is no note there is no package. Where there is one, only the folder tells a package's library from
  // that of a driver that was updated: which of the two, /usr/lib does not say.
  const bool package = in_compat_folder(environment);
  const bool sure = package || environment.cuda.notes.has_compat_note.value == false;
  std::vector<std::string> remedies = {package ? remove : reboot};
  if (!sure) remedies.push_back(remove);
  return Match{package ? "A forward-compatibility libcuda is loaded, and this GPU does not allow it"
                       : "libcuda is newer than the kernel module: the driver was updated, and a reboot is pending",
               {cuda_evidence(environment), note_evidence(environment), module_evidence(environment)},
               remedies};
}

Found compat_wrong(const Environment& environment, const CheckOptions&) {
  if (environment.cuda.init_code.value != 803) return std::nullopt;
  Match match{"libcuda does not support the loaded kernel module",
              {cuda_evidence(environment), note_evidence(environment), module_evidence(environment)}};
  const std::optional<Version> module = Version::parse(environment.kernel_driver.module_version.value.value_or(""));
  const std::optional<ForwardCompat>& compat = environment.cuda.notes.forward_compat.value;
  if (module && compat && !compat->drivers.empty() && !std::ranges::count(compat->drivers, module->branch())) {
    match.summary = fmt::format("The forward-compatibility libcuda supports kernel drivers of branch {}, not {}",
                                fmt::join(compat->drivers, ", "), module->branch());
  }
  // Seen on an H200: 580.95.05 of a package beside the driver 580.159.04 gives 803, although the note lists 580.
  const std::optional<Version> library = Version::parse(version_suffix(environment.cuda.path));
  if (in_compat_folder(environment) && module && library && *library < *module) {
    match.summary = fmt::format("The forward-compatibility libcuda {} is older than the driver {}, which needs none",
                                version_suffix(environment.cuda.path), *environment.kernel_driver.module_version.value);
    match.remedies = {
        "Drop its folder from LD_LIBRARY_PATH and /etc/ld.so.conf.d, or remove the package: sudo apt remove "
        "'cuda-compat-*'"};
  }
  return match;
}

Found compat_on(const Environment& environment, const CheckOptions& options) {
  const VersionVerdict verdict = judge_versions(environment, *options.compat);
  if (environment.cuda.init_code.value != 0 ||
      (verdict.state != VersionState::forward_compat && !compat_library(environment))) {
    return std::nullopt;
  }
  return Match{"Forward compatibility is on: libcuda is newer than the kernel module",
               {verdict.text, cuda_evidence(environment), note_evidence(environment), module_evidence(environment)}};
}

Found no_uvm(const Environment& environment, const CheckOptions&) {
  const std::string node = "/dev/nvidia-uvm";
  const auto error = environment.kernel_driver.node_errors.find(node);
  const bool unusable = !node_exists(environment, node) || error != environment.kernel_driver.node_errors.end();
  if (environment.nvml.init_code.value != 0 || environment.cuda.init_code.value != 999 || !unusable)
    return std::nullopt;
  const std::string why = node_exists(environment, node) ? error->second : "missing";
  return Match{"CUDA needs /dev/nvidia-uvm, which is missing or closed to us",
               {node + ": " + why, cuda_evidence(environment), nvml_evidence(environment)}};
}

Found shadowed_in_wsl(const Environment& environment, const CheckOptions&) {
  const std::string& path = environment.cuda.path;
  if (!environment.host.wsl || path.empty() || path.starts_with("/usr/lib/wsl/")) return std::nullopt;
  Match match{"In WSL, a Linux driver's libcuda hides the one that Windows provides", {cuda_evidence(environment)}};
  if (environment.cuda.init_code.value == 0) match.severity = Severity::warning;
  return match;
}

const Diagnosis library_table[] = {
    {"D-CTR-NOGPU",
     Severity::failure,
     "The kernel's NVIDIA driver is visible, but neither device nodes nor libraries were put into this container.",
     {"docker run --gpus all ... (or --device nvidia.com/gpu=all with CDI)",
      "If that is refused, on the host: install nvidia-container-toolkit, then sudo nvidia-ctk runtime configure"},
     "NVIDIA Container Toolkit",
     no_gpu_in_container},
    {"D-LIB-STUB",
     Severity::failure,
     "The toolkit ships a libcuda for linking only, in a folder named stubs. It answers 34 to everything.",
     {"Take every folder named stubs out of LD_LIBRARY_PATH and /etc/ld.so.conf.d, then run sudo ldconfig"},
     "CUDA error 34, cudaErrorStubLibrary",
     stub_library},
    {"D-LIB-EMPTY",
     Severity::failure,
     "A driver library of zero bytes: left over in an image that was built where the real one was mounted over it.",
     {"find / -xdev -size 0 \\( -name 'libcuda.so*' -o -name 'libnvidia*.so*' \\) -delete",
      "Build the image without the NVIDIA runtime"},
     "glibc: \"file too short\"",
     empty_library},
    {"D-CTR-CAP",
     Severity::failure,
     "The container runtime puts libcuda in for the capability `compute` and NVML for `utility`; one is missing.",
     {"docker run -e NVIDIA_DRIVER_CAPABILITIES=compute,utility ..."},
     "NVIDIA Container Toolkit",
     missing_capability},
    {"D-CTR-CGROUP",
     Severity::failure,
     "The control group no longer allows the GPU's device nodes; often `systemctl daemon-reload` on the host did it.",
     {"Restart the container", "Use CDI (--device nvidia.com/gpu=all), which survives it",
      "On the host: make links in /dev/char: sudo nvidia-ctk system create-dev-char-symlinks --create-all"},
     "NVIDIA Container Toolkit troubleshooting",
     blocked_by_cgroup},
    {"D-DEV-PERM",
     Severity::failure,
     "The device nodes belong to others: file permissions, not the control group, keep this user out.",
     {"sudo usermod -aG video,render $USER, then log in again", "ls -l /dev/nvidia* shows who may open them"},
     "NVIDIA driver README, device file permissions",
     no_rights},
    {"D-LIB-MISSING",
     Severity::failure,
     "A GPU is there, but libcuda.so.1 is nowhere on the loader's path. CUDA's runtime calls this error 35, "
     "\"driver insufficient\", which misleads.",
     {"Install the driver's libraries of the version of the kernel module (Debian: libcuda1; Ubuntu: "
      "libnvidia-compute-<branch>)",
      "If they are installed: sudo ldconfig, and check with `ldconfig -p | grep libcuda`"},
     "CUDA error 35 with driver version 0",
     library_missing},
    {"D-LIB-MISMATCH",
     Severity::failure,
     "After a driver update without a reboot the new libraries meet the old kernel module, and refuse.",
     {"Host: reboot. Container: create it anew."},
     "NVML return code 18",
     library_mismatch},
    {"D-COMPAT-804",
     Severity::failure,
     "Forward compatibility (a libcuda newer than the kernel module) is for data-centre GPUs. Either a "
     "compatibility package is loaded, or the driver was updated without a reboot.",
     {"Reboot if the driver was updated", "Remove the package cuda-compat"},
     "CUDA error 804; docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_refused},
    {"D-COMPAT-803",
     Severity::failure,
     "The libcuda that was loaded lists the driver branches it works with, and the kernel module is not of those.",
     {"Install the cuda-compat package that names the kernel module's branch", "Or upgrade the driver",
      "Or reboot, if the driver was updated"},
     "CUDA error 803; docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_wrong},
    {"D-COMPAT-ON",
     Severity::warning,
     "CUDA works through a forward-compatibility library. Results are not comparable with a native driver's.",
     {"For results to compare: upgrade the driver and remove the package cuda-compat"},
     "docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_on},
    {"D-CTR-UVM",
     Severity::failure,
     "The management library works but CUDA does not: the module nvidia_uvm has no usable device node.",
     {"sudo nvidia-modprobe -c 0 -u", "Or reload it: sudo modprobe -r nvidia_uvm && sudo modprobe nvidia_uvm",
      "In a container: add /dev/nvidia-uvm, as --gpus all does"},
     "CUDA error 999",
     no_uvm},
    {"D-WSL-SHADOW",
     Severity::failure,
     "In WSL the driver is Windows' own, in /usr/lib/wsl/lib. A Linux driver package inside hides it.",
     {"sudo apt purge 'nvidia-*' 'libnvidia-*' 'libcuda1' (inside WSL; Windows' driver stays)",
      "Put /usr/lib/wsl/lib first in LD_LIBRARY_PATH"},
     "NVIDIA CUDA on WSL user guide",
     shadowed_in_wsl},
};

}  // namespace

std::span<const Diagnosis> library_diagnoses() { return library_table; }

}  // namespace kernelgate
