#pragma once
// Matrices that TMA can't load, because they or their rows begin at no multiple of 16 bytes: a kernel copies them
// first, as part of the launch that is timed.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>

#include "kernels/op/memory.h"
#include "kernels/op/op.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/matrix_map.h"

namespace kernelgate {
inline namespace SIMT_SIDE {

/// Units   elements.
struct PackParams {
  const f16* from;
  f16* to;  ///< at a multiple of 16 bytes
  std::int64_t rows, columns, from_ld, to_ld;
};

/// A warp brings so many chunks of 8 elements of a row at a time, all on their way before the first is stored.
inline constexpr int pack_chunks = 4, pack_warps = 8, pack_columns = pack_chunks * 32 * 8;

/// ELEMENTS: what the begin of each row of `from` is a multiple of: 1, 2 or 4. Elements behind a row's end are zeros.
template <int ELEMENTS>
SIMT_KERNEL(pack_warps * 32)
void pack_rows(PackParams p) {
  constexpr int loads = 8 / ELEMENTS;
  struct alignas(ELEMENTS * sizeof(f16)) Part {
    f16 elements[ELEMENTS];
  };
  struct alignas(16) Chunk {
    Part parts[loads];
  };
  const unsigned lane = simt::lane_idx();
  const std::int64_t first = simt::block_idx().x * std::int64_t{pack_columns} + lane * 8;
  for (std::int64_t row = simt::block_idx().y * std::int64_t{pack_warps} + simt::warp_idx(); row < p.rows;
       row += simt::grid_dim().y * std::int64_t{pack_warps}) {
    const f16* const from = p.from + row * p.from_ld;
    Chunk chunks[pack_chunks] = {};
    SIMT_UNROLL
    for (int i = 0; i < pack_chunks; ++i) {
      SIMT_UNROLL
      for (int j = 0; j < loads; ++j) {
        const std::int64_t column = first + i * 256 + j * ELEMENTS;
        if (column < p.columns)  // rows are as aligned as their length is a multiple: a part is whole or none
          chunks[i].parts[j] = simt::load_global(reinterpret_cast<const Part*>(from + column));
      }
    }
    SIMT_UNROLL
    for (int i = 0; i < pack_chunks; ++i) {
      const std::int64_t column = first + i * 256;
      if (column < p.to_ld) simt::store_global_16(p.to + row * p.to_ld + column, std::bit_cast<simt::Vec4>(chunks[i]));
    }
  }
}

/// An operand that TMA can load, and what has to be launched before.
struct TmaOperand {
  tile::MatrixBatch matrices;
  Launch pack;  ///< empty: it lay well
};

/// Errors  DeviceError if there is no memory for a copy.
inline TmaOperand tma_operand(const Device& device, const tile::MatrixBatch& matrices) {
  if (matrices.fits_tma()) return {matrices, {}};
  tile::MatrixBatch packed = matrices;
  packed.ld = (matrices.columns + 7) / 8 * 8;
  const std::int64_t rows = matrices.rows * matrices.items;
  const auto copy = std::make_shared<const Memory>(device, static_cast<std::size_t>(rows * packed.ld) * sizeof(f16));
  packed.begin = reinterpret_cast<const f16*>(copy->data());
  const PackParams params{matrices.begin, reinterpret_cast<f16*>(copy->data()), rows, matrices.columns, matrices.ld,
                          packed.ld};
  const auto bits = reinterpret_cast<std::uintptr_t>(matrices.begin) / 2 | static_cast<std::uintptr_t>(matrices.ld) |
                    static_cast<std::uintptr_t>(matrices.columns);
  auto* const kernel = bits % 4 == 0 ? pack_rows<4> : bits % 2 == 0 ? pack_rows<2> : pack_rows<1>;
  constexpr std::int64_t most_grid_rows = 65535;
  const simt::LaunchShape shape{{static_cast<unsigned>((packed.ld + pack_columns - 1) / pack_columns),
                                 static_cast<unsigned>(std::min((rows + pack_warps - 1) / pack_warps, most_grid_rows))},
                                {pack_warps * 32},
                                0,
                                "pack_rows"};
  return {packed, [=, keep = copy](Stream stream) { simt::launch(kernel, shape, stream, params); }};
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate
