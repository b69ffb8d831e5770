#pragma once
// Files that are whole or untouched: reading a document whole, and replacing one atomically.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/json/json_text.h"

namespace kernelgate {

/// All of a file, a pipe or a device.
/// Errors  ResultError, one line: missing, a folder, unreadable, larger than 2 GiB.
std::string read_text(const std::filesystem::path& path);

/// The JSON in a file. Errors  as read_text and parse_json.
nlohmann::json read_json(const std::filesystem::path& path);

/// Replaces a file: written beside it, flushed to disk, renamed over it. On any failure the old file is
/// as it was and no partial one is left. What is not a regular file (a pipe, /dev/stdout) is written
/// into, never replaced.
/// Errors  ResultError, one line that names the file, the cause and the remedy.
void replace_file(const std::filesystem::path& path, std::string_view text);

/// The same for a file that must be new. False: there is one of that name already, whoever made it since.
bool create_file(const std::filesystem::path& path, std::string_view text);

/// Replaces several at once: all are written beside their targets before the first is renamed, so that a full disk
/// leaves all as they were. Errors  as replace_file; and a target that is no regular file.
void replace_files(const std::vector<std::pair<std::filesystem::path, std::string>>& files);

/// Strict JSON, made to be read and compared by lines: objects break into lines, and arrays of objects into
/// one line a row.
/// Errors  ResultError at a number that JSON does not have (NaN, infinity).
std::string dump_lines(const nlohmann::ordered_json& document);

}  // namespace kernelgate
