#pragma once
// Whether kernels would take longer than was accepted, and where.

#include <string>
#include <vector>

#include "harness/predict/baseline/predicted_times.h"

namespace kernelgate::predict {

/// A prediction has no noise, so that little is enough.
inline constexpr double slower_by = 0.02;

struct PredictionChange {
  std::string name;
  double ratio = 1;    ///< of the state that got slower the most: the new time by the accepted one
  bool cold = false;   ///< which state that is
  std::string reason;  ///< where the time went, and for what
  bool slower() const { return ratio > 1 + slower_by; }
};

struct PredictionComparison {
  std::string not_comparable;                  ///< why nothing can be said; empty: it can
  std::vector<PredictionChange> changes;       ///< beyond a tenth of that, the worst first
  std::vector<std::string> gone, fresh, lost;  ///< cases: no longer there; not accepted yet; without a time now
  bool any_slower() const;
};

/// Of the cases that both have.
PredictionComparison compare_predictions(const PredictedTimes& accepted, const PredictedTimes& now);

std::string to_text(const PredictionComparison&, const std::string& gpu);

}  // namespace kernelgate::predict
