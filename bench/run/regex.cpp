#include "bench/run/regex.h"

#include <fmt/format.h>
#include <regex.h>

#include <array>
#include <memory>

#include "harness/base/error.h"

namespace kernelgate {

std::function<bool(const std::string&)> regex_search(const std::string& pattern, const std::string& where) {
  std::shared_ptr<regex_t> compiled(new regex_t{}, [](regex_t* r) {
    regfree(r);
    delete r;
  });
  if (const int status = regcomp(compiled.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB); status != 0) {
    std::array<char, 256> text{};
    regerror(status, compiled.get(), text.data(), text.size());
    throw HarnessError(ExitCode::usage,
                       fmt::format("{}: '{}' is no regular expression: {}", where, pattern, text.data()));
  }
  return [compiled](const std::string& text) { return regexec(compiled.get(), text.c_str(), 0, nullptr, 0) == 0; };
}

}  // namespace kernelgate
