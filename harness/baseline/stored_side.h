#pragma once
// All that is stored of a device, as one side: a suite's cases correct each other, whatever file they are kept in.

#include <filesystem>
#include <string>

#include "harness/judge/compare/compare.h"

namespace kernelgate {

/// The baselines of `fresh`'s device that may be compared with it, joined. Where none may, one of them alone, so that
/// the comparison names what differs; where there are none, a side like `fresh` with no cases.
///
/// `now_utc`: as side_of takes it. Errors  as read_baselines.
Side stored_side(const std::filesystem::path& folder, const Side& fresh, const CompareOptions& options,
                 const std::string& now_utc = {});

/// Adds what another file of the same device holds. The files of one acceptance hold the same controls.
void join_stored(Side& into, Side&& part);

}  // namespace kernelgate
