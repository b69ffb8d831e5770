#pragma once
// A tensor of a probe's inputs or outputs, for the maps of TMA.

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/simt/tensor_map.h"

namespace kernelgate::silicon {

/// Bytes of one element.
constexpr unsigned element_bytes(simt::TensorElement element) {
  switch (element) {
    case simt::TensorElement::u8:
      return 1;
    case simt::TensorElement::u16:
    case simt::TensorElement::f16:
    case simt::TensorElement::bf16:
      return 2;
    case simt::TensorElement::u32:
    case simt::TensorElement::i32:
    case simt::TensorElement::f32:
      return 4;
    default:
      return 8;
  }
}

/// Dense but for rows, which are padded to a multiple of 16 bytes and 16 more.
struct TensorShape {
  simt::TensorElement element = simt::TensorElement::u16;
  std::vector<unsigned> dims;             ///< innermost first
  std::vector<unsigned> element_strides;  ///< 1 where there are none
  simt::Swizzle swizzle = simt::Swizzle::none;
  simt::L2Promotion promotion = simt::L2Promotion::none;
};

inline std::uint64_t row_bytes(const TensorShape& shape) {
  return (std::uint64_t{shape.dims[0]} * element_bytes(shape.element) + 15) / 16 * 16 + 16;
}

inline std::size_t tensor_bytes(const TensorShape& shape) {
  std::size_t bytes = row_bytes(shape);
  for (std::size_t i = 1; i < shape.dims.size(); ++i) bytes *= shape.dims[i];
  return bytes;
}

inline simt::GlobalTensor tensor_at(const void* address, const TensorShape& shape) {
  simt::GlobalTensor tensor;
  tensor.name = "of a probe";
  tensor.element = shape.element;
  tensor.rank = static_cast<unsigned>(shape.dims.size());
  tensor.address = address;
  std::uint64_t bytes = row_bytes(shape);
  for (unsigned i = 0; i < tensor.rank; ++i) {
    tensor.dims[i] = shape.dims[i];
    if (i > 0) bytes *= shape.dims[i];
    if (i + 1 < tensor.rank) tensor.strides_bytes[i] = bytes;
    if (i < shape.element_strides.size()) tensor.element_strides[i] = shape.element_strides[i];
  }
  tensor.swizzle = shape.swizzle;
  tensor.promotion = shape.promotion;
  return tensor;
}

}  // namespace kernelgate::silicon
