// What the values of a requirement mean.
#include "harness/check/require/requirement_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kernelgate {
namespace {

std::optional<double> finite_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(number) || number < 0) return std::nullopt;
  return number;
}

std::optional<double> number_with_unit(std::string_view text, std::string_view unit) {
  if (!text.ends_with(unit)) return std::nullopt;
  return finite_number(text.substr(0, text.size() - unit.size()));
}

}  // namespace

std::optional<int> whole_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<Version> two_fields(const std::string& text) {
  return std::ranges::count(text, '.') == 1 ? Version::parse(text) : std::nullopt;
}

std::optional<double> bytes_of(std::string_view text) {
  static const std::pair<const char*, double> units[] = {{"TiB", 0x1p40}, {"GiB", 0x1p30}, {"MiB", 0x1p20},
                                                         {"KiB", 0x1p10}, {"TB", 1e12},    {"GB", 1e9},
                                                         {"MB", 1e6},     {"KB", 1e3}};
  for (const auto& [unit, size] : units) {
    if (!text.ends_with(unit)) continue;
    const std::optional<double> number = number_with_unit(text, unit);
    if (!number) return std::nullopt;
    return *number * size;
  }
  return std::nullopt;
}

std::optional<double> watts_of(std::string_view text) { return number_with_unit(text, "W"); }

std::optional<double> celsius_of(std::string_view text) {
  return text.ends_with('C') ? number_with_unit(text, "C") : finite_number(text);
}

std::optional<std::pair<int, int>> pcie_of(std::string_view text) {
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos) return std::nullopt;
  const std::optional<int> generation = whole_number(text.substr(0, x)), lanes = whole_number(text.substr(x + 1));
  if (!generation || !lanes || *generation < 1 || *generation > 9) return std::nullopt;
  static constexpr int widths[] = {1, 2, 4, 8, 12, 16, 32};
  if (std::ranges::find(widths, *lanes) == std::end(widths)) return std::nullopt;
  return std::pair(*generation, *lanes);
}

}  // namespace kernelgate
