#pragma once
// The numbers of JSON, as exact as the standard library reads them.
//
// Hazard: simdjson before 3.7 loses digits beyond the 19th. Its get_double() takes 0.12345678901234567890123
// for 4.8e-5, and its get_number() takes such a number for whatever lies in memory. And it is no faster where the
// compiler may only use the instructions that every x86-64 has.

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace kernelgate {

enum class NumberForm { none, whole, real };

/// What `token` can be at most, by its beginning: from_chars() also takes 01, 1., .5 and inf, which JSON lacks.
inline NumberForm number_form(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  const auto digit = [&](std::size_t at) { return at < token.size() && token[at] >= '0' && token[at] <= '9'; };
  std::size_t digits = 0;
  while (digit(digits)) ++digits;
  if (digits == 0 || (digits > 1 && token[0] == '0')) return NumberForm::none;
  if (digits == token.size()) return NumberForm::whole;
  return token[digits] != '.' || digit(digits + 1) ? NumberForm::real : NumberForm::none;
}

/// A token of digits as a whole number; nothing where it doesn't fit.
template <class Whole>
std::optional<Whole> json_whole(std::string_view token) {
  Whole number = 0;
  if (std::from_chars(token.data(), token.data() + token.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

/// All of `token` as a number of JSON; nothing where it is none. Infinite where it is too large, 0 where too small.
inline std::optional<double> json_double(std::string_view token) {
  if (number_form(token) == NumberForm::none) return std::nullopt;
  double number = 0;
  const char* const last = token.data() + token.size();
  const auto [end, error] = std::from_chars(token.data(), last, number);
  if (end != last) return std::nullopt;
  return error == std::errc() ? number : std::strtod(std::string(token).c_str(), nullptr);
}

}  // namespace kernelgate
