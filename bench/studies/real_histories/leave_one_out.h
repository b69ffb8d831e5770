#pragma once
// Whether a rule's caution is fitted to the sources that it is tried on: each is left out in turn, the caution is
// chosen on the others, and what it does to the one that was left out is printed.

#include <cstddef>
#include <span>
#include <vector>

#include "bench/studies/real_histories/compare_rules.h"
#include "bench/studies/real_histories/recorded_history.h"
#include "harness/judge/compare/compare.h"

namespace kernelgate::real_histories {

struct WrongPairs {
  int pairs = 0, wrong = 0;
};

/// The first value with which at most 1 % of the pairs of all other sources together are wrong; the last, if there is
/// none.
///
/// Shapes  of each source, one entry a value, from the least cautious to the most.
std::size_t chosen_without(std::span<const std::vector<WrongPairs>> sources, std::size_t left_out);

void print_leave_one_out(std::span<const Source> sources, std::size_t most_pairs, const CompareOptions& options,
                         const std::shared_ptr<LearnedSuites>& learned);

}  // namespace kernelgate::real_histories
