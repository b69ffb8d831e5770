#pragma once
// The baseline's form on disk, written; baseline.h reads.

#include <nlohmann/json.hpp>

#include "harness/judge/baseline.h"

namespace kernelgate {

/// Keys in the order a person reads them; cases in the order given.
nlohmann::ordered_json baseline_to_json(const Baseline& baseline);

}  // namespace kernelgate
