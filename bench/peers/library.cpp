// dlopen with the folders in which NVIDIA's libraries are installed, which the loader does not know.

#include "bench/peers/library.h"

#include <dlfcn.h>
#include <glob.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace kernelgate {
namespace {

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

// Versions last to first, so that python3.12 goes before python3.11 and cuda-13.0 before cuda-12.4.
std::vector<std::string> expand(const std::string& pattern) {
  std::vector<std::string> paths;
  glob_t matches{};
  if (::glob(pattern.c_str(), GLOB_ONLYDIR, nullptr, &matches) == 0)
    paths.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  ::globfree(&matches);
  std::ranges::reverse(paths);
  return paths;
}

void add_toolkit(std::vector<std::string>& patterns, const std::string& root) {
  if (root.empty()) return;
  for (const char* folder : {"/lib64", "/lib", "/targets/x86_64-linux/lib"}) patterns.push_back(root + folder);
}

void add_wheels(std::vector<std::string>& patterns, const std::string& root) {
  if (root.empty()) return;
  for (const char* packages : {"site-packages", "dist-packages"})
    patterns.push_back(fmt::format("{}/lib/python3*/{}/nvidia/*/lib", root, packages));
}

// Not a folder-by-folder message: a person can't use forty of them.
std::string searched_for_people() {
  return "the loader's path, $KERNELGATE_LIBRARY_PATH, the program's lib folders, $CUDA_HOME, /usr/local/cuda*, "
         "Python wheels (nvidia/*/lib)";
}

}  // namespace

std::vector<std::string> library_folders() {
  std::vector<std::string> patterns;
  const std::string own_path = environment("KERNELGATE_LIBRARY_PATH");
  for (std::size_t begin = 0; begin <= own_path.size();) {
    const std::size_t end = std::min(own_path.find(':', begin), own_path.size());
    if (end > begin) patterns.push_back(own_path.substr(begin, end - begin));
    begin = end + 1;
  }
  std::error_code no_proc;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", no_proc);
  if (!no_proc) {
    patterns.push_back((program.parent_path() / "lib").string());
    patterns.push_back((program.parent_path().parent_path() / "lib").string());
  }
  add_toolkit(patterns, environment("CUDA_HOME"));
  add_toolkit(patterns, environment("CUDA_PATH"));
#ifdef KERNELGATE_TOOLKIT_LIBRARIES
  patterns.emplace_back(KERNELGATE_TOOLKIT_LIBRARIES);
#endif
  add_toolkit(patterns, "/usr/local/cuda*");
  add_wheels(patterns, environment("VIRTUAL_ENV"));
  add_wheels(patterns, "/usr/local");
  add_wheels(patterns, "/usr");
  if (const std::string home = environment("HOME"); !home.empty()) add_wheels(patterns, home + "/.local");

  std::vector<std::string> folders;
  for (const auto& pattern : patterns)
    for (auto& folder : expand(pattern))
      if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(std::move(folder));
  return folders;
}

const Library& Library::open(std::string_view name, const std::vector<std::string>& sonames) {
  // Keyed by the sonames: two peers may ask for one library under different display names.
  static std::mutex mutex;
  static std::map<std::vector<std::string>, std::variant<Library, std::string>> known;
  const std::lock_guard lock(mutex);
  auto entry = known.find(sonames);
  if (entry == known.end()) {
    try {
      entry = known.emplace(sonames, load(name, sonames)).first;
    } catch (const Unsupported& why) {
      entry = known.emplace(sonames, std::string(why.what())).first;
    }
  }
  if (const auto* failure = std::get_if<std::string>(&entry->second)) throw Unsupported(*failure);
  return std::get<Library>(entry->second);
}

Support Library::probe(std::string_view name, const std::vector<std::string>& sonames) noexcept {
  try {
    open(name, sonames);
    return {};
  } catch (const std::exception& why) {
    return Support::no(why.what());
  }
}

Library Library::load(std::string_view name, const std::vector<std::string>& sonames) {
  // Lazy binding: these libraries have tens of thousands of symbols, and a peer uses ten.
  constexpr int mode = RTLD_LAZY | RTLD_LOCAL;
  std::string broken;
  const auto folders = library_folders();
  for (const auto& soname : sonames) {
    if (void* handle = ::dlopen(soname.c_str(), mode)) return Library(handle, soname);
    for (const auto& folder : folders) {
      const std::string path = folder + "/" + soname;
      std::error_code ignored;
      if (!std::filesystem::exists(path, ignored)) continue;
      if (void* handle = ::dlopen(path.c_str(), mode)) return Library(handle, path);
      // "file not found" would hide the real reason: a dependency that is missing, or a wrong architecture.
      const char* reason = ::dlerror();
      broken = reason == nullptr ? path : reason;
    }
  }
  if (!broken.empty()) throw Unsupported(fmt::format("{} does not load: {}", name, broken));
  throw Unsupported(fmt::format("{} not found: no {} in {}", name, fmt::join(sonames, " or "), searched_for_people()));
}

void* Library::address(const char* symbol_name) const {
  if (void* found = ::dlsym(handle_, symbol_name)) return found;
  throw Unsupported(fmt::format("{} has no {}", path_, symbol_name));
}

}  // namespace kernelgate
