#pragma once
// Whether the times of a work can be what they seem.

#include <string>

#include "harness/measure/sampler.h"

namespace kernelgate {

/// Why a contestant's samples are no times of its work; empty: nothing speaks against them. One line for a person.
///
/// late            the device worked on after the timed region had ended
/// new inputs      each sample with new inputs took 1.5 times as long as most of the others, and as each one that was
///                 taken likewise with the old ones
/// twice the work  twice as many launches took less than 1.4 times as long, each time
/// too short       the regions are too short for the timer, although they were not when it was warmed up
/// impossible      less than the device's peak rates allow
std::string why_no_time(const Contestant& contestant, double shortest_region_s);

/// Whether all that is known so far speaks for "new inputs" above, as it may by chance where few samples are known: the
/// other samples found threads awake and caches warm.
bool slower_when_new(const Contestant& contestant);

/// The same for "twice the work".
bool quicker_when_doubled(const Contestant& contestant);

/// The same for "too short": the warm-up may have been disturbed.
bool too_short(const Contestant& contestant, double shortest_region_s);

/// So many samples of either kind are enough, here and below: by chance they lie apart like this in 1 of 12,870
/// measurements.
inline constexpr std::size_t enough_pairs = 8;

/// Below this no device with these rates does the work: a quarter of what they take, since an algorithm may need as
/// little (Winograd's convolution of 4 x 4 outputs multiplies a quarter, a convolution of stride 2 may read a quarter).
/// A rate of 0 is not known, and sets no limit.
///
/// Units  flop, bytes, per second; seconds. `bytes_per_s`: of the memory, which only cold work must read from.
double floor_s(double flop, double bytes, double flop_per_s, double bytes_per_s, CacheState state);

}  // namespace kernelgate
