#pragma once
// All of our kernels on the problems of a suite.

#include <memory>
#include <string>
#include <vector>

#include "bench/predict/predict_case.h"

namespace kernelgate {

struct PredictedSuite {
  struct Selection {
    std::string suite;
    std::vector<std::string> ops;  ///< none: all
    std::string filter;            ///< of names; empty: all
  };

  std::string suite;
  predict::Gpu gpu;
  std::vector<CasePrediction> cases;
};

/// One of our kernels on one problem of a selection.
struct SelectedCase {
  std::shared_ptr<const AnyProblem> problem;
  AnyProblem::Candidate candidate;
  std::string name;
};
std::vector<SelectedCase> select_predicted(const PredictedSuite::Selection&);

/// In the order of the ops' tables, two cases at a time where there are two cores. Errors  as predict_case.
PredictedSuite predict_suite(const PredictedSuite::Selection&, const predict::Gpu&, const PredictOptions&);

}  // namespace kernelgate
