#pragma once
// The verdicts of a run when the archived build is at hand: the two stages (two_stage.h) on sides, not on numbers.

#include <cstdint>
#include <string>

#include "harness/judge/compare/compare.h"
#include "harness/judge/confirm/confirm.h"

namespace kernelgate {

/// Nights of a baseline; with fewer, its spread is not known well enough to screen by, and every case gets blocks.
inline constexpr std::size_t fewest_nights = 5;

/// `source` is asked for cases by their index in `fresh.cases`. Where the base is of another environment than `fresh`,
/// it is left aside: the blocks compare two builds on the machine at hand, whatever it was before.
///
/// Errors  as compare; whatever the source throws.
Comparison compare_with_blocks(const Side& base, const Side& fresh, BlockSource& source, const CompareOptions& options,
                               std::uint64_t seed = 1);

/// How blocks are taken on a kind of device.
ConfirmOptions confirm_options(const std::string& device_kind);

}  // namespace kernelgate
