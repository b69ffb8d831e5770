#pragma once
// How much one case varies, by level: between the samples of a run, the runs of a night, the nights of a boot, and
// boots. A comparison of nights must know the spread of nights, which no number of runs of one night shows.
//
// Nested random effects by the method of moments: y = log of a run's median = mean + boot + night + run. With n runs in
// all, n_i in boot i and n_ij in its night j:
//   SS_run   = sum (y - mean_ij)^2              E = (n - nights) v_run
//   SS_night = sum n_ij (mean_ij - mean_i)^2    E = (nights - boots) v_run + (n - A) v_night
//   SS_boot  = sum n_i (mean_i - mean)^2        E = (boots - 1) v_run + (A - B) v_night + (n - C) v_boot
//   A = sum n_ij^2 / n_i, B = sum n_ij^2 / n, C = sum n_i^2 / n
// solved from the top down. It holds for unequal numbers of runs and nights, and asks no distribution of them.
//
// Source  Searle, Casella and McCulloch, "Variance Components" (1992), Henderson's method I.

#include <span>

#include "harness/sides/side.h"

namespace kernelgate {

/// Units  `sd`: of the logarithm of seconds. `df`: the degrees of freedom of the level's own sum of squares, kept where
///        its variance came out below 0 and was taken as 0; 0: the level can't be told, and sd is 0.
struct Component {
  double sd = 0;
  double df = 0;
};

/// A level that can't be told from the one above it (each night of one run, each boot of one night) stands in that one.
struct VarianceComponents {
  Component iteration;  ///< of one sample, from the runs' quartiles
  Component run;        ///< of a run's median within its night, with what its own samples leave open
  Component night, boot;
  int runs = 0;
  int nights = 0;  ///< a night of two boots is one; runs of which it is not known are one night
  int boots = 0;   ///< known ones; runs of which it is not known are taken as one more, which is not counted
};

/// Empty for no runs. Errors  std::invalid_argument: a time that is none, or quartiles out of order.
VarianceComponents variance_components(std::span<const RunSummary> runs);

/// Two estimates of one level, weighted by their degrees of freedom.
Component pooled(const Component& a, const Component& b);
/// All four levels; the counts are `own`'s.
VarianceComponents pooled(const VarianceComponents& carried, const VarianceComponents& own);

/// The variance of a night's mean of `runs` runs about what all nights have in common.
double night_mean_variance(const VarianceComponents& spread, double runs);

}  // namespace kernelgate
