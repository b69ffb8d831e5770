#pragma once
// Ours beside other tools' rules, on data from the same noise.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/studies/error_rates/suite_night.h"

namespace kernelgate::error_rates {

struct Score {
  double false_slower = 0;  ///< share of comparisons of unchanged code
  double found = 0;         ///< share of those of slower code
};

struct HeadToHeadShape {
  int comparisons = 4000;  ///< of each other rule, and each with one process run of 100 iterations a side
  int nights = 100;        ///< of ours: whole suites of 200 cases
  double change = 0.02;    ///< log; of the slower code
};

struct HeadToHead {
  Score ours;
  std::vector<std::pair<std::string, Score>> others;
};

HeadToHead head_to_head(const NoiseModel& model, const HeadToHeadShape& shape, std::uint64_t seed = 20);

}  // namespace kernelgate::error_rates
