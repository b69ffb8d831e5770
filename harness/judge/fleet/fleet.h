#pragma once
// A new device against a fleet of its model. Devices of one model differ by 8 % on average and up to 22 %, so that no
// one of them is a baseline for another: what is asked is whether the new one is as good as nine in ten of its model
// are.
//   under 3 devices   rank and ratio, and no verdict
//   3 to 6            the same; but SLOWER beyond the normal tolerance limit, with a spread of at least 2 %
//   7 to 28           the normal tolerance limit: mean + k s of the devices' log times, k from the noncentral t
//   29 and more       the largest order statistic that covers as much with the same confidence, whatever the shape
// and the device's own runs may not vary more than the fleet's do.
// Source  arXiv 2208.11035 for how devices differ; Krishnamoorthy and Mathew, "Statistical Tolerance Regions", 2009.

#include <filesystem>
#include <span>
#include <vector>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

inline constexpr double fleet_coverage = 0.90, fleet_confidence = 0.95;
inline constexpr std::size_t fewest_devices = 7, fewest_for_ranks = 29;
inline constexpr std::size_t fewest_for_outliers = 3;
/// Of log time between devices of one model, where too few of them may agree by chance.
inline constexpr double least_device_sd = 0.02;

/// k of mean + k s: with confidence `confidence`, a share `coverage` of a normal population lies below it, for n
/// values.
///
/// Errors  std::invalid_argument for fewer than two.
double tolerance_factor(std::size_t n, double coverage, double confidence);

/// The limit that a new value should be below, as above. Units  the values'. Errors  as tolerance_factor.
double tolerance_limit(std::span<const double> fleet, double coverage = fleet_coverage,
                       double confidence = fleet_confidence);

/// One side a device, of one model: what differs between them is the device itself. SAME: within the fleet's limit;
/// SLOWER: beyond it, or its runs vary more than any of the fleet's; INCONCLUSIVE: too few devices.
/// A case that the fleet has and the device lacks is NOT_COMPARABLE.
///
/// Errors  HarnessError(usage) for an empty fleet.
Comparison compare_with_fleet(std::span<const Side> fleet, const Side& fresh, const CompareOptions& options);

/// The results in a folder, one side a card: what was measured of a card several times is joined. `fresh`'s own card is
/// left out, for it would vouch for itself.
///
/// Errors  ResultError, one line: no folder, no result of another card in it; as read_result.
std::vector<Side> read_fleet(const std::filesystem::path& folder, const Side& fresh);

}  // namespace kernelgate
