// Are the driver's libraries there, whole, the kernel module's own, and allowed to reach the GPU?
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/version.h"
#include "harness/check/diagnose/diagnose.h"
#include "harness/check/diagnose/library_state.h"
#include "harness/check/diagnose/pci_gpus.h"
#include "harness/check/diagnose/place.h"
#include "harness/check/knowledge/version_verdict.h"
#include "harness/check/machine/evidence.h"

namespace kernelgate {
namespace {

using Found = std::optional<Match>;

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

Found library_missing(const Environment& environment, const CheckOptions&) {
  const bool told_elsewhere = environment.in_container() && !absent(environment.nvml);
  if (!absent(environment.cuda) || told_elsewhere) return std::nullopt;
  Match match{"The driver's library libcuda.so.1 is not installed",
              {cuda_evidence(environment), module_evidence(environment)}};
  const std::string version = environment.kernel_driver.module_version.value.value_or("of the loaded kernel module");
  match.remedies = {install_libraries(environment.host, version),
                    "If they are installed: sudo ldconfig, and check with `ldconfig -p | grep libcuda`"};
  if (environment.host.wsl) {
    match.remedies = {
        "Put /usr/lib/wsl/lib first in LD_LIBRARY_PATH, or run sudo ldconfig; never install a driver in WSL",
        "If that folder has no libcuda.so.1: install NVIDIA's driver in Windows, then wsl --shutdown"};
  } else if (environment.host.tegra) {
    match.remedies = {"Install JetPack's CUDA: sudo apt install nvidia-l4t-cuda nvidia-l4t-core"};
  } else if (environment.in_container()) {
    match.remedies.front() += ", without a kernel module: inside this container, whose kernel is the host's";
  }
  return match;
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

/// How the libraries stand to the loaded module; both versions must be known.
struct Mismatch {
  std::string library, module;
  bool library_newer = false;
};

std::optional<Mismatch> mismatch_of(const Environment& environment) {
  const std::optional<std::string>& module = environment.kernel_driver.module_version.value;
  const std::optional<Version> loaded = Version::parse(module.value_or(""));
  for (const LibraryView* view : {&environment.nvml, &environment.cuda}) {
    const std::string text = version_suffix(view->path);
    const std::optional<Version> library = Version::parse(text);
    if (loaded && library && *library != *loaded) return Mismatch{text, *module, *library > *loaded};
  }
  return std::nullopt;
}

std::vector<std::string> mismatch_remedies(const Environment& environment, const Mismatch& mismatch) {
  const Host& host = environment.host;
  const std::string own = "If the image has a libcuda of its own, remove it: find / -name 'libcuda.so.*' shows all";
  const std::string reboot = fmt::format(
      "@host modinfo -F version nvidia tells the module on the disk: if it says {}, reboot; if not, it was not rebuilt "
      "for this kernel: {}, then reboot",
      mismatch.library, rebuild_module(host));
  switch (host.container_kind) {
    case ContainerKind::lxc:
    case ContainerKind::nspawn:
      return {install_libraries(host, mismatch.module) +
                  ", without a kernel module, inside this container: both must be of the host's version",
              fmt::format("Or with NVIDIA's installer, inside: sh NVIDIA-Linux-x86_64-{}.run --no-kernel-module",
                          mismatch.module)};
    case ContainerKind::apptainer:
      if (!mismatch.library_newer) {
        return {"Take folders with other libcuda.so.1 out of LD_LIBRARY_PATH; apptainer --nv brings the host's own"};
      }
      return {reboot};
    case ContainerKind::docker:
    case ContainerKind::podman:
    case ContainerKind::kubernetes:
    case ContainerKind::other:
      if (mismatch.library_newer) return {reboot, "Then create the container anew", own};
      return {"Create the container anew: it still has the libraries of the driver before", own};
    case ContainerKind::none:
      break;
  }
  if (mismatch.library_newer) return {reboot, "@host " + hold_driver(host)};
  return {install_libraries(host, mismatch.module),
          "ldconfig -p | grep -e libcuda -e libnvidia-ml shows whether an old copy comes first", hold_driver(host)};
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
  Match match{"The driver's libraries and the loaded kernel module are of different versions",
              {module_evidence(environment), nvml_evidence(environment), cuda_evidence(environment)}};
  for (std::string& line : log_lines(environment, "API mismatch")) match.evidence.push_back(std::move(line));
  const std::optional<Mismatch> known = mismatch_of(environment);
  if (!known) return match;
  match.summary = fmt::format("The driver's libraries ({}) are {} than the loaded kernel module ({})", known->library,
                              known->library_newer ? "newer" : "older", known->module);
  match.remedies = mismatch_remedies(environment, *known);
  return match;
}

Found compat_refused(const Environment& environment, const CheckOptions&) {
  if (environment.cuda.init_code.value != 804) return std::nullopt;
  const std::string reboot = "@host Reboot, if the driver was updated: libcuda is newer than the loaded kernel module";
  const std::string remove = "Remove the forward-compatibility package, or drop its folder from LD_LIBRARY_PATH: " +
                             remove_package(environment.host, "cuda-compat-*");
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
    match.remedies = {"Drop its folder from LD_LIBRARY_PATH and /etc/ld.so.conf.d, or remove the package: " +
                      remove_package(environment.host, "cuda-compat-*")};
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

Found shadowed_in_wsl(const Environment& environment, const CheckOptions&) {
  if (!environment.host.wsl) return std::nullopt;
  // Windows' own are called libcuda.so.1.1; the container toolkit puts those into the usual folders of a container.
  const auto not_of_windows = [](const LibraryView& view) {
    constexpr int least_branch = 100;
    const std::optional<Version> version = Version::parse(version_suffix(view.path));
    const bool of_windows = version && version->branch() < least_branch;
    return !view.path.empty() && !view.path.starts_with("/usr/lib/wsl/") && !of_windows;
  };
  const bool cuda = not_of_windows(environment.cuda), nvml = not_of_windows(environment.nvml);
  if (!cuda && !nvml) return std::nullopt;
  Match match{
      fmt::format("In WSL, a Linux driver's {} hides the one that Windows provides", cuda ? "libcuda" : "libnvidia-ml"),
      {}};
  if (cuda) match.evidence.push_back(cuda_evidence(environment));
  if (nvml) match.evidence.push_back(nvml_evidence(environment));
  if (environment.cuda.init_code.value == 0) match.severity = Severity::warning;
  match.remedies = {fmt::format("Remove the Linux driver from WSL (Windows' stays): {}",
                                remove_package(environment.host, "*nvidia*")),
                    "Or put /usr/lib/wsl/lib first in LD_LIBRARY_PATH"};
  return match;
}

const Diagnosis library_table[] = {
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
    {"D-LIB-MISSING",
     Severity::failure,
     "A GPU is there, but libcuda.so.1 is nowhere on the loader's path. CUDA's runtime calls this error 35, "
     "\"driver insufficient\", which misleads.",
     {"Install the driver's libraries of the version of the kernel module (Debian: libcuda1; Ubuntu: "
      "libnvidia-compute-<branch>; RHEL: nvidia-driver-cuda-libs)",
      "If they are installed: sudo ldconfig, and check with `ldconfig -p | grep libcuda`"},
     "CUDA error 35 with driver version 0",
     library_missing},
    {"D-LIB-MISMATCH",
     Severity::failure,
     "After a driver update without a reboot the new libraries meet the old kernel module, and refuse.",
     {"@host Reboot, if the driver was updated", "@container Create the container anew"},
     "NVML return code 18",
     library_mismatch},
    {"D-COMPAT-804",
     Severity::failure,
     "Forward compatibility (a libcuda newer than the kernel module) is for data-centre GPUs. Either a "
     "compatibility package is loaded, or the driver was updated without a reboot.",
     {"@host Reboot if the driver was updated", "Remove the package cuda-compat"},
     "CUDA error 804; docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_refused},
    {"D-COMPAT-803",
     Severity::failure,
     "The libcuda that was loaded lists the driver branches it works with, and the kernel module is not of those.",
     {"Install the cuda-compat package that names the kernel module's branch", "@host Or upgrade the driver",
      "@host Or reboot, if the driver was updated"},
     "CUDA error 803; docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_wrong},
    {"D-COMPAT-ON",
     Severity::warning,
     "CUDA works through a forward-compatibility library. Results are not comparable with a native driver's.",
     {"For results to compare: upgrade the driver of the host, and remove the package cuda-compat"},
     "docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html",
     compat_on},
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
