#include "harness/base/json_cursor.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"

namespace kernelgate::history {

void JsonCursor::fail(const char* what) const {
  throw ResultError(fmt::format("at byte {}: {}", at_ + 1, at_ >= text_.size() ? "it ends too early" : what));
}

void JsonCursor::spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

bool JsonCursor::take(char c) {
  spaces();
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonCursor::expect(char c) {
  if (take(c)) return;
  const char what[] = {'n', 'o', ' ', '\'', c, '\'', '\0'};
  fail(what);
}

void JsonCursor::skip_string() {
  expect('"');
  for (;;) {
    const void* quote = at_ < text_.size() ? std::memchr(text_.data() + at_, '"', text_.size() - at_) : nullptr;
    if (quote == nullptr) {
      at_ = text_.size();
      fail("an open string");
    }
    const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(quote) - text_.data());
    std::size_t backslashes = 0;
    while (end - backslashes > at_ && text_[end - backslashes - 1] == '\\') ++backslashes;
    at_ = end + 1;
    if (backslashes % 2 == 0) return;
  }
}

std::string JsonCursor::string() {
  spaces();
  const std::size_t first = at_;
  skip_string();
  const std::string_view inside = text_.substr(first + 1, at_ - first - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  return nlohmann::json::parse(text_.substr(first, at_ - first)).get<std::string>();
}

double JsonCursor::number() {
  spaces();
  double value = 0;
  const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
  // from_chars also takes "inf" and "nan", which JSON has not.
  const bool digit = at_ < text_.size() && (text_[at_] == '-' || (text_[at_] >= '0' && text_[at_] <= '9'));
  if (error != std::errc() || !digit) fail("no number");
  at_ = static_cast<std::size_t>(end - text_.data());
  return value;
}

bool JsonCursor::boolean() {
  const std::string_view word = raw();
  if (word != "true" && word != "false") fail("neither true nor false");
  return word == "true";
}

void JsonCursor::numbers(std::vector<double>& into) {
  into.clear();
  array([&] { into.push_back(number()); });
}

std::string_view JsonCursor::raw() {
  spaces();
  const std::size_t first = at_;
  if (at_ >= text_.size()) fail("a value is missing");
  if (text_[at_] == '"') {
    skip_string();
  } else if (text_[at_] == '{' || text_[at_] == '[') {
    std::size_t depth = 0;
    do {
      at_ = text_.find_first_of("\"{}[]", at_);
      if (at_ == std::string_view::npos) {
        at_ = text_.size();
        fail("open brackets");
      }
      const char c = text_[at_];
      if (c == '"') {
        skip_string();
        continue;
      }
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
      ++at_;
    } while (depth > 0);
  } else {
    while (at_ < text_.size() && std::strchr(",]} \n\r\t", text_[at_]) == nullptr) ++at_;
    if (at_ == first) fail("a value is missing");
  }
  return text_.substr(first, at_ - first);
}

bool JsonCursor::at_end() {
  spaces();
  return at_ >= text_.size();
}

}  // namespace kernelgate::history
