#pragma once
// What the order of two sets of values shows, whatever their distribution is.

#include <cstddef>
#include <span>

namespace kernelgate {

/// The chance that `above` lies as far above `below` as it does, or farther, where both are drawn from one
/// distribution, in any order: Mann and Whitney's, one-sided and exact. Equal values count against it.
///
/// Shapes  any lengths; of none it is 1.
double rank_sum_p(std::span<const double> below, std::span<const double> above);

/// Of so many values each side, how many pairs may be out of order for `rank_sum_p` to be within `level`, at most a
/// half; -1: even with none it is not.
int pairs_out_of_order_at_most(std::size_t below, std::size_t above, double level);

}  // namespace kernelgate
