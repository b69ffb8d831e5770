#pragma once
// When another tool measured: as its file says, or, where it says nothing, as the file does.

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace kernelgate {

/// A local time with its distance from UTC ("2026-01-02T03:04:05.678+09:00"), one without (taken as UTC), or
/// milliseconds since 1970, as "2026-01-02T03:04:05Z"; empty for what is none of these.
std::string utc_of_foreign(const nlohmann::json& time);

/// Of a tool that writes no time: the date in the file's name or its folder's ("2026-01-02", "20260102"), in the
/// evening; else when the file was last written. Empty where neither is known.
std::string utc_of_file(const std::filesystem::path& path);

}  // namespace kernelgate
