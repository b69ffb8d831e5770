#include "harness/codegen/resource_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

std::optional<std::int64_t> value_of(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const char* begin = line.data() + at + name.size();
  const auto [stop, error] = std::from_chars(begin, line.data() + line.size(), value);
  if (error != std::errc() || stop == begin) return std::nullopt;
  return value;
}

}  // namespace

std::vector<KernelCode> parse_resource_usage(std::string_view text, const std::string& where, const std::string& file,
                                             const std::string& arch_of_all) {
  constexpr std::string_view function = " Function ", target = "arch = ";
  std::vector<KernelCode> kernels;
  std::string arch = arch_of_all, symbol;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with(target)) {
      arch = arch_name(std::string(line.substr(target.size())));
    } else if (line.starts_with(function)) {
      if (!symbol.empty()) throw ResultError(fmt::format("{}: no figures of {}", where, symbol));
      symbol = line.substr(function.size(), line.find_last_of(':') - function.size());
    } else if (!symbol.empty()) {
      KernelCode kernel;
      kernel.registers = value_of(line, " REG:");
      const auto stack = value_of(line, " STACK:"), shared = value_of(line, " SHARED:");
      if (!kernel.registers || !stack || !shared)
        throw ResultError(fmt::format("{}: no figures of {} in: {}", where, symbol, line));
      if (arch.empty()) throw ResultError(fmt::format("{}: no architecture of {}", where, symbol));
      kernel.arch = arch;
      kernel.file = file;
      kernel.symbol = std::move(symbol);
      kernel.stack_bytes = *stack;
      kernel.shared_bytes = *shared;
      kernels.push_back(std::move(kernel));
      symbol.clear();
    }
  }
  if (!symbol.empty()) throw ResultError(fmt::format("{}: no figures of {}", where, symbol));
  return kernels;
}

}  // namespace kernelgate
