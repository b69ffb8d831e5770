#pragma once
// Two implementations of one run against each other.

#include <string>

#include "harness/judge/compare/compare.h"
#include "harness/result/result.h"

namespace kernelgate {

/// The verdict on `other` against `base`, for each problem and cache state that both were measured on. They were
/// measured by turns, in the same processes and on the same inputs, so no night lies between them.
///
/// Units   a verdict's name is op/problem/state; its ratio is other / base: over 1 is slower than base.
/// Errors  those of compare.
Comparison compare_implementations(const Result& result, const std::string& base, const std::string& other,
                                   CompareOptions options);

}  // namespace kernelgate
