#pragma once
// What `compare` says of recorded runs beside each other, and what simpler rules do.

#include <span>
#include <string>
#include <vector>

#include "bench/studies/real_histories/compare_rules.h"
#include "bench/studies/real_histories/recorded_history.h"
#include "harness/judge/compare/compare.h"

namespace kernelgate::real_histories {

/// Of one rule.
struct CompareCounts {
  std::string rule;
  int pairs = 0, pairs_called = 0, pairs_red = 0;  ///< with any case called; with one that is SLOWER: exit 3
  int cases = 0, cases_called = 0;
  int ten = 0, ten_found = 0, twenty = 0, twenty_found = 0;  ///< steps of 10 % or more, of 20 %: the case was called
  /// Of those that were not: the suite was said to have moved their way.
  int ten_in_event = 0, twenty_in_event = 0;
};

/// How runs are put beside each other: `files` before a place, and as many from it on.
enum class Pairs { same_commit, far_from_steps, at_steps };

/// Looks at `most_pairs` of them, evenly spread; at all that are at steps. `show`: prints what is called far from steps
/// and what is missed at them, with the reason that was given.
///
/// Shapes  one a rule.
std::vector<CompareCounts> count_comparisons(const Source& source, Pairs pairs, std::size_t files,
                                             std::size_t most_pairs, std::span<const Rule> rules, bool show = false);

void add(std::vector<CompareCounts>& all, const std::vector<CompareCounts>& more);

/// "3 of 4 (75.0 %)".
std::string share_of(int some, int of);

void print_compare_tables(std::span<const Source> sources, std::size_t most_pairs, const CompareOptions& options,
                          const std::shared_ptr<LearnedSuites>& learned, bool show);

}  // namespace kernelgate::real_histories
