// What the files of installed frameworks say of the CUDA that they were built for.
#include "harness/check/machine/frameworks.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/base/json/fact_json.h"
#include "harness/base/printable.h"
#include "harness/base/version.h"
#include "harness/check/machine/facts.h"
#include "harness/check/machine/python_folders.h"
#include "harness/check/machine/shared_libraries.h"

namespace kernelgate {
namespace {

// The files have a few hundred bytes; whatever is longer is not one of them.
constexpr std::size_t most_read = 64 << 10;

std::string quoted_text(std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return "";
  const std::size_t end = text.find(text.front(), 1);
  return end == std::string_view::npos ? "" : printable(text.substr(1, end - 1), 64);
}

// `name = 'value'` or `name: Optional[str] = 'value'` at the start of a line; "None" for None, empty if absent.
std::string assigned(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    if (line.empty() || (line.front() != ' ' && line.front() != ':' && line.front() != '=')) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    line.remove_prefix(equals + 1);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    return line.starts_with("None") ? "None" : quoted_text(line);
  }
  return "";
}

// What follows the quoted key of a Python dictionary or list of pairs.
std::string_view after_key(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t end = at + key.size();
    if (at == 0 || end >= text.size() || text[end] != text[at - 1]) continue;
    if (text[end] != '\'' && text[end] != '"') continue;
    const std::size_t value = text.find_first_not_of(" ,:\n", end + 1);
    return value == std::string_view::npos ? std::string_view() : text.substr(value);
  }
  return {};
}

// "13.0" and "12.5.1".
Fact<std::int64_t> cuda_of(const std::string& text, const std::string& file) {
  const std::optional<Version> version = Version::parse(text);
  if (!version) return missing<std::int64_t>(text.empty() ? file + " names no CUDA" : "'" + text + "' is no version");
  int minor = 0;
  const std::size_t dot = text.find('.') + 1;
  std::from_chars(text.data() + dot, text.data() + text.size(), minor);
  if (version->branch() > 999 || minor > 99) return missing<std::int64_t>("'" + text + "' is no CUDA version");
  return {version->branch() * 1000 + minor * 10, ""};
}

// "cu130" of a wheel's local version, "2.9.0+cu130".
Fact<std::int64_t> cuda_of_wheel(const std::string& version) {
  const std::size_t at = version.find("+cu");
  int number = 0;
  if (at != std::string::npos) std::from_chars(version.data() + at + 3, version.data() + version.size(), number);
  if (number < 60 || number > 999) return missing<std::int64_t>("its version names no CUDA");
  return {number / 10 * 1000 + number % 10 * 10, ""};
}

Fact<std::vector<std::string>> architectures_unknown() {
  return missing<std::vector<std::string>>("they are only in its machine code, which is not read");
}

// "9" and "9.8" are 9; 0 for what is no number.
int major_of(const std::string& text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number > 0 && number < 1000 ? number : 0;
}

// cuBLAS is of CUDA's major, cuDNN has its own.
void need_libraries(const Probe& probe, const std::string& folder, int cudnn, Framework& framework) {
  if (framework.without_cuda || !framework.cuda.value) return;
  const std::int64_t cuda = *framework.cuda.value / 1000;
  const std::pair<std::string, std::string> needed[] = {
      {fmt::format("cuDNN {}", cudnn), fmt::format("libcudnn.so.{}", cudnn)},
      {fmt::format("cuBLAS {}", cuda), fmt::format("libcublas.so.{}", cuda)}};
  for (const auto& [name, file] : needed) {
    if (file.ends_with(".0") || library_file_exists(probe, file, {folder + "/torch/lib"})) continue;
    framework.missing_libraries.push_back(fmt::format("{} ({})", name, file));
  }
}

Framework pytorch(const Probe& probe, const std::string& folder, const std::string& wheel_version) {
  Framework found{"PyTorch", wheel_version, folder + "/torch/version.py", {}, false, false, architectures_unknown()};
  const std::optional<std::string> text = probe.read_start(found.path, most_read);
  const std::string version = text ? assigned(*text, "__version__") : "";
  if (version.empty()) {
    found.cuda = cuda_of_wheel(wheel_version);
    if (!found.cuda.value) found.cuda.reason = found.path + " can't be read";
    return found;
  }
  found.version = version;
  const std::string cuda = assigned(*text, "cuda"), hip = assigned(*text, "hip");
  found.without_cuda = cuda == "None";
  found.cuda = !found.without_cuda            ? cuda_of(cuda, found.path)
               : hip.empty() || hip == "None" ? missing<std::int64_t>("built without CUDA, for the CPU")
                                              : missing<std::int64_t>("built without CUDA, for ROCm " + hip);
  return found;
}

Framework tensorflow(const Probe& probe, const std::string& folder, const std::string& wheel_version) {
  Framework found{
      "TensorFlow", wheel_version, folder + "/tensorflow/python/platform/build_info.py", {}, false, false, {}};
  const std::optional<std::string> text = probe.read_start(found.path, most_read);
  found.architectures = architectures_unknown();
  if (!text) {
    found.cuda = missing<std::int64_t>(found.path + " can't be read");
    return found;
  }
  if (after_key(*text, "is_cuda_build").starts_with("False")) {
    found.without_cuda = true;
    found.cuda = missing<std::int64_t>("built without CUDA, for the CPU");
    return found;
  }
  found.cuda = cuda_of(quoted_text(after_key(*text, "cuda_version")), found.path);
  need_libraries(probe, folder, major_of(quoted_text(after_key(*text, "cudnn_version"))), found);
  std::string_view list = after_key(*text, "cuda_compute_capabilities");
  if (!list.starts_with('[')) return found;
  list = list.substr(1, std::min(list.find(']'), list.size()) - 1);
  std::vector<std::string> architectures;
  for (std::size_t at = list.find_first_of("'\""); at != std::string_view::npos; at = list.find_first_of("'\"")) {
    std::string one = quoted_text(list.substr(at));
    if (one.empty()) break;
    list.remove_prefix(std::min(at + one.size() + 2, list.size()));
    architectures.push_back(std::move(one));
  }
  if (!architectures.empty()) found.architectures = {architectures, ""};
  return found;
}

Framework onnx_runtime(const Probe& probe, const std::string& folder, const InstalledPackage& package) {
  Framework found{
      "ONNX Runtime", package.version,        folder + "/onnxruntime/capi/build_and_package_info.py", {}, false,
      false,          architectures_unknown()};
  const std::string text = probe.read_start(found.path, most_read).value_or("");
  const std::string cuda = assigned(text, "cuda_version");
  found.without_cuda = package.name == "onnxruntime" && (cuda.empty() || cuda == "None");
  found.cuda =
      found.without_cuda ? missing<std::int64_t>("built without CUDA, for the CPU") : cuda_of(cuda, found.path);
  // cuDNN 9 came with 1.19, where the file names none.
  const std::optional<Version> version = Version::parse(package.version);
  const int cudnn = version && *version >= *Version::parse("1.19") ? 9 : 8;
  const std::string named = assigned(text, "cudnn_version");
  need_libraries(probe, folder, named.empty() ? cudnn : major_of(named), found);
  return found;
}

Framework paddle(const Probe& probe, const std::string& folder, const std::string& wheel_version) {
  Framework found{"PaddlePaddle", wheel_version,          folder + "/paddle/version/__init__.py", {}, false,
                  false,          architectures_unknown()};
  std::optional<std::string> text = probe.read_start(found.path, most_read);
  if (!text) {
    found.path = folder + "/paddle/version.py";  // before 2.5
    text = probe.read_start(found.path, most_read);
  }
  if (!text) {
    found.cuda = missing<std::int64_t>(found.path + " can't be read");
    return found;
  }
  if (std::string version = assigned(*text, "full_version"); !version.empty()) found.version = std::move(version);
  const std::string cuda = assigned(*text, "cuda_version");
  found.without_cuda = cuda == "False" || cuda == "None";
  found.cuda =
      found.without_cuda ? missing<std::int64_t>("built without CUDA, for the CPU") : cuda_of(cuda, found.path);
  need_libraries(probe, folder, major_of(assigned(*text, "cudnn_version")), found);
  return found;
}

// Its wheels are one for CPU and GPU, and name no CUDA: from 4 on they are for CUDA 12, from 4.5 on for cuDNN 9.
// Source  CTranslate2's release notes; OpenNMT/CTranslate2#1806.
Framework ctranslate2(const Probe& probe, const std::string& folder, const InstalledPackage& package) {
  Framework found{"CTranslate2", package.version, folder + "/ctranslate2", {}, true, false, architectures_unknown()};
  const std::optional<Version> version = Version::parse(package.version);
  if (!version) {
    found.cuda = missing<std::int64_t>("'" + package.version + "' is no version");
    return found;
  }
  found.cuda = {version->branch() >= 4 ? 12000 : 11000, ""};
  need_libraries(probe, folder, *version >= *Version::parse("4.5") ? 9 : 8, found);
  return found;
}

// The number in "jax_cuda12_plugin", "cupy_cuda13x" and "cupy_cuda112"; 0 where there is none.
int number_after(std::string_view name, std::string_view prefix) {
  int number = 0;
  if (!name.starts_with(prefix)) return 0;
  std::from_chars(name.data() + prefix.size(), name.data() + name.size(), number);
  return number > 0 && number < 1000 ? number : 0;
}

Framework of_major(const char* name, const std::string& version, const std::string& path, int major) {
  Framework found{name, version, path, {}, false, false, architectures_unknown()};
  found.major_only = true;
  found.cuda = {major * 1000, ""};
  return found;
}

// CuPy's older wheels name the minor, too: cupy_cuda112 was for CUDA 11.2.
Framework cupy_wheel(const InstalledPackage& package, const std::string& path, int number) {
  if (number < 100) return of_major("CuPy", package.version, path, number);
  return {"CuPy", package.version,        path, {number / 10 * 1000 + number % 10 * 10, ""}, false,
          false,  architectures_unknown()};
}

// "3.12" of ".../lib/python3.12/site-packages".
std::string python_of(const std::string& folder) {
  const std::size_t at = folder.rfind("/python");
  if (at == std::string::npos) return "";
  const std::string text = folder.substr(at + 7, folder.find('/', at + 1) - at - 7);
  return Version::parse(text) ? text : "";
}

struct PackageFolder {
  const Probe& probe;
  std::string folder;
  std::vector<std::string> names;
  std::vector<InstalledPackage> packages;

  std::string version_of(std::initializer_list<std::string_view> wanted) const {
    for (const InstalledPackage& package : packages) {
      if (std::ranges::find(wanted, std::string_view(package.name)) != wanted.end()) return package.version;
    }
    return "of unknown version";
  }
  bool has(const char* name) const { return std::ranges::binary_search(names, name); }

  void read_jax(std::vector<Framework>& found) const {
    const InstalledPackage* library = nullptr;
    bool plugin = false;
    for (const InstalledPackage& package : packages) {
      if (package.name == "jaxlib") library = &package;
      const int major = package.name.ends_with("_plugin") ? number_after(package.name, "jax_cuda") : 0;
      if (major) found.push_back(of_major("JAX", package.version, folder + "/" + package.name, major));
      plugin = plugin || major;
    }
    if (plugin || !library) return;
    const std::string path = folder + "/jaxlib";
    // Before it had plugins, jaxlib's wheels said it in their version: 0.4.14+cuda12.cudnn89.
    const std::size_t tag = library->version.find("+cuda");
    const int major =
        tag == std::string::npos ? 0 : number_after(std::string_view(library->version).substr(tag), "+cuda");
    if (major) return found.push_back(of_major("JAX", library->version, path, major));
    Framework cpu{"JAX",
                  library->version,
                  path,
                  missing<std::int64_t>("no jax_cuda plugin is installed: the CPU only"),
                  false,
                  true,
                  architectures_unknown()};
    found.push_back(std::move(cpu));
  }

  void read(std::vector<Framework>& found) const {
    if (has("torch")) found.push_back(pytorch(probe, folder, version_of({"torch"})));
    if (has("tensorflow")) {
      found.push_back(
          tensorflow(probe, folder,
                     version_of({"tensorflow", "tensorflow_cpu", "tensorflow_gpu", "tf_nightly", "intel_tensorflow"})));
    }
    read_jax(found);
    if (has("paddle")) found.push_back(paddle(probe, folder, version_of({"paddlepaddle_gpu", "paddlepaddle"})));
    for (const InstalledPackage& package : packages) {
      const std::string path = folder + "/" + package.name;
      if (const int number = number_after(package.name, "cupy_cuda")) {
        found.push_back(cupy_wheel(package, path, number));
      } else if (package.name == "onnxruntime" || package.name == "onnxruntime_gpu") {
        found.push_back(onnx_runtime(probe, folder, package));
      } else if (package.name == "ctranslate2") {
        found.push_back(ctranslate2(probe, folder, package));
      }
    }
  }
};

}  // namespace

std::vector<Framework> read_frameworks(const Probe& probe) {
  std::vector<Framework> found;
  for (const std::string& folder : python_package_folders(probe)) {
    PackageFolder packages{probe, folder, probe.list_directory(folder), {}};
    for (const std::string& name : packages.names) {
      if (InstalledPackage package = installed_package(name); !package.name.empty()) {
        packages.packages.push_back(std::move(package));
      }
    }
    const std::size_t before = found.size();
    packages.read(found);
    for (std::size_t i = before; i < found.size(); ++i) found[i].python = python_of(folder);
  }
  // A folder may be named by any bytes; documents are strict JSON.
  for (Framework& framework : found) {
    framework.path = printable(framework.path, 400);
    framework.cuda.reason = printable(framework.cuda.reason, 500);
  }
  return found;
}

std::string cuda_text(const Framework& framework) {
  if (!framework.cuda.value) return framework.without_cuda ? "no CUDA" : "unknown CUDA";
  if (framework.major_only) return fmt::format("CUDA {}", *framework.cuda.value / 1000);
  return "CUDA " + cuda_version_text(*framework.cuda.value);
}

nlohmann::json to_json(const std::vector<Framework>& frameworks) {
  nlohmann::json document = nlohmann::json::array();
  for (const Framework& framework : frameworks) {
    document.push_back({{"name", framework.name},
                        {"version", framework.version},
                        {"path", framework.path},
                        {"cuda", fact_json(framework.cuda)},
                        {"major_only", framework.major_only},
                        {"without_cuda", framework.without_cuda},
                        {"python", framework.python},
                        {"missing_libraries", framework.missing_libraries},
                        {"architectures", fact_json(framework.architectures)}});
  }
  return document;
}

}  // namespace kernelgate
