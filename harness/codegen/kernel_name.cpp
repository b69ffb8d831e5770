#include "harness/codegen/kernel_name.h"

#include <cxxabi.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$'; }

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos;) text.erase(at, what.size());
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  std::string name = status == 0 && text ? text.get() : symbol;
  for (std::size_t at = 0; (at = name.find("> >", at)) != std::string::npos;) name.erase(at + 1, 1);
  return name;
}

/// Erases qualifiers: words before "::" for which `drop` holds.
template <class Drop>
void erase_qualifiers(std::string& text, Drop drop) {
  for (std::size_t at = 0; (at = text.find("::", at)) != std::string::npos;) {
    std::size_t begin = at;
    while (begin > 0 && is_word(text[begin - 1])) --begin;
    if (begin < at && drop(std::string_view(text).substr(begin, at - begin))) {
      text.erase(begin, at + 2 - begin);
      at = begin;
    } else {
      at += 2;
    }
  }
}

/// Where the parameter list begins: the first parenthesis outside template arguments, past the name.
std::size_t parameters_of(const std::string& text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>') --depth;
    if (text[i] == '(' && depth == 0 && i > 0) return i;
  }
  return text.size();
}

/// Where the name begins: after the last blank outside template arguments. Only templates have a return type.
std::size_t name_of(const std::string& text, std::size_t end) {
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] == '<') ++depth;
    if (text[i] == '>') --depth;
    if (text[i] == ' ' && depth == 0) begin = i + 1;
  }
  return begin;
}

}  // namespace

std::string long_name(const std::string& symbol) {
  std::string name = demangled(symbol);
  erase_all(name, "(anonymous namespace)::");
  // nvcc's namespaces of a translation unit: _GLOBAL__N__<hash>_..., _INTERNAL_<hash>_...
  erase_qualifiers(
      name, [](std::string_view word) { return word.starts_with("_GLOBAL_") || word.starts_with("_INTERNAL_"); });
  return name;
}

std::string short_name(const std::string& symbol) {
  std::string name = long_name(symbol);
  if (name == symbol) return name;
  erase_qualifiers(name, [](std::string_view) { return true; });
  const std::size_t end = parameters_of(name);
  const std::size_t begin = name_of(name, end);
  return name.substr(begin, end - begin);
}

void name_kernels(std::vector<KernelCode>& kernels) {
  std::map<std::pair<std::string, std::string>, int> seen;
  for (KernelCode& kernel : kernels) {
    kernel.name = fmt::format("{}: {}", kernel.file, short_name(kernel.symbol));
    ++seen[{kernel.arch, kernel.name}];
  }
  std::map<std::pair<std::string, std::string>, std::string> symbols;
  for (KernelCode& kernel : kernels) {
    if (seen[{kernel.arch, kernel.name}] > 1)
      kernel.name = fmt::format("{}: {}", kernel.file, long_name(kernel.symbol));
    const auto [entry, fresh] = symbols.emplace(std::pair{kernel.arch, kernel.name}, kernel.symbol);
    if (!fresh)
      throw HarnessError(ExitCode::usage, fmt::format("two kernels for {} are both called '{}' ({} and {}); rename one",
                                                      kernel.arch, kernel.name, entry->second, kernel.symbol));
  }
}

std::string arch_name(const std::string& text) {
  std::string_view rest = text;
  if (rest.starts_with("sm")) rest.remove_prefix(2);
  if (rest.starts_with('_')) rest.remove_prefix(1);
  std::size_t digits = 0;
  while (digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits])) != 0) ++digits;
  const std::string_view suffix = rest.substr(digits);
  if (digits < 2 || digits > 3 || !(suffix.empty() || suffix == "a" || suffix == "f"))
    throw HarnessError(ExitCode::usage, fmt::format("'{}' is no GPU architecture; write it as 90a or sm90a", text));
  return "sm" + std::string(rest);
}

bool arch_less(const std::string& a, const std::string& b) {
  const auto key = [](const std::string& arch) {
    const std::size_t digits = arch.find_first_of("0123456789");
    return std::pair(digits == std::string::npos ? 0 : std::strtol(arch.c_str() + digits, nullptr, 10), arch);
  };
  return key(a) < key(b);
}

}  // namespace kernelgate
