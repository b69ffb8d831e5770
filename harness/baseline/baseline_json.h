#pragma once
// The baseline's form on disk, written; baseline.h reads.

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// Keys in the order a person reads them; cases in the order given.
nlohmann::ordered_json baseline_to_json(const Baseline& baseline);

/// Runs as cells of one night in one boot, oldest first, and back.
///
/// Errors  of `nights_from`: ResultError or json::exception, what can't be.
nlohmann::ordered_json nights_to_json(const std::vector<RunSummary>& runs);
std::vector<RunSummary> nights_from(const nlohmann::json& nights);

/// One run of schema 2, or of schema 1. Errors  as above.
RunSummary run_from(const nlohmann::json& from);

/// Spreads as [standard deviation, degrees of freedom] by level.
nlohmann::ordered_json spread_to_json(const VarianceComponents& spread);
VarianceComponents spread_from(const nlohmann::json& from);

}  // namespace kernelgate
