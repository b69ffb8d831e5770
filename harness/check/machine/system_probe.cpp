// The probe of the machine that the program runs on, or of one whose files lie in a folder.
#include "harness/check/machine/system_probe.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/base/json/fact_json.h"
#include "harness/base/process/child_process.h"
#include "harness/check/machine/driver_libraries.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

using Read = std::function<void(const SymbolSource&, LibraryView&)>;

LibraryView ask_in_child(const std::function<LibraryView()>& ask, std::chrono::milliseconds limit) {
  ChildAnswer answer = run_in_child(
      [&] { return to_json(ask()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }, limit);
  if (answer.error.empty()) {
    try {
      return library_view_from_json(nlohmann::json::parse(answer.text));
    } catch (const nlohmann::json::exception&) {
      answer.error = "its answer can't be read";
    }
  }
  LibraryView view;
  view.probe_error = answer.error;
  const std::string why = "the probe gave no answer: " + answer.error;
  view.init_code.reason = view.cuda_driver_version.reason = view.device_count.reason = view.driver_version.reason = why;
  view.notes.build_id.reason = view.notes.has_compat_note.reason = view.notes.forward_compat.reason = why;
  return view;
}

// Which library it is that hangs or crashes is worth a second child: opening it runs next to none of its code.
LibraryView ask_library(const SystemProbeOptions& options, const std::string& name, const char* known_symbol,
                        const Read& read) {
  const std::string file = options.library_file(name);
  LibraryView view = ask_in_child([&] { return open_and_read(file.c_str(), known_symbol, read); }, options.limit);
  if (!view.probe_error.empty()) {
    const LibraryView opened =
        ask_in_child([&] { return open_and_read(file.c_str(), known_symbol, [](const auto&, auto&) {}); },
                     std::min<std::chrono::milliseconds>(options.limit, std::chrono::seconds(5)));
    if (opened.probe_error.empty()) {
      view.path = opened.path;
      view.notes = opened.notes;
    }
  }
  // As it is called on the machine whose files these are.
  std::error_code failed;
  const std::string root = options.sysroot.empty() ? "" : fs::canonical(options.sysroot, failed).string();
  if (!failed && !root.empty() && view.path.starts_with(root + "/")) view.path.erase(0, root.size());
  return view;
}

// The newest lines of a log are its last.
std::optional<std::string> read_end(const std::string& path, std::streamoff most) {
  std::error_code failed;
  if (!fs::is_regular_file(path, failed)) return std::nullopt;  // a pipe or device would block
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return std::nullopt;
  file.seekg(std::max<std::streamoff>(std::streamoff(file.tellg()) - most, 0));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string first_line(const std::optional<std::string>& text) {
  return text.value_or("").substr(0, text.value_or("").find('\n'));
}

}  // namespace

std::string SystemProbeOptions::library_file(const std::string& name) const {
  if (sysroot.empty()) return name;
  std::error_code failed;
  const char* set = std::getenv("LD_LIBRARY_PATH");
  std::istringstream folders(set ? set : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (!folder.empty() && fs::exists(fs::path(folder) / name, failed)) return fs::path(folder) / name;
  }
  const std::string usual = "/usr/lib/x86_64-linux-gnu/";
  for (const std::string& folder : {usual, std::string("/usr/lib/wsl/lib/"), std::string("/usr/lib64/"),
                                    std::string("/usr/lib/aarch64-linux-gnu/"), std::string("/usr/lib/")}) {
    if (fs::exists(sysroot + folder + name, failed)) return sysroot + folder + name;
  }
  return sysroot + usual + name;
}

// Without this an absolute link in the folder would lead to this machine's own files.
std::string SystemProbe::here(const std::string& path) const {
  if (options_.sysroot.empty()) return path;
  constexpr int most_links = 40;  // as the kernel's own limit
  fs::path done, left = fs::path(path).relative_path();
  int links = 0;
  while (!left.empty()) {
    const fs::path part = *left.begin();
    fs::path rest;
    for (auto next = std::next(left.begin()); next != left.end(); ++next) rest /= *next;
    left = rest;
    if (part == "..") {
      done = done.parent_path();
      continue;
    }
    std::error_code failed;
    const fs::path target = fs::read_symlink(fs::path(options_.sysroot) / done / part, failed);
    if (failed || ++links > most_links) {
      done /= part;
      continue;
    }
    if (target.is_absolute()) done.clear();
    left = left.empty() ? target.relative_path() : target.relative_path() / left;
  }
  return (fs::path(options_.sysroot) / done).string();
}

std::optional<std::string> SystemProbe::read_file(const std::string& path) const {
  std::ifstream file(here(path), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return std::nullopt;  // some files of /sys open and then refuse
  return text.str();
}

// A pipe or device of that name would block the opening.
std::optional<std::string> SystemProbe::read_start(const std::string& path, std::size_t limit) const {
  std::error_code failed;
  if (!fs::is_regular_file(here(path), failed)) return std::nullopt;
  std::ifstream file(here(path), std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(limit, '\0');
  file.read(text.data(), static_cast<std::streamsize>(limit));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::vector<std::string> SystemProbe::list_directory(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator entry(here(path), failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool SystemProbe::exists(const std::string& path) const {
  std::error_code failed;
  return fs::exists(here(path), failed);
}

std::optional<std::string> SystemProbe::read_link(const std::string& path) const {
  std::error_code failed;
  // The folders on the way are followed, the last name is the link that is asked for.
  const fs::path whole = path;
  const fs::path target = fs::read_symlink(fs::path(here(whole.parent_path())) / whole.filename(), failed);
  if (failed) return std::nullopt;
  return target.string();
}

std::string SystemProbe::open_error(const std::string& path) const {
  std::error_code failed;
  // Rights can't stand for a refusal: root, who often runs this in a container, opens everything.
  if (!options_.sysroot.empty() && fs::is_regular_file(here(path), failed)) return first_line(read_file(path));
  const int file = open((options_.sysroot + path).c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return std::strerror(errno);
  close(file);
  return "";
}

std::optional<std::string> SystemProbe::environment_variable(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (!value) return std::nullopt;
  return value;
}

std::string SystemProbe::kernel_release() const {
  if (!options_.sysroot.empty()) return first_line(read_file("/proc/sys/kernel/osrelease"));
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

std::string SystemProbe::kernel_log() const {
  if (options_.sysroot.empty()) {
    constexpr int read_all = 3, size_of_buffer = 10;  // syslog(2)
    const int size = klogctl(size_of_buffer, nullptr, 0);
    std::string text(static_cast<std::size_t>(std::clamp(size, 0, 16 << 20)), '\0');
    const int read = text.empty() ? -1 : klogctl(read_all, text.data(), static_cast<int>(text.size()));
    if (read >= 0) {
      text.resize(static_cast<std::size_t>(read));
      return text;
    }
  }
  // dmesg may be kept from users, and these files open to them. The first is a file under a sysroot alone.
  constexpr std::streamoff most = 4 << 20;
  for (const char* path :
       {"/dev/kmsg", "/var/log/dmesg", "/var/log/kern.log", "/var/log/messages", "/var/log/syslog"}) {
    if (const auto text = read_end(here(path), most)) return *text;
  }
  return "";
}

std::string SystemProbe::hostname() const {
  if (!options_.sysroot.empty()) return first_line(read_file("/proc/sys/kernel/hostname"));
  utsname names{};
  return uname(&names) == 0 ? names.nodename : "";
}

Fact<std::int64_t> SystemProbe::usable_cores() const {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return {CPU_COUNT(&set), ""};
  return missing<std::int64_t>(fmt::format("sched_getaffinity: {}", std::strerror(errno)));
}

LibraryView SystemProbe::nvml() const {
  const std::int64_t own_process = getpid();
  return ask_library(options_, options_.nvml_library, "nvmlInit_v2",
                     [&](const SymbolSource& symbols, LibraryView& view) { read_nvml(symbols, own_process, view); });
}

LibraryView SystemProbe::cuda_driver() const {
  return ask_library(options_, options_.cuda_library, "cuInit", read_cuda_driver);
}

LibraryView SystemProbe::cuda_driver_unmasked() const {
  return ask_library(options_, options_.cuda_library, "cuInit", [](const SymbolSource& symbols, LibraryView& view) {
    unsetenv("CUDA_VISIBLE_DEVICES");  // libcuda reads it in cuInit
    read_cuda_driver(symbols, view);
  });
}

RuntimeVersions SystemProbe::runtime_versions() const { return cuda_runtime_versions(); }

}  // namespace kernelgate
