#include "harness/base/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/utf8.h"

namespace kernelgate {
namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, const std::string& where, NotFinite not_finite)
      : text_(text), where_(where), not_finite_(not_finite) {}

  json document() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    skip_space();
    if (at_ == text_.size()) throw ResultError(fmt::format("'{}' is empty; measure again to replace it", where_));
    if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
      throw ResultError(fmt::format("'{}' is UTF-16, as some shells write it; save it as UTF-8", where_));
    json value;
    read(value, 1);
    skip_space();
    if (at_ != text_.size()) unexpected();
    return value;
  }

 private:
  [[noreturn]] void unexpected() const {
    if (at_ >= text_.size())
      throw ResultError(fmt::format("'{}' is truncated: it ends at byte {} in the middle of its JSON; measure again",
                                    where_, text_.size()));
    throw ResultError(fmt::format("'{}' is not JSON: unexpected text at byte {}; name a result of 'kernelgate run'",
                                  where_, at_ + 1));
  }
  [[noreturn]] void unusable(const std::string& what) const {
    throw ResultError(fmt::format("'{}' is not JSON that can be used: {} at byte {}", where_, what, at_ + 1));
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) unexpected();
  }
  bool accept_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void read(json& value, int depth) {
    if (depth > deepest_json) unusable(fmt::format("nested deeper than {} levels", deepest_json));
    switch (peek()) {
      case '{':
        return read_object(value, depth);
      case '[':
        return read_array(value, depth);
      case '"': {
        std::string text;
        read_string(text);
        value = std::move(text);
        return;
      }
      default:
        if (peek() == '-' || is_digit(peek())) return read_number(value);
        read_word(value);
    }
  }

  void read_object(json& value, int depth) {
    expect('{');
    value = json::object();
    auto& members = value.get_ref<json::object_t&>();
    skip_space();
    if (accept('}')) return;
    do {
      skip_space();
      std::string key;
      read_string(key);
      skip_space();
      expect(':');
      skip_space();
      const auto [member, is_new] = members.try_emplace(std::move(key), nullptr);
      // Which one is meant nobody knows: Google Benchmark lets a counter be called as one of its own fields.
      if (!is_new) unusable(fmt::format("the key '{}' for the second time in one object,", member->first));
      read(member->second, depth + 1);
      skip_space();
    } while (accept(','));
    expect('}');
  }

  void read_array(json& value, int depth) {
    expect('[');
    value = json::array();
    auto& elements = value.get_ref<json::array_t&>();
    skip_space();
    if (accept(']')) return;
    do {
      skip_space();
      read(elements.emplace_back(nullptr), depth + 1);
      skip_space();
    } while (accept(','));
    expect(']');
  }

  void read_word(json& value) {
    if (accept_word("true")) {
      value = true;
    } else if (accept_word("false")) {
      value = false;
    } else if (accept_word("null")) {
      value = nullptr;
    } else if (!read_not_finite(value)) {
      // The first letter that no word goes on with: a text cut in a word is truncated.
      for (const std::string_view word : {"true", "false", "null"})
        if (word.starts_with(text_.substr(at_))) at_ = text_.size();
      unexpected();
    }
  }

  bool read_not_finite(json& value) {
    if (not_finite_ == NotFinite::refuse) return false;
    for (const std::string_view word : {"NaN", "nan", "-NaN", "-nan", "Infinity", "-Infinity", "inf", "-inf"})
      if (accept_word(word)) {
        value = word;
        return true;
      }
    return false;
  }

  void skip_digits() {
    if (!is_digit(peek())) unexpected();
    while (is_digit(peek())) ++at_;
  }

  void read_number(json& value) {
    const std::size_t begin = at_;
    if (accept('-') && !is_digit(peek())) {
      if (at_ == text_.size()) unexpected();
      at_ = begin;
      if (read_not_finite(value)) return;
      ++at_;
      unexpected();
    }
    if (!accept('0')) skip_digits();
    bool whole = true;
    if (accept('.')) {
      whole = false;
      skip_digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      skip_digits();
    }
    const char* const first = text_.data() + begin;
    const char* const last = text_.data() + at_;
    if (whole && read_whole(value, first, last)) return;
    double number = 0;
    if (std::from_chars(first, last, number).ec == std::errc::result_out_of_range)
      number = std::strtod(std::string(first, last).c_str(), nullptr);  // which tells too small from too large
    if (std::isfinite(number)) {
      value = number;
    } else if (not_finite_ == NotFinite::as_text) {
      value = std::string(first, last);
    } else {
      at_ = begin;
      unusable(fmt::format("the number {} is out of range", std::string_view(first, last)));
    }
  }

  /// False where it doesn't fit 64 bits; then it is a floating-point number.
  static bool read_whole(json& value, const char* first, const char* last) {
    if (*first == '-') {
      std::int64_t number = 0;
      if (std::from_chars(first, last, number).ec != std::errc()) return false;
      value = number;
    } else {
      std::uint64_t number = 0;
      if (std::from_chars(first, last, number).ec != std::errc()) return false;
      value = number;
    }
    return true;
  }

  void read_string(std::string& to) {
    expect('"');
    for (;;) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
      to.append(text_, begin, at_ - begin);
      if (accept('"')) return;
      if (at_ >= text_.size()) unexpected();
      if (accept('\\')) {
        read_escape(to);
      } else {
        const std::size_t length = utf8_length(text_.substr(at_));
        if (length == 0) {
          if (utf8_cut(text_.substr(at_))) at_ = text_.size();
          unexpected();
        }
        to.append(text_, at_, length);
        at_ += length;
      }
    }
  }

  static bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }

  void read_escape(std::string& to) {
    static constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    if (const auto known = letters.find(peek()); at_ < text_.size() && known != std::string_view::npos) {
      ++at_;
      to += meant[known];
      return;
    }
    expect('u');
    char32_t code = read_hex();
    if (code >= 0xDC00 && code < 0xE000) unexpected();  // the second half of a pair, alone
    if (code >= 0xD800 && code < 0xDC00) {
      expect('\\');
      expect('u');
      const char32_t second = read_hex();
      if (second < 0xDC00 || second >= 0xE000) unexpected();
      code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
    }
    append_utf8(to, code);
  }

  char32_t read_hex() {
    unsigned code = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc()) {
      unexpected();
    }
    at_ += static_cast<std::size_t>(end - digits.data());
    if (end != digits.data() + 4) unexpected();
    return code;
  }

  std::string_view text_;
  const std::string& where_;
  NotFinite not_finite_;
  std::size_t at_ = 0;
};

}  // namespace

json parse_json(std::string_view text, const std::string& where, NotFinite not_finite) {
  return Reader(text, where, not_finite).document();
}

std::string plain(const json::exception& error) {
  const std::string text = error.what();
  const auto end = text.find("] ");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace kernelgate
