#include "bench/run/injection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "bench/run/regex.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

constexpr const char* variable = "KERNELGATE_INJECT";

[[noreturn]] void refuse(const std::string& rule) {
  throw HarnessError(ExitCode::usage,
                     fmt::format("{}: '{}' is not understood; write slow:REGEX:1.10 or wrong:REGEX", variable, rule));
}

double factor_of(const std::string& rule, const std::string& text) {
  char* end = nullptr;
  const double factor = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(factor >= 1 && factor <= 1000)) refuse(rule);
  return factor;
}

}  // namespace

Injection::Injection(const std::string& text) : text_(text) {
  std::stringstream rules(text);
  for (std::string rule; std::getline(rules, rule, ';');) {
    const auto colon = rule.find(':');
    const std::string kind = rule.substr(0, colon);
    if (colon == std::string::npos || (kind != "slow" && kind != "wrong")) refuse(rule);
    std::string pattern = rule.substr(colon + 1);
    double slowdown = 0;
    if (kind == "slow") {
      const auto last = pattern.rfind(':');
      if (last == std::string::npos) refuse(rule);
      slowdown = factor_of(rule, pattern.substr(last + 1));
      pattern.resize(last);
    }
    if (pattern.empty()) refuse(rule);
    rules_.push_back({regex_search(pattern, variable), slowdown});
  }
}

double Injection::slowdown(const std::string& case_name) const {
  double factor = 1;
  for (const Rule& rule : rules_)
    if (rule.slowdown > 0 && rule.matches(case_name)) factor *= rule.slowdown;
  return factor;
}

bool Injection::wrong(const std::string& case_name) const {
  return std::ranges::any_of(rules_, [&](const Rule& rule) { return rule.slowdown == 0 && rule.matches(case_name); });
}

Injection injection_from_environment() {
  const char* text = std::getenv(variable);
  return Injection(text == nullptr ? "" : text);
}

void corrupt(const GuardedTensor& output) {
  if (output.size() == 0) return;
  auto bytes = output.download();
  // The top bits of a little-endian float of either size are in its last byte: exponent and sign.
  for (std::size_t i : {std::size_t{1}, std::size_t{3}})
    if (i < bytes.size()) bytes[i] ^= std::byte{0x7c};
  output.upload(bytes);
}

}  // namespace kernelgate
