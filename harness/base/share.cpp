#include "harness/base/share.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/printable.h"

namespace kernelgate {

double share_of(const std::string& option, const std::string& text) {
  double value = 0;
  // Not stod: it goes by the locale, and takes "0x1p3" and "nan".
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  std::string unit(end, text.data() + text.size());
  if (unit == " %") unit = "%";
  if (failed == std::errc() && std::isfinite(value) && value >= 0 && !std::signbit(value)) {
    if (unit == "%") return value / 100;
    if (unit.empty() && value < 1) return value;
    if (unit.empty())
      throw HarnessError(ExitCode::usage, fmt::format("{0} {1}: per cent, or {1} times? write {1}% for per cent",
                                                      option, printable(text, 20)));
  }
  throw HarnessError(ExitCode::usage,
                     fmt::format("{} {}: not a share; write 0.5% or 0.005", option, printable(text, 20)));
}

}  // namespace kernelgate
