#pragma once
// The rules by which other tools call something slower, written again from their descriptions, to be tried on the same
// data as ours. Oracles of tests and of the table in docs/verdicts.md; nothing is judged by them.

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace kernelgate::error_rates {

/// What a tool sees: the iterations of one process run a side, and the means of past nights' runs.
///
/// Units  seconds, in any scale.
struct Observed {
  std::vector<double> base, fresh;
  std::vector<double> history;
};

struct OtherRule {
  std::string name;
  std::string source;
  std::function<bool(const Observed&)> slower;
};

/// nvbench's two, the U-test at 5 % on 10 and on 100 iterations, criterion's, asv's, Bencher's, conbench's, and gates
/// of 2, 5 and 7 %: with each tool's defaults.
std::span<const OtherRule> other_rules();

/// P-value of the one-sided Mann-Whitney U-test that `fresh` is larger; normal approximation with the correction for
/// ties.
double u_test(std::span<const double> base, std::span<const double> fresh);

}  // namespace kernelgate::error_rates
