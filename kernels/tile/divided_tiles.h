#pragma once
// Kernels whose clusters divide a tile's sums: which tile, divided how often, is the quickest by a cost; and each of
// them for whoever tunes.

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "kernels/op/op.h"

namespace kernelgate::tile {

/// Units  cycles: what a problem should take, its sums divided `splits` times; infinite where it can't be done.
template <Op T>
struct DividedTile {
  const char* name;
  double (*cycles)(const Device&, const typename T::Problem&, unsigned splits);
  Launch (*launch)(const Device&, const typename T::Problem&, const typename T::Buffers&, unsigned splits);
};

template <Op T>
Launch launch_quickest(std::span<const DividedTile<T>> tiles, unsigned most_splits, const Device& device,
                       const typename T::Problem& problem, const typename T::Buffers& buffers) {
  double least = std::numeric_limits<double>::infinity();
  const DividedTile<T>* best = nullptr;
  unsigned best_splits = 1;
  for (const DividedTile<T>& tile : tiles)
    for (unsigned splits = 1; splits <= most_splits; splits *= 2)
      if (const double here = tile.cycles(device, problem, splits); here < least) {
        least = here;
        best = &tile;
        best_splits = splits;
      }
  return best->launch(device, problem, buffers, best_splits);
}

/// `tiles` live as long as the program. `divided`: between a tile's name and the number of parts.
template <Op T>
std::vector<TilePolicy<T>> policies(std::span<const DividedTile<T>> tiles, unsigned most_splits,
                                    const std::string& divided) {
  std::vector<TilePolicy<T>> all;
  for (const DividedTile<T>& tile : tiles)
    for (unsigned splits = 1; splits <= most_splits; splits *= 2)
      all.push_back({splits == 1 ? tile.name : tile.name + divided + std::to_string(splits),
                     [&tile, splits](const Device& device, const typename T::Problem& problem,
                                     const typename T::Buffers& buffers) {
                       if (!std::isfinite(tile.cycles(device, problem, splits)))
                         throw Unsupported("there are too many tiles, or too little to sum, to divide the sums so");
                       return tile.launch(device, problem, buffers, splits);
                     }});
  return all;
}

}  // namespace kernelgate::tile
