#include "harness/base/utc_time.h"

#include <charconv>
#include <chrono>
#include <ctime>
#include <system_error>

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

std::string utc_text(long long seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

std::string utc_now() { return utc_text(std::time(nullptr)); }

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto digits = [&](std::size_t at, std::size_t count) {
    int value = -1;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, value);
    return error == std::errc{} && end == text.data() + at + count ? value : -1;
  };
  const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
  if (year < 1970 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))}
      .ok();
}

std::string night_of(const std::string& utc) {
  const auto time = seconds_of(utc);
  if (!time) return {};
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(*time - day_s / 2)));
}

std::string days_later(const std::string& utc, int days) {
  const auto from = seconds_of(utc);
  if (!from) return {};
  return utc_text(*from + days * day_s);
}

std::optional<int> days_between(const std::string& from, const std::string& to) {
  const auto a = seconds_of(from), b = seconds_of(to);
  if (!a || !b) return std::nullopt;
  return static_cast<int>((*b - *a) / day_s);
}

}  // namespace kernelgate
