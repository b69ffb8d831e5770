#include "harness/sides/foreign_time.h"

#include <sys/stat.h>

#include <cmath>
#include <ctime>
#include <regex>

#include <nlohmann/json.hpp>

#include "harness/base/utc_time.h"

namespace kernelgate {
namespace {

/// A date in a name; empty without one.
std::string date_in(const std::string& name) {
  static const std::regex pattern(R"((\d{4})-?(\d{2})-?(\d{2}))");
  for (std::sregex_iterator at(name.begin(), name.end(), pattern), end; at != end; ++at) {
    const std::string date = (*at)[1].str() + "-" + (*at)[2].str() + "-" + (*at)[3].str();
    if (is_date(date)) return date;
  }
  return {};
}

}  // namespace

std::string utc_of_foreign(const nlohmann::json& time) {
  if (time.is_number()) {
    constexpr double year_10000 = 253402300800e3;
    const double milliseconds = time.get<double>();
    return milliseconds > 0 && milliseconds < year_10000 ? utc_text(static_cast<long long>(milliseconds / 1000))
                                                         : std::string();
  }
  if (!time.is_string()) return {};
  const std::string text = time.get<std::string>();
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) rest = strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (rest == nullptr) return {};
  if (*rest == '.')
    for (++rest; *rest >= '0' && *rest <= '9';) ++rest;
  std::tm zone{};
  long ahead = 0;
  if (*rest != '\0' && strptime(rest, "%z", &zone) != nullptr) ahead = zone.tm_gmtoff;
  const std::time_t seconds = timegm(&parts);
  return seconds > 0 ? utc_text(seconds - ahead) : std::string();
}

std::string utc_of_file(const std::filesystem::path& path) {
  for (const std::string& name : {path.filename().string(), path.parent_path().filename().string()})
    if (const std::string date = date_in(name); !date.empty()) return date + "T18:00:00Z";
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? utc_text(status.st_mtime) : std::string();
}

}  // namespace kernelgate
