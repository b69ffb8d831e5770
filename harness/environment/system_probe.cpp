// The probe of the machine that the program runs on.
#include "harness/environment/system_probe.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/environment/child_process.h"
#include "harness/environment/driver_libraries.h"
#include "harness/environment/fact_json.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

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
  return view;
}

}  // namespace

std::optional<std::string> SystemProbe::read_file(const std::string& path) const {
  std::ifstream file(options_.sysroot + path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return std::nullopt;  // some files of /sys open and then refuse
  return text.str();
}

std::vector<std::string> SystemProbe::list_directory(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator entry(options_.sysroot + path, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool SystemProbe::exists(const std::string& path) const {
  std::error_code failed;
  return fs::exists(options_.sysroot + path, failed);
}

std::optional<std::string> SystemProbe::read_link(const std::string& path) const {
  std::error_code failed;
  const fs::path target = fs::read_symlink(options_.sysroot + path, failed);
  if (failed) return std::nullopt;
  return target.string();
}

std::string SystemProbe::open_error(const std::string& path) const {
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
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

std::string SystemProbe::hostname() const {
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
  return ask_in_child(
      [&] {
        return open_and_read(
            options_.nvml_library.c_str(), "nvmlInit_v2",
            [&](const SymbolSource& symbols, LibraryView& view) { read_nvml(symbols, own_process, view); });
      },
      options_.limit);
}

LibraryView SystemProbe::cuda_driver() const {
  return ask_in_child([&] { return open_and_read(options_.cuda_library.c_str(), "cuInit", read_cuda_driver); },
                      options_.limit);
}

LibraryView SystemProbe::cuda_driver_unmasked() const {
  return ask_in_child(
      [&] {
        unsetenv("CUDA_VISIBLE_DEVICES");
        return open_and_read(options_.cuda_library.c_str(), "cuInit", read_cuda_driver);
      },
      options_.limit);
}

RuntimeVersions SystemProbe::runtime_versions() const { return cuda_runtime_versions(); }

}  // namespace kernelgate
