#include "harness/base/json/json_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <new>
#include <utility>

#include <simdjson.h>
#include <nlohmann/json.hpp>

#include "harness/base/json/json_key.h"
#include "harness/base/json/json_number.h"

namespace kernelgate {
namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// `text` holds more than spaces.
std::string_view without_spaces(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (is_space(text.front())) text.remove_prefix(1);
  while (is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_dialect(std::string_view token) {
  static constexpr std::array words{"NaN", "nan", "-NaN", "-nan", "Infinity", "-Infinity", "inf", "-inf"};
  return std::ranges::find(words, token) != words.end();
}

/// Where a user's keys may stand: in a row of a list of the document. What is twice above them is a damaged file.
constexpr int first_row_depth = 2;

class Reader {
 public:
  /// `text` has json_padding bytes behind it.
  Reader(std::string_view text, JsonDialect dialect) : text_(text), dialect_(dialect) {}

  json read(int deepest) {
    deepest_ = deepest;
    std::string_view text = text_;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    ondemand::document document = parser_.iterate(text.data(), text.size(), text.size() + json_padding);
    text = without_spaces(text);
    json whole;
    switch (text.front()) {
      case '[':
        whole = array(document.get_array(), deepest);
        break;
      case '{':
        whole = object(document.get_object(), deepest);
        break;
      case '"':
        whole = document.get_string().value();
        break;
      default:
        return scalar(text);
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) unusable();  // it goes on
    return whole;
  }

 private:
  [[noreturn]] static void unusable() { throw simdjson::simdjson_error(simdjson::TAPE_ERROR); }
  std::size_t place(const char* at) const { return static_cast<std::size_t>(at - text_.data()); }

  json array(ondemand::array from, int left) {
    if (left == 0) throw JsonFault{JsonFault::Kind::too_deep};
    json::array_t elements;
    for (ondemand::value element : from) elements.push_back(value(element, left - 1));
    return json(std::move(elements));
  }

  json object(ondemand::object from, int left) {
    if (left == 0) throw JsonFault{JsonFault::Kind::too_deep};
    json::object_t members;
    for (ondemand::field field : from) {
      const char* const at = field.key().raw();
      const auto [member, is_new] = members.try_emplace(std::string(key_of(field)), nullptr);
      if (!is_new && (dialect_ == JsonDialect::strict || deepest_ - left < first_row_depth))
        throw JsonFault{JsonFault::Kind::key_twice, place(at), member->first};
      json read = value(field.value(), left - 1);
      if (is_new) member->second = std::move(read);
    }
    return json(std::move(members));
  }

  json value(ondemand::value from, int left) {
    const std::string_view token = from.raw_json_token();
    switch (token.front()) {
      case '[':
        return array(from.get_array(), left);
      case '{':
        return object(from.get_object(), left);
      case '"':
        return from.get_string().value();
      default:
        return scalar(without_spaces(token));
    }
  }

  /// What is neither text nor holds other values.
  json scalar(std::string_view token) const {
    if (number_form(token) == NumberForm::whole) {
      if (token.front() != '-') {
        if (const auto whole = json_whole<std::uint64_t>(token)) return *whole;
      } else if (const auto whole = json_whole<std::int64_t>(token)) {
        return *whole;
      }
    }
    if (const auto number = json_double(token)) return finite(*number, token);
    if (token == "true") return true;
    if (token == "false") return false;
    if (token == "null") return nullptr;
    if (dialect_ == JsonDialect::of_others && is_dialect(token)) return token;
    unusable();
  }

  json finite(double number, std::string_view token) const {
    if (std::isfinite(number)) return number;
    if (dialect_ == JsonDialect::of_others) return token;
    throw JsonFault{JsonFault::Kind::out_of_range, place(token.data()), std::string(token)};
  }

  std::string_view text_;
  JsonDialect dialect_;
  int deepest_ = 0;
  ondemand::parser parser_;
};

}  // namespace

json json_of(const std::string& text, JsonDialect dialect, int deepest) {
  static_assert(json_padding >= simdjson::SIMDJSON_PADDING);
  std::string padded;
  const bool has_room = text.capacity() - text.size() >= json_padding;
  if (!has_room) padded.reserve(text.size() + json_padding);
  try {
    return Reader(has_room ? text : padded.assign(text), dialect).read(deepest);
  } catch (const simdjson::simdjson_error& error) {
    if (error.error() == simdjson::MEMALLOC) throw std::bad_alloc();
    find_json_fault(text, deepest);
  }
}

}  // namespace kernelgate
