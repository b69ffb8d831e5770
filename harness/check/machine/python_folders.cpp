// Where this machine's Python environments keep their packages.
#include "harness/check/machine/python_folders.h"

#include <algorithm>
#include <filesystem>

#include "harness/base/printable.h"

namespace kernelgate {
namespace {

void add_packages_under(const Probe& probe, const std::string& prefix, std::vector<std::string>& folders) {
  for (const char* library : {"/lib", "/lib64"}) {
    // A virtual environment's lib64 is a link to its lib: the same packages again.
    const std::string target = probe.read_link(prefix + library).value_or("");
    if (target == "lib" || target == prefix + "/lib") continue;
    std::vector<std::string> pythons = probe.list_directory(prefix + library);
    std::ranges::reverse(pythons);  // 3.12 before 3.11
    for (const std::string& python : pythons) {
      if (!python.starts_with("python3")) continue;
      for (const char* packages : {"/site-packages", "/dist-packages"}) {
        std::string folder = prefix;
        folder.append(library).append("/").append(python).append(packages);
        if (std::ranges::find(folders, folder) == folders.end() && probe.exists(folder)) {
          folders.push_back(std::move(folder));
        }
      }
    }
  }
}

// Where the links of a file's name lead in the end; the path itself where it is none.
std::string followed(const Probe& probe, std::string path) {
  constexpr int most_links = 40;  // as the kernel's own limit
  for (int links = 0; links < most_links; ++links) {
    const std::optional<std::string> target = probe.read_link(path);
    if (!target) break;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    path = (folder / *target).lexically_normal().string();  // an absolute target replaces the folder
  }
  return path;
}

// "/" is the prefix of /bin, which is a link to /usr/bin: the same packages again.
void add_once(std::vector<std::string>& all, const std::filesystem::path& one) {
  if (one != "/" && std::ranges::find(all, one.string()) == all.end()) all.push_back(one.string());
}

// The environments of the python3 that a shell would start: where it is found, and where its links lead.
std::vector<std::string> prefixes_on_path(const Probe& probe) {
  std::vector<std::string> prefixes;
  for (const std::string& folder : absolute_parts(probe.environment_variable("PATH").value_or(""), ':')) {
    for (const char* name : {"/python3", "/python"}) {
      const std::string python = folder + name;
      if (!probe.exists(python) && !probe.read_link(python)) continue;
      add_once(prefixes, std::filesystem::path(folder).parent_path());
      add_once(prefixes, std::filesystem::path(followed(probe, python)).parent_path().parent_path());
      return prefixes;
    }
  }
  return prefixes;
}

}  // namespace

std::vector<std::string> absolute_parts(std::string_view list, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = list.find(separator);
    std::string part(list.substr(0, at));
    while (part.size() > 1 && part.back() == '/') part.pop_back();
    if (part.starts_with('/')) parts.push_back(std::move(part));
    if (at == std::string_view::npos) return parts;
    list.remove_prefix(at + 1);
  }
}

std::vector<std::string> python_package_folders(const Probe& probe) {
  std::vector<std::string> folders;
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
    const std::string prefix = probe.environment_variable(variable).value_or("");
    if (prefix.starts_with('/')) add_packages_under(probe, prefix, folders);
  }
  for (const std::string& prefix : prefixes_on_path(probe)) add_packages_under(probe, prefix, folders);
  const std::string home = probe.environment_variable("HOME").value_or("");
  if (home.starts_with('/')) add_packages_under(probe, home + "/.local", folders);
  for (const char* prefix : {"/usr/local", "/usr"}) add_packages_under(probe, prefix, folders);
  return folders;
}

InstalledPackage installed_package(std::string_view folder_name) {
  constexpr std::string_view suffix = ".dist-info";
  const std::size_t dash = folder_name.find('-');
  if (!folder_name.ends_with(suffix) || dash == std::string_view::npos) return {};
  if (dash + 1 >= folder_name.size() - suffix.size()) return {};
  const std::string_view version = folder_name.substr(dash + 1, folder_name.size() - suffix.size() - dash - 1);
  return {printable(folder_name.substr(0, dash), 64), printable(version, 64)};
}

}  // namespace kernelgate
