#pragma once
// Where neighbours spoilt the wall's times, the processor's stand in for them.

#include "harness/sides/side.h"

namespace kernelgate {

/// Of the samples of a run; more, and the wall's lower quartile is the neighbours', too.
inline constexpr double spoilt_share = 0.1;

/// In the cases that both sides know, where every run knows its processor time and the median run of a side had more
/// than `spoilt_share` of its samples interrupted: takes the processor's times for the wall's, on both sides.
///
/// Returns in how many cases.
int use_processor_time(Side& base, Side& fresh);

}  // namespace kernelgate
