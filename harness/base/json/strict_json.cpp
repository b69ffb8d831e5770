// JSON that people write, read strictly.
#include "harness/base/json/strict_json.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/json/json_reader.h"
#include "harness/base/printable.h"
#include "harness/base/utc_time.h"
#include "harness/base/version.h"

namespace kernelgate {
namespace {

constexpr std::size_t largest_document = 4 << 20;  // bytes; the tables that we ship have 45 KB
constexpr int deepest_nesting = 16;                // ours has 6 levels

[[noreturn]] void refuse_document(const std::string& file, const std::string& why) {
  throw HarnessError(ExitCode::usage, fmt::format("{}: {}", printable(file, 120), why));
}

// "9.0" and "13.2": two numbers, the second below `radix`.
std::optional<int> two_numbers(std::string_view text, int first_weight, int second_weight, int second_limit) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.front() == '-') return std::nullopt;
    return value;
  };
  const std::optional<int> first = number(text.substr(0, dot)), second = number(text.substr(dot + 1));
  if (!first || !second || *first > 999 || *second >= second_limit) return std::nullopt;
  return *first * first_weight + *second * second_weight;
}

}  // namespace

nlohmann::json parse_strict_json(std::string_view text, const std::string& file) {
  if (text.size() > largest_document) refuse_document(file, "larger than 4 MiB");
  try {
    return json_of(std::string(text), JsonDialect::strict, deepest_nesting);
  } catch (const JsonFault& fault) {
    switch (fault.kind) {
      case JsonFault::Kind::key_twice:
        refuse_document(file, fmt::format("the field \"{}\" is there twice", printable(fault.what)));
      case JsonFault::Kind::too_deep:
        refuse_document(file, fmt::format("nested deeper than {}", deepest_nesting));
      case JsonFault::Kind::out_of_range:
        refuse_document(file, "no JSON: a number is out of range");
      case JsonFault::Kind::not_json:
        break;
    }
    const std::string_view before = text.substr(0, fault.at);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    refuse_document(file, fmt::format("no JSON: line {}, column {}", line, column));
  }
}

std::string read_user_file(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) refuse_document(path, "there is no such file");
  if (!std::filesystem::is_regular_file(path, failed)) refuse_document(path, "is no regular file");
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) refuse_document(path, "can't be read");
  if (size > largest_document) refuse_document(path, "larger than 4 MiB");
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(size))) refuse_document(path, "can't be read");
  return text;
}

ObjectReader::ObjectReader(const nlohmann::json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) throw HarnessError(ExitCode::usage, fmt::format("{}: must be an object {{...}}", where_));
}

void ObjectReader::refuse(const char* name, const std::string& what_is_right) const {
  throw HarnessError(ExitCode::usage, fmt::format("{}, field \"{}\": {}", where_, name, what_is_right));
}

const nlohmann::json& ObjectReader::field(const char* name) {
  const auto found = object_.find(name);
  if (found == object_.end()) refuse(name, "is missing");
  asked_.insert(name);
  return *found;
}

std::string ObjectReader::text(const char* name) {
  const nlohmann::json& value = field(name);
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) refuse(name, "must be a text, not empty");
  return value.get<std::string>();
}

std::optional<std::string> ObjectReader::text_or_null(const char* name) {
  if (is_null(name)) return std::nullopt;
  return text(name);
}

std::string ObjectReader::optional_text(const char* name) { return has(name) ? text(name) : ""; }

std::int64_t ObjectReader::integer(const char* name, std::int64_t least, std::int64_t most) {
  const nlohmann::json& value = field(name);
  const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)
                                               : value.is_number_integer() && value.get<std::int64_t>() <= most;
  if (!fits || value.get<std::int64_t>() < least)
    refuse(name, fmt::format("must be a whole number, {} to {}", least, most));
  return value.get<std::int64_t>();
}

std::string ObjectReader::version(const char* name) {
  std::string value = text(name);
  if (!Version::parse(value)) refuse(name, fmt::format("'{}' is no version; right is \"580.65.06\"", printable(value)));
  return value;
}

std::string ObjectReader::version_or_null(const char* name) { return is_null(name) ? "" : version(name); }

int ObjectReader::cuda_version(const char* name) {
  const std::string value = text(name);
  const std::optional<int> number = two_numbers(value, 1000, 10, 100);
  if (!number) refuse(name, fmt::format("'{}' is no CUDA version; right is \"13.2\"", printable(value)));
  return *number;
}

int ObjectReader::compute_capability(const char* name) {
  const std::string value = text(name);
  const std::optional<int> number = two_numbers(value, 10, 1, 10);
  if (!number) refuse(name, fmt::format("'{}' is no compute capability; right is \"9.0\"", printable(value)));
  return *number;
}

std::string ObjectReader::date(const char* name) {
  std::string value = text(name);
  if (!is_date(value)) refuse(name, fmt::format("'{}' is no date; right is \"2026-11-22\"", printable(value)));
  return value;
}

std::string ObjectReader::choice(const char* name, std::initializer_list<const char*> allowed) {
  std::string value = text(name);
  if (std::ranges::find(allowed, value) == allowed.end()) {
    refuse(name, fmt::format("'{}' is not known; right are {}", printable(value), fmt::join(allowed, ", ")));
  }
  return value;
}

const nlohmann::json& ObjectReader::list(const char* name) {
  const nlohmann::json& value = field(name);
  if (!value.is_array() || value.empty()) refuse(name, "must be a list [...], not empty");
  return value;
}

void ObjectReader::finish() const {
  for (const auto& [name, value] : object_.items()) {
    if (asked_.contains(name)) continue;
    const std::string meant = nearest_word(name, asked_);
    throw HarnessError(ExitCode::usage, fmt::format("{}: the field \"{}\" is not known{}", where_, printable(name),
                                                    meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
  }
}

}  // namespace kernelgate
