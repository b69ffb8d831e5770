#pragma once
// A suite's predictions in the form in which they are accepted and compared.

#include "bench/predict/predict_suite.h"
#include "harness/predict/baseline/predicted_times.h"

namespace kernelgate {

predict::PredictedTimes predicted_times(const PredictedSuite&);

}  // namespace kernelgate
