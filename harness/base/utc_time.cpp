#include "harness/base/utc_time.h"

#include <ctime>

#include <fmt/chrono.h>

namespace kernelgate {
namespace {

constexpr long long day_s = 24 * 60 * 60;

}  // namespace

std::optional<long long> seconds_of(const std::string& utc) {
  std::tm time{};
  if (strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &time) == nullptr) return std::nullopt;
  return timegm(&time);
}

std::string days_later(const std::string& utc, int days) {
  const auto from = seconds_of(utc);
  if (!from) return {};
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(*from + days * day_s)));
}

std::optional<int> days_between(const std::string& from, const std::string& to) {
  const auto a = seconds_of(from), b = seconds_of(to);
  if (!a || !b) return std::nullopt;
  return static_cast<int>((*b - *a) / day_s);
}

}  // namespace kernelgate
