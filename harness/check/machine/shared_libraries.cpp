// The CUDA libraries that a program here would load, and their versions.
#include "harness/check/machine/shared_libraries.h"

#include <algorithm>
#include <vector>

#include "harness/base/json/fact_json.h"
#include "harness/base/printable.h"
#include "harness/base/version.h"
#include "harness/check/machine/python_folders.h"

namespace kernelgate {
namespace {

constexpr std::size_t most_read = 64 << 10;

struct Known {
  const char* name;
  const char* file;          ///< without the version
  const char* wheel;         ///< its dist-info begins so
  const char* toolkit_name;  ///< in a toolkit's version.json; empty: not part of it
};

constexpr Known known_libraries[] = {
    {"cublas", "libcublas.so.", "nvidia_cublas", "libcublas"},
    {"cudart", "libcudart.so.", "nvidia_cuda_runtime", "cuda_cudart"},
    {"cudnn", "libcudnn.so.", "nvidia_cudnn", ""},
};

void add(std::vector<std::string>& folders, const std::string& folder) {
  if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
}

// What the loader reads its cache from; the cache itself is binary and may be stale.
void add_loader_folders(const Probe& probe, std::vector<std::string>& folders) {
  for (const std::string& one : absolute_parts(probe.environment_variable("LD_LIBRARY_PATH").value_or(""), ':')) {
    add(folders, one);
  }
  for (const std::string& name : probe.list_directory("/etc/ld.so.conf.d")) {
    if (!name.ends_with(".conf")) continue;
    const std::string text = probe.read_start("/etc/ld.so.conf.d/" + name, most_read).value_or("");
    for (const std::string& one : absolute_parts(text, '\n')) add(folders, one);
  }
  if (const std::string conda = probe.environment_variable("CONDA_PREFIX").value_or(""); conda.starts_with('/')) {
    add(folders, conda + "/lib");
  }
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
                             "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"}) {
    add(folders, folder);
  }
}

void add_toolkit_folders(const Probe& probe, std::vector<std::string>& folders) {
  std::vector<std::string> roots;
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    for (const std::string& one : absolute_parts(probe.environment_variable(variable).value_or(""), ':'))
      add(roots, one);
  }
  std::vector<std::string> names = probe.list_directory("/usr/local");
  std::ranges::reverse(names);
  add(roots, "/usr/local/cuda");
  for (const std::string& name : names) {
    if (name.starts_with("cuda-")) add(roots, "/usr/local/" + name);
  }
  for (const std::string& root : roots) {
    for (const char* folder : {"/lib64", "/lib", "/targets/x86_64-linux/lib", "/targets/sbsa-linux/lib"}) {
      add(folders, root + folder);
    }
  }
}

void add_wheel_folders(const Probe& probe, std::vector<std::string>& folders) {
  for (const std::string& packages : python_package_folders(probe)) {
    const std::string root = packages + "/nvidia";
    for (const std::string& name : probe.list_directory(root)) {
      std::string folder = root;
      add(folders, folder.append("/").append(name).append("/lib"));
    }
  }
}

std::string parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Of the wheel that installed the folder: site-packages/nvidia/*/lib, or a toolkit put together from wheels.
std::string version_of_wheel(const Probe& probe, const Known& known, const std::string& folder) {
  for (const std::string& where : {parent(parent(parent(folder))), parent(folder) + "/dist-info"}) {
    for (const std::string& name : probe.list_directory(where)) {
      const InstalledPackage package = installed_package(name);
      const std::string_view rest =
          std::string_view(package.name).substr(std::min(package.name.size(), std::string_view(known.wheel).size()));
      if (package.name.starts_with(known.wheel) && (rest.empty() || rest.starts_with("_cu"))) {
        if (Version::parse(package.version)) return package.version;
      }
    }
  }
  return "";
}

std::string version_of_toolkit(const Probe& probe, const Known& known, const std::string& folder) {
  if (!*known.toolkit_name) return "";
  const std::string text = probe.read_start(parent(folder) + "/version.json", most_read).value_or("");
  const nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains(known.toolkit_name)) return "";
  const nlohmann::json& part = document[known.toolkit_name];
  if (!part.is_object() || !part.contains("version") || !part["version"].is_string()) return "";
  std::string version = printable(part["version"].get<std::string>());
  return Version::parse(version) ? version : "";
}

// The newest of a folder that keeps several: "13.1.0.3" of libcublas.so.13.1.0.3 before "13" of its link.
std::string newest_suffix(const std::vector<std::string>& names, const Known& known) {
  std::string newest;
  for (const std::string& name : names) {
    if (!name.starts_with(known.file)) continue;
    const std::string suffix = name.substr(std::string_view(known.file).size());
    const std::optional<Version> is = Version::parse(suffix);
    const std::optional<Version> before = Version::parse(newest);
    if (newest.empty() || (is && (!before || *is > *before))) newest = suffix;
  }
  return newest;
}

SharedLibrary read_library(const Probe& probe, const Known& known, const std::string& folder,
                           const std::vector<std::string>& names) {
  SharedLibrary library;
  std::string version = newest_suffix(names, known);
  library.path = folder + "/" + known.file + version;
  std::string real_folder = folder;
  if (!Version::parse(version)) {
    const std::string target = probe.read_link(library.path).value_or("");
    const std::size_t at = target.rfind(known.file);
    version = at == std::string::npos ? "" : target.substr(at + std::string_view(known.file).size());
    if (target.starts_with('/')) real_folder = parent(target);
  }
  if (!Version::parse(version)) version = version_of_wheel(probe, known, real_folder);
  if (!Version::parse(version)) version = version_of_toolkit(probe, known, real_folder);
  library.path = printable(library.path, 400);  // a folder may be named by any bytes; documents are strict JSON
  library.version = Version::parse(version)
                        ? Fact<std::string>{version, ""}
                        : missing<std::string>("its file name has no full version, and nothing beside it says one");
  return library;
}

}  // namespace

namespace {

std::vector<std::string> all_folders(const Probe& probe) {
  std::vector<std::string> folders;
  add_loader_folders(probe, folders);
  for (const std::string& one :
       absolute_parts(probe.environment_variable("KERNELGATE_LIBRARY_PATH").value_or(""), ':')) {
    add(folders, one);
  }
  add_toolkit_folders(probe, folders);
  add_wheel_folders(probe, folders);
  return folders;
}

}  // namespace

bool library_file_exists(const Probe& probe, const std::string& name, const std::vector<std::string>& more) {
  std::vector<std::string> folders = all_folders(probe);
  for (const std::string& folder : more) add(folders, folder);
  const std::string prefix = name + ".";
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    const std::vector<std::string> files = probe.list_directory(folder);
    return std::ranges::any_of(files, [&](const auto& file) { return file == name || file.starts_with(prefix); });
  });
}

std::map<std::string, SharedLibrary> read_shared_libraries(const Probe& probe) {
  const std::vector<std::string> folders = all_folders(probe);
  std::map<std::string, SharedLibrary> found;
  for (const std::string& folder : folders) {
    const std::vector<std::string> names = probe.list_directory(folder);
    for (const Known& known : known_libraries) {
      const bool here =
          std::ranges::any_of(names, [&](const std::string& name) { return name.starts_with(known.file); });
      if (here && !found.contains(known.name)) found[known.name] = read_library(probe, known, folder, names);
    }
    if (found.size() == std::size(known_libraries)) break;
  }
  return found;
}

nlohmann::json to_json(const std::map<std::string, SharedLibrary>& libraries) {
  nlohmann::json document = nlohmann::json::object();
  for (const auto& [name, library] : libraries) {
    document[name] = {{"path", library.path}, {"version", fact_json(library.version)}};
  }
  return document;
}

}  // namespace kernelgate
