#pragma once
// The host's side of TMA loads.

#include <array>
#include <cstdint>

#include "kernels/simt/host/tensor_map_encoding.h"

namespace kernelgate::simt::executor {

using Coordinates = std::array<int, 5>;

void tma_load(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier, unsigned rank,
              const Coordinates& at);
void tma_load_multicast(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier,
                        std::uint16_t blocks, unsigned rank, const Coordinates& at);
void tma_load_im2col(const Operation& operation, void* shared, const TensorMap& map, void* mbarrier, unsigned rank,
                     const Coordinates& at, const std::array<int, 3>& offsets);
void tma_prefetch(const Operation& operation, const TensorMap& map, unsigned rank, const Coordinates& at);

/// The layout of a map for boxes of this rank.
///
/// Errors  Fault if it is another one, or one for columns of pixels.
TensorLayout decode_tiled(const Operation& operation, const TensorMap& map, unsigned rank);

}  // namespace kernelgate::simt::executor
