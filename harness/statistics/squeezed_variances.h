#pragma once
// Variances of many cases, each from few observations, squeezed towards what the cases have in common.

#include <span>
#include <vector>

namespace kernelgate {

/// An estimate of a variance, and its degrees of freedom; none is 0 of 0.
struct SampleVariance {
  double variance = 0;
  double df = 0;
};

/// Each variance as (d0 s0^2 + d s^2) / (d0 + d) with d0 + d degrees of freedom: s0^2 and d0 are those of the scaled
/// inverse chi-square distribution that the cases' own variances show. Cases that are alike lend each other much, cases
/// that differ little; d0 is at most `most_df`, for that they are alike is never certain. A case that has no degrees of
/// its own gets s0^2 with d0. Fewer than three cases lend nothing.
///
/// Shapes  one a case.
/// Source  Smyth, "Linear models and empirical Bayes methods", Stat. Appl. Genet. Mol. Biol. 3 (2004): moments of log
/// variance.
std::vector<SampleVariance> squeezed_variances(std::span<const SampleVariance> own, double most_df = 20);

}  // namespace kernelgate
