#include "harness/page/html_text.h"

#include <array>
#include <utility>

namespace kernelgate {
namespace {

template <std::size_t n>
std::string with_replaced(std::string_view text,
                          const std::array<std::pair<std::string_view, std::string_view>, n>& all) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto* found = static_cast<const std::pair<std::string_view, std::string_view>*>(nullptr);
    for (const auto& one : all)
      if (text.starts_with(one.first)) found = &one;
    if (found != nullptr)
      out += found->second;
    else
      out += text.front();
    text.remove_prefix(found != nullptr ? found->first.size() : 1);
  }
  return out;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> marks{
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}}};
  return with_replaced(text, marks);
}

std::string json_in_script(std::string_view text) {
  // U+2028 and U+2029 end a line in older scripts' strings.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> marks{
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}}};
  return with_replaced(text, marks);
}

}  // namespace kernelgate
