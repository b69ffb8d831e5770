#pragma once
// Times as documents write them: 2026-02-03T04:05:06Z.

#include <optional>
#include <string>

namespace kernelgate {

/// Units  seconds since 1970. Nothing for what is no time.
std::optional<long long> seconds_of(const std::string& utc);

/// Empty for what is no time.
std::string days_later(const std::string& utc, int days);

/// Whole days from one to the other; nothing where either is no time.
std::optional<int> days_between(const std::string& from, const std::string& to);

}  // namespace kernelgate
