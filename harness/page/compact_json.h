#pragma once
// JSON for a page: written straight into one text, since a value tree of some hundred numbers a case takes seconds.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kernelgate {

class CompactJson {
 public:
  void open(char bracket);   ///< '[' or '{'
  void close(char bracket);  ///< ']' or '}'
  void key(std::string_view name);
  void text(std::string_view word);  ///< any bytes: what is no UTF-8 becomes U+FFFD
  void number(double value);         ///< all digits; null where it is not finite
  void number(const std::optional<double>& value);
  void whole(long long value);
  /// value/scale in hundred-thousandths: five digits, all that a chart shows.
  void share(double value, double scale);
  void null();
  void raw(std::string_view value);  ///< a value that is JSON already
  void texts(const std::vector<std::string>& words);
  void member(std::string_view name, std::string_view word) { key(name), text(word); }

  std::string take() { return std::move(out_); }

 private:
  void next();

  std::string out_;
  bool first_ = true;  ///< nothing is before the next value in its bracket
};

/// Words that many cases share: each once, and known by its number.
class WordTable {
 public:
  std::size_t number_of(const std::string& word);
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

}  // namespace kernelgate
