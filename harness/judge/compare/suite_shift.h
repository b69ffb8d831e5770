#pragma once
// Whether all cases moved alike: then it is one finding, of the machine or the build, and not as many as there are
// cases.

#include <string>
#include <vector>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

/// A suite moves together where so many of its cases, and no fewer than can show how they scatter, are within a quarter
/// of its middle change, that is at least this much, and at least half of all were called.
inline constexpr double together_share = 0.9, together_width = 0.25, together_least = 0.03;

/// One line that says so, and marks the cases that did; empty: they did not.
std::string suite_shift(std::vector<CaseVerdict>& cases);

/// Where so many cases moved the same way, by this much in the middle, the machine did, though not all cases alike: on
/// a shared one it is the likeliest.
inline constexpr double most_share = 0.8;

/// One line that says so; empty: they did not. Such cases are judged beside it, so none is marked.
std::string moved_in_common(const std::vector<CaseVerdict>& cases);

}  // namespace kernelgate
