#pragma once
// A picture of 3840 x 2160 through generators of the same kind for larger tiles: how much memory, how much work.

#include <cstdint>
#include <string>
#include <vector>

namespace kernelgate {

/// One tile size.
struct TilePlan {
  std::int64_t levels = 0, pixels = 0;  ///< of a side
  std::int64_t tiles = 0;               ///< that cover the picture
  double bytes = 0;   ///< weights, maps, inputs, outputs of one tile, in f16, as our chain lays them out
  double flop = 0;    ///< of one tile
  double tile_s = 0;  ///< measured; 0: not
};

/// Of 96, 192, ... 6144 pixels; the last one holds the whole picture.
std::vector<TilePlan> tile_plans();

/// How many frames of 96 x 96 at a time this much memory allows, by the plan of our chain. 0: not one.
std::int64_t largest_batch(double bytes);

/// "The memory of a 16 GB card": GPUs are sold in such gigabytes.
inline constexpr double card_bytes = 16e9;

/// A table: tiles, memory, work, time of a picture where a tile's was measured; whether 16 GB hold it.
std::string show(const std::vector<TilePlan>& plans, const std::string& measured_on);

}  // namespace kernelgate
