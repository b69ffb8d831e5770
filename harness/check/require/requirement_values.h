#pragma once
// What the values of a requirement mean.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "harness/base/version.h"

namespace kernelgate {

/// A whole number of at most nine digits.
std::optional<int> whole_number(std::string_view text);
/// "12.8" and "8.0": two numbers, kept as a version so that 12.10 is later than 12.9.
std::optional<Version> two_fields(const std::string& text);
/// "16GiB".  Units  bytes.
std::optional<double> bytes_of(std::string_view text);
/// "700W".  Units  watts.
std::optional<double> watts_of(std::string_view text);
/// "85" or "85C".  Units  degrees Celsius.
std::optional<double> celsius_of(std::string_view text);
/// "5x16": generation and lanes.
std::optional<std::pair<int, int>> pcie_of(std::string_view text);

}  // namespace kernelgate
