#pragma once
// Corrections for the number of cases that are judged at once.

#include <cstddef>
#include <span>
#include <vector>

namespace kernelgate {

/// Which hypotheses fall, if the chance of any false rejection is to stay within `alpha`, whatever depends on what.
///
/// Shapes  one p-value a hypothesis; the result is in the same order.
/// Source  Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6 (1979).
std::vector<bool> holm(std::span<const double> p, double alpha);

/// At what level each hypothesis that falls was tested: alpha over those that were left then. What was tested after
/// others fell need not clear the level of the first. Of those that stand, the level at which they did.
///
/// Shapes  as above.
std::vector<double> holm_levels(std::span<const double> p, double alpha);

/// Which hypotheses fall, if of those that fall the expected share `rate` may be false: for lists that people read,
/// never for an exit code.
///
/// Shapes  as above.
/// Source  Benjamini and Hochberg, J. Royal Statistical Society B 57 (1995).
std::vector<bool> benjamini_hochberg(std::span<const double> p, double rate);

}  // namespace kernelgate
