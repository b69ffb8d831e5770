#pragma once
// How long sm90a_im2col should take by tile and number of splits, so that it can choose.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "kernels/conv2d/im2col_phases.h"
#include "kernels/op/device.h"
#include "kernels/tile/cluster_places.h"

namespace kernelgate::conv2d {
inline namespace SIMT_SIDE {

template <class C>
std::int64_t im2col_tiles(const Conv2d::Problem& problem) {
  int count = 0;
  const auto phases = phases_of(problem, count);
  std::int64_t tiles = 0;
  for (int i = 0; i < count; ++i) tiles += ceil_div(phases[static_cast<std::size_t>(i)].pixels, C::BLOCK_M);
  return tiles * ceil_div(problem.k, C::BLOCK_N);
}

/// How long a problem should take in tiles of C, its reduction divided `splits` times: in cycles, but for what is
/// always the same. Chooses, no more; infinite where it can't be done.
///
/// Source  harness/predict/gpus/h200_sxm.json: 1.98 GHz, L2 4850 bytes a cycle, a multiprocessor 64 by itself; wgmma of
///         n columns n / 2 cycles, or what it reads of shared memory at 128 bytes a cycle. A round of the loop takes
///         220 at least. The rest was fitted to what is predicted for every tile and number of splits of five layers
///         (24 x 24 x 64 to 64, to 128 and x 256, 12 x 12 x 384, transposed 12 x 12 x 512): with it the choices for
///         these, cold and hot, are within 1 % of the quickest on average. A cluster meets in 200.
template <class C>
double im2col_cycles(const Device& device, const Conv2d::Problem& problem, unsigned splits) {
  int count = 0;
  const auto phases = phases_of(problem, count);
  const std::int64_t tiles = im2col_tiles<C>(problem), blocks = tiles * splits;
  const std::int64_t processors = std::max(1, device.multiprocessors);
  if (splits > 1 && (blocks > tile::cluster_places(device.multiprocessors, splits) * splits ||
                     phases[static_cast<std::size_t>(count - 1)].k_tiles < static_cast<int>(splits)))
    return std::numeric_limits<double>::infinity();
  std::int64_t all_k_tiles = 0;
  for (int i = 0; i < count; ++i) {
    const Phase& phase = phases[static_cast<std::size_t>(i)];
    all_k_tiles += ceil_div(phase.pixels, C::BLOCK_M) * phase.k_tiles;
  }
  all_k_tiles *= ceil_div(problem.k, C::BLOCK_N);
  const auto at_once = static_cast<double>(std::min(blocks, processors));
  const double load = C::stage_bytes / std::min(64.0, 4850.0 / at_once);
  constexpr int products = C::groups * (C::BLOCK_K / 16);
  const double multiply = std::max(220.0, products * std::max(C::BLOCK_M / 2.0, (64 + C::BLOCK_M) * 32 / 128.0));
  // The longest tile, or an even share of all of them.
  const double longest =
      std::max(static_cast<double>(ceil_div(phases[0].k_tiles, splits)), static_cast<double>(all_k_tiles) / at_once);
  const double ends = 400.0 + C::sums_bytes / 8.0 / splits;  // of a block's share
  const double rounds = static_cast<double>(ceil_div(blocks, processors));
  const double add_up = splits == 1 ? 0 : 200 + C::sums_bytes / 19.0;
  return longest * std::max(load, multiply) + rounds * ends + add_up;
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
