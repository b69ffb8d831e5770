// Driver versions: dotted numbers, compared field by field.
#include "harness/base/version.h"

#include <algorithm>
#include <charconv>

namespace kernelgate {

std::optional<Version> Version::parse(std::string_view text) {
  std::vector<int> fields;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view field = text.substr(0, dot);
    int number = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc{} || end != field.data() + field.size() || field.front() == '-') return std::nullopt;
    fields.push_back(number);
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (fields.size() < 2 || fields.size() > 4) return std::nullopt;
  return Version(std::move(fields));
}

bool Version::same_minor(const Version& other) const {
  return fields_[0] == other.fields_[0] && fields_[1] == other.fields_[1];
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  for (std::size_t i = 0; i < std::max(fields_.size(), other.fields_.size()); ++i) {
    const int a = i < fields_.size() ? fields_[i] : 0;
    const int b = i < other.fields_.size() ? other.fields_[i] : 0;
    if (a != b) return a <=> b;
  }
  return std::strong_ordering::equal;
}

}  // namespace kernelgate
