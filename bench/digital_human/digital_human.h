#pragma once
// What suite digital-human says beyond its cases: frames a second, a cold start, 4K, and the claims' answers.

#include <cstdio>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "bench/digital_human/claims.h"
#include "harness/result/result.h"
#include "kernels/op/device.h"

namespace kernelgate {

inline constexpr const char* digital_human_suite = "digital-human";

struct DigitalHumanQuestion {
  Device device;           ///< what the result was measured on
  std::string why_no_gpu;  ///< where that is none
  bool tiles = true;       ///< time larger tiles, too
};

/// Starts processes for what no case measures: cold starts, and larger tiles.
DigitalHumanFigures digital_human_figures(const Result& result, const DigitalHumanQuestion& question);

std::string to_text(const DigitalHumanFigures& figures);
nlohmann::json to_json(const DigitalHumanFigures& figures);

}  // namespace kernelgate
