#pragma once
// The first of a night's two stages: which cases look changed against the baseline's nights. It may err on the liberal
// side, for it never alarms by itself: what it flags is measured anew (confirm.h).
//
// The unit is the night. A case's night mean is the mean over its process runs of the log of the runs' medians. What
// all cases of a night share (heat, clocks) is the night's common mode, the median over cases of their distance
// from their own usual place; it is taken off before a case is judged, which halves the noise where nights move the
// suite as one. The common mode itself is judged too: the night was shifted, or all code changed.
//   t = (tonight - mean) / (s sqrt(1 + 1 / D)),   a prediction interval: one new night against D old ones
//   s^2 = (6 s0^2 + (D - 1) s_k^2) / (6 + D - 1), s0^2 the suite's typical variance: no case is taken to be as steady
//   as
//         its few nights make it look

#include <cstddef>
#include <span>
#include <vector>

namespace kernelgate {

/// What is known of one case.
///
/// Shapes  `nights`: one value a night of the baseline, the same nights in all cases; NaN where the case was not
/// measured. Units   logarithms of seconds.
struct ScreenInput {
  std::vector<double> nights;
  double tonight = 0;
};

struct ScreenOptions {
  double alpha = 0.05;                 ///< one-sided, each way, a case
  double shift_alpha = 0.005;          ///< one-sided, each way, the night
  double shift_at_least = 0.005;       ///< of a common mode; less is no shift whatever its certainty
  std::size_t fewest_for_common = 20;  ///< cases; of fewer, a common mode would take off what one of them did
};

/// What the screen says of one case.
///
/// Units  differences of logarithms of seconds; above 0 is slower.
struct Screened {
  double effect = 0;  ///< tonight against the mean of the nights
  double beyond = 0;  ///< the same without the common mode: what is judged
  double se = 0;      ///< of `beyond`, as a prediction
  double df = 0;      ///< 0: fewer than two nights, and nothing can be said
  double p_slower = 1, p_faster = 1;
  bool slower = false, faster = false;  ///< flagged
};

struct ScreenReport {
  std::vector<Screened> cases;
  double common = 0;     ///< tonight's common mode against the nights'
  int shifted = 0;       ///< +1: the night was slower as a whole; -1: faster
  bool relative = true;  ///< a common mode was taken off
};

/// As many degrees of freedom as the suite's typical variance counts for: limma's order of magnitude.
inline constexpr double suite_prior_df = 6;

/// Errors  std::invalid_argument when cases have different numbers of nights, or a value is infinite.
ScreenReport screen(std::span<const ScreenInput> cases, const ScreenOptions& options = {});

}  // namespace kernelgate
