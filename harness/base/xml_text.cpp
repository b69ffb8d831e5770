#include "harness/base/xml_text.h"

#include "harness/base/printable.h"

namespace kernelgate {
namespace {

bool has_xml(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0xFFFE) || code > 0xFFFF;
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    char32_t code = 0;
    const std::size_t whole = character_at(text, code), size = whole == 0 ? 1 : whole;
    if (whole == 0 || !has_xml(code))
      out += '?';
    else if (code == '&')
      out += "&amp;";
    else if (code == '<')
      out += "&lt;";
    else if (code == '>')
      out += "&gt;";
    else if (code == '"')
      out += "&quot;";
    else
      out += text.substr(0, size);
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace kernelgate
