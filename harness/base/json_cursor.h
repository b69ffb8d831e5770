#pragma once
// Walks through a JSON text once, from left to right, and skips what nobody asked for without looking into it: a year
// of results is a gigabyte, nearly all of it samples' digits and Google Benchmark's copy of them.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate::history {

/// Errors  ResultError at what is not JSON there: "at byte 17: a value is missing". What is skipped is only checked for
/// its brackets and strings.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  /// Calls `member(key)` for each member of the object that is next; it must take or skip the value.
  template <class Member>
  void object(Member&& member) {
    expect('{');
    if (take('}')) return;
    do {
      const std::string key = string();
      expect(':');
      member(key);
    } while (take(','));
    expect('}');
  }

  /// Calls `element()` for each element of the array that is next; it must take or skip it.
  template <class Element>
  void array(Element&& element) {
    expect('[');
    if (take(']')) return;
    do element();
    while (take(','));
    expect(']');
  }

  std::string string();
  double number();
  bool boolean();
  void numbers(std::vector<double>& into);  ///< an array of them
  std::string_view raw();                   ///< the text of the value that is next, whatever it is
  void skip() { raw(); }
  bool at_end();

 private:
  [[noreturn]] void fail(const char* what) const;
  void spaces();
  bool take(char c);
  void expect(char c);
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace kernelgate::history
