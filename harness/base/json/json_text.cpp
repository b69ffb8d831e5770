#include "harness/base/json/json_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

std::string sentence(const JsonFault& fault, const std::string& text, const std::string& where) {
  const std::string unusable = fmt::format("'{}' is not JSON that can be used: ", where);
  switch (fault.kind) {
    case JsonFault::Kind::key_twice:
      return fmt::format("{}the key '{}' for the second time in one object, at byte {}", unusable, fault.what,
                         fault.at + 1);
    case JsonFault::Kind::too_deep:
      return fmt::format("{}nested deeper than {} levels", unusable, deepest_json);
    case JsonFault::Kind::out_of_range:
      return fmt::format("{}the number {} is out of range at byte {}", unusable, fault.what, fault.at + 1);
    case JsonFault::Kind::not_json:
      break;
  }
  if (fault.at >= text.size())
    return fmt::format("'{}' is truncated: it ends at byte {} in the middle of its JSON; measure again", where,
                       text.size());
  return fmt::format("'{}' is not JSON: unexpected text at byte {}; name a result of 'kernelgate run'", where,
                     fault.at + 1);
}

}  // namespace

nlohmann::json parse_json(const std::string& text, const std::string& where, JsonDialect dialect) {
  const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  if (text.find_first_not_of(" \t\r\n", mark) == std::string_view::npos)
    throw ResultError(fmt::format("'{}' is empty; measure again to replace it", where));
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    throw ResultError(fmt::format("'{}' is UTF-16, as some shells write it; save it as UTF-8", where));
  try {
    return json_of(text, dialect, deepest_json);
  } catch (const JsonFault& fault) {
    throw ResultError(sentence(fault, text, where));
  }
}

std::string plain(const std::exception& error) {
  const std::string text = error.what();
  const auto end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace kernelgate
