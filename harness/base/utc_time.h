#pragma once
// Times and dates as documents write them: 2026-02-03T04:05:06Z, 2026-02-03.

#include <optional>
#include <string>
#include <string_view>

namespace kernelgate {

/// Units  seconds since 1970. Nothing for what is no time.
std::optional<long long> seconds_of(const std::string& utc);
std::string utc_text(long long seconds);

std::string utc_now();

/// A real day of the calendar, 1970 or later: "2026-11-22".
bool is_date(std::string_view text);

/// The night of a time: its date in UTC, counted from noon to noon, so that a night is one. Empty for what is no time.
std::string night_of(const std::string& utc);

/// Empty for what is no time.
std::string days_later(const std::string& utc, int days);

/// Whole days from one to the other; nothing where either is no time.
std::optional<int> days_between(const std::string& from, const std::string& to);

}  // namespace kernelgate
