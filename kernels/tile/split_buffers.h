#pragma once
// The memory that blocks need to divide K between them, kept by the launch.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/op/memory.h"
#include "kernels/tile/split_k.h"

namespace kernelgate::tile {

struct SplitBuffers {
  SplitK params;
  std::shared_ptr<const Memory> partials, arrivals;  ///< to be captured by the launch
};

/// Units   tile_floats: sums of a tile.
/// Errors  DeviceError if there is no memory for it.
inline SplitBuffers split_buffers(const Device& device, unsigned splits, unsigned tiles, std::int64_t tile_floats) {
  if (splits == 1) return {.params = {nullptr, nullptr, 1, tiles}, .partials = {}, .arrivals = {}};
  const auto floats = static_cast<std::size_t>(tile_floats) * tiles * splits;
  const auto partials = std::make_shared<const Memory>(device, floats * sizeof(float));
  const auto arrivals = std::make_shared<const Memory>(device, tiles * sizeof(unsigned));
  partials->fill(0xff);  // NaN, should anything be read that no block wrote
  arrivals->fill(0);
  return {.params = {reinterpret_cast<float*>(partials->data()), reinterpret_cast<unsigned*>(arrivals->data()), splits,
                     tiles},
          .partials = partials,
          .arrivals = arrivals};
}

}  // namespace kernelgate::tile
