#pragma once
// A share of a whole as a person writes it, the same for every option.

#include <string>

namespace kernelgate {

/// What helps say of an option that takes one.
inline constexpr const char* share_unit = "as 5% or 0.05";

/// "5%", "5 %" or "0.05". A bare number of 1 and more is refused: whoever writes 5 means per cent, and 0.5 % would be
/// 50 %.
/// Errors  HarnessError (usage): neither, below 0, or not finite; one line that names the option and the remedy.
double share_of(const std::string& option, const std::string& text);

}  // namespace kernelgate
