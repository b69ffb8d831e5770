#include "harness/page/compact_json.h"

#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace kernelgate {

void CompactJson::next() {
  if (!first_) out_ += ',';
  first_ = false;
}

void CompactJson::open(char bracket) {
  next();
  out_ += bracket;
  first_ = true;
}

void CompactJson::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void CompactJson::key(std::string_view name) {
  text(name);
  out_ += ':';
  first_ = true;
}

void CompactJson::text(std::string_view word) {
  next();
  bool plain = true;
  for (char c : word) plain = plain && c >= 0x20 && c != '"' && c != '\\';
  if (plain)
    out_.append(1, '"').append(word).append(1, '"');
  else
    out_ += nlohmann::json(word).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

void CompactJson::number(double value) {
  if (!std::isfinite(value)) return null();
  next();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void CompactJson::number(const std::optional<double>& value) { value ? number(*value) : null(); }

void CompactJson::whole(long long value) {
  next();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void CompactJson::share(double value, double scale) {
  const double part = value / scale * 1e5;
  if (!std::isfinite(part)) return null();
  if (std::abs(part) < 1e12) return whole(std::llround(part));
  number(part);
}

void CompactJson::null() {
  next();
  out_ += "null";
}

void CompactJson::raw(std::string_view value) {
  next();
  out_ += value;
}

void CompactJson::texts(const std::vector<std::string>& words) {
  open('[');
  for (const std::string& word : words) text(word);
  close(']');
}

std::size_t WordTable::number_of(const std::string& word) {
  const auto [at, is_new] = numbers_.try_emplace(word, words_.size());
  if (is_new) words_.push_back(word);
  return at->second;
}

}  // namespace kernelgate
