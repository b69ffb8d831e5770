#include "harness/result/host_context.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::optional<std::string> first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

/// The first core's clock now, from /proc/cpuinfo; not every architecture says it.
std::optional<int> clock_mhz() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("cpu MHz"))
      if (const auto colon = line.find(':'); colon != std::string::npos)
        return static_cast<int>(std::strtod(line.c_str() + colon + 1, nullptr));
  return std::nullopt;
}

int cpus_in_list(const std::string& list) {  // "0-3,8-11"
  int cpus = 0;
  std::stringstream parts(list);
  for (std::string part; std::getline(parts, part, ',');) {
    int first = 0, last = 0;
    const int fields = std::sscanf(part.c_str(), "%d-%d", &first, &last);
    cpus += fields == 2 ? last - first + 1 : fields == 1 ? 1 : 0;
  }
  return cpus;
}

json caches() {
  json found = json::array();
  for (int index = 0; index < 16; ++index) {
    const fs::path folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}", index);
    const auto type = first_line(folder / "type");
    const auto level = first_line(folder / "level");
    const auto size = first_line(folder / "size");
    const auto shared = first_line(folder / "shared_cpu_list");
    if (!type || !level || !size || !shared) break;
    char* unit = nullptr;
    const long number = std::strtol(size->c_str(), &unit, 10);
    found.push_back({{"type", *type},
                     {"level", std::atoi(level->c_str())},
                     {"size", number * (*unit == 'K'   ? 1024
                                        : *unit == 'M' ? 1024 * 1024
                                                       : 1)},
                     {"num_sharing", cpus_in_list(*shared)}});
  }
  return found;
}

}  // namespace

json host_context(const std::string& date_utc, const std::string& executable) {
  json context{{"date", date_utc},
               {"executable", executable},
               {"num_cpus", std::thread::hardware_concurrency()},
               {"caches", caches()},
               {"library_build_type", "release"}};
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) context["host_name"] = host.data();
  if (const auto mhz = clock_mhz()) context["mhz_per_cpu"] = *mhz;
  if (const auto governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
    context["cpu_scaling_enabled"] = *governor != "performance";
  std::array<double, 3> load{};
  if (::getloadavg(load.data(), load.size()) == 3) context["load_avg"] = load;
  return context;
}

}  // namespace kernelgate
