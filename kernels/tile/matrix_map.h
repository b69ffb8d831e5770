#pragma once
// Tensor maps of matrices in a batch: what TMA needs to load their tiles, or to store them.

#include <cstdint>

#include "kernels/op/f16.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate::tile {

/// Matrices of f16 or bf16, which are the same to TMA, row by row, one behind the other. Three dimensions, so that a
/// tile which reaches past the end of its matrix doesn't reach into the next.
///
/// Units   elements.
struct MatrixBatch {
  const char* name;  ///< for error texts; a literal
  const f16* begin;
  std::int64_t rows, columns, items;
  std::int64_t ld = columns;  ///< from a row to the next

  /// What TMA asks of a tensor. Its dimensions, too, have limits: encode_tiled throws there.
  bool fits_tma() const { return reinterpret_cast<std::uintptr_t>(begin) % 16 == 0 && ld * 2 % 16 == 0; }
};

inline namespace SIMT_SIDE {

/// Errors  InvalidTensorMap, as encode_tiled has it.
inline simt::TensorMap matrix_map(const MatrixBatch& matrices, const OperandBox& box) {
  simt::TiledTensor tiled{.tensor = {.name = matrices.name,
                                     .rank = 3,
                                     .address = matrices.begin,
                                     .swizzle = box.swizzle,
                                     .promotion = simt::L2Promotion::bytes_256},
                          .box = {box.columns, box.rows, 1}};
  const auto rows = static_cast<std::uint64_t>(matrices.rows), ld = static_cast<std::uint64_t>(matrices.ld);
  tiled.tensor.dims = {static_cast<std::uint64_t>(matrices.columns), rows, static_cast<std::uint64_t>(matrices.items)};
  tiled.tensor.strides_bytes = {ld * sizeof(f16), rows * ld * sizeof(f16)};
  return simt::encode_tiled(tiled);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
