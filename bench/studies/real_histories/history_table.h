#pragma once
// What `history` says of recorded histories: by real dates, and of the same values shuffled.

#include <span>

#include "bench/studies/real_histories/recorded_history.h"

namespace kernelgate::real_histories {

struct HistoryCounts {
  int series = 0, steps = 0, without_support = 0, drifts = 0;
  int obvious = 0, found = 0;               ///< shifts of 5 % or more, and those with a step of their sign beside
  int shuffled = 0, steps_in_shuffled = 0;  ///< series, and steps that none of them has
  int alone_otherwise = 0;                  ///< series that are analysed otherwise alone than among all
  double seconds = 0;                       ///< of one analysis
};

HistoryCounts count_history(const Source& source, int shuffles);

void print_history_table(std::span<const Source> sources, int shuffles);

/// Each step and drift of the cases whose name has `part`.
void print_series(const Source& source, const std::string& part);

}  // namespace kernelgate::real_histories
