#pragma once
// How our predicted times stand beside what the vendor's libraries were measured to take.

#include <span>
#include <string>
#include <vector>

#include "harness/predict/vendor/vendor_times.h"

namespace kernelgate::predict {

/// Units  seconds, predicted; 0: there is no ground for it.
struct OurTime {
  std::string name;  ///< "matmul/f16_nt/256x256x256/ours": op, problem, implementation
  double cold_s = 0, hot_s = 0;
};

/// The vendor's time over ours: above 1 ours is predicted to be faster. 0: one of the two is not known.
struct VendorRatio {
  OurTime ours;
  VendorTime vendor;
  double cold() const { return ours.cold_s > 0 ? vendor.cold_s / ours.cold_s : 0; }
  double hot() const { return ours.hot_s > 0 ? vendor.hot_s / ours.hot_s : 0; }
};

/// Of one cache state, over the problems for which both times are known.
struct RatioSummary {
  int problems = 0;
  double geometric_mean = 0;
  double least = 0;
  std::string least_of;  ///< the case
};

/// What one implementation reaches.
struct ImplementationRatios {
  std::string op, implementation;
  RatioSummary cold, hot;
};

/// Of the cases for whose problem a time is stored, in their order.
std::vector<VendorRatio> vendor_ratios(std::span<const OurTime>, const VendorTimes&);

/// One for each op and implementation, in the order in which they come first.
std::vector<ImplementationRatios> summaries(std::span<const VendorRatio>);

/// The ratios as a table, and their summaries below; empty where there are none.
std::string to_text(std::span<const VendorRatio>, const VendorTimes&);

}  // namespace kernelgate::predict
