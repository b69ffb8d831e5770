#pragma once
// One frame of the network in double, exact or with every map rounded to f16.

#include <vector>

#include "kernels/pipeline/network.h"

namespace kernelgate::pipeline {

enum class MapsAre { exact, rounded };

struct DoubleMap {
  Map shape;
  std::vector<double> values;  ///< [h, w, c]
};

/// One layer on one frame. `skip` may be null.
DoubleMap convolve(const Layer& layer, const DoubleMap& input, const DoubleMap* skip, const f16* weights, MapsAre maps);

/// To the nearest f16.
void round_to_f16(std::vector<double>& values);

/// The distance between neighbouring f16 values at `magnitude`.
double f16_ulp(double magnitude);

}  // namespace kernelgate::pipeline
