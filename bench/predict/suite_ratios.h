#pragma once
// A suite's predictions beside what the vendor's libraries were measured to take on that GPU.

#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "bench/predict/predict_suite.h"
#include "harness/predict/vendor/vendor_ratios.h"

namespace kernelgate {

struct SuiteRatios {
  std::optional<predict::VendorTimes> vendor;  ///< nothing: none was measured on this GPU
  std::vector<predict::VendorRatio> ratios;
  /// Of a case; null where no time is stored for its problem.
  const predict::VendorRatio* find(std::string_view name) const;
};

SuiteRatios suite_ratios(const PredictedSuite&);

/// Of one case; a time or a ratio that is not known is null.
nlohmann::ordered_json ratio_json(const predict::VendorRatio&);

/// Where the times are from, and each implementation's summary; null where none was measured.
nlohmann::ordered_json vendor_json(const SuiteRatios&);

}  // namespace kernelgate
