#pragma once
// What runs of single values can show, each of which says nothing of its own spread.
//
// That a few agree shows little: of a kernel with two speeds three values are of one of them every fourth time, and
// public histories of GPUs are full of such. So a change needs, besides what is asked of any runs, one of
//   order  of the values alone, which no distribution deceives: Mann and Whitney's, exact, at the level that Holm
//          leaves. Three values a side never show it, eight do in a suite of fifty
//   size   beside what is declared of such values, which their agreement does not shrink. How wide that is, is itself
//          hardly known: its quantiles are Student's, of as few degrees of freedom as it counts for
// What lacks both is POSSIBLE.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/compare/decision.h"

namespace kernelgate {

/// Whether a change of such evidence needs one of them: thin, and of several units a side, since one is POSSIBLE at
/// most anyway. On a shared machine it does not: there the suite's cases know how such values vary.
bool needs_proof(const Evidence& one, const DeviceClass& device);

/// Of the units, with what is declared of one: their order, and how wide they may be.
void look_for_proof(Evidence& one, std::span<const RunSummary> base, std::span<const RunSummary> fresh,
                    double declared_sd, Noise noise);

/// Each p, where it needs proof no less than the chance of such an order, or of such a size, whichever is less. `way`:
/// +1 slower, -1 faster.
///
/// Shapes  one p a piece of evidence.
std::vector<double> with_proof(std::vector<double> p, std::span<const Evidence> suite, int way,
                               const DeviceClass& device);

/// The smallest change, as a logarithm, that would be proven 9 times in 10.
double provable(const Evidence& one, double level, StudentTable& table);

/// Whether so many units a side would prove an effect, if they were in order.
bool would_prove(const Evidence& one, std::size_t units, double level, const DeviceClass& device, StudentTable& table);

/// Of a change that the values show and nothing proves: why, and what would.
std::string why_not_proven(double level);

}  // namespace kernelgate
