#pragma once
// Elements of 16 bits, as f16 or as bf16: what a kernel that takes either is compiled for.

#include <bit>
#include <cstdint>

#include "kernels/op/f16.h"
#include "kernels/op/type.h"
#include "kernels/simt/simt.h"

namespace kernelgate::tile {
inline namespace SIMT_SIDE {

/// Two elements in one register, rounded to nearest even: `low` in bits 0 .. 15.
template <Type TYPE>
SIMT_DEVICE std::uint32_t pack_pair(float low, float high) {
  static_assert(size_of(TYPE) == 2);
  if constexpr (TYPE == Type::bf16) {
    return simt::pack_bf16x2(low, high);
  } else {
    return simt::pack_f16x2(low, high);
  }
}

template <Type TYPE>
SIMT_DEVICE float low_of(std::uint32_t pair) {
  return TYPE == Type::bf16 ? std::bit_cast<float>(pair << 16) : simt::low_half(pair);
}
template <Type TYPE>
SIMT_DEVICE float high_of(std::uint32_t pair) {
  return TYPE == Type::bf16 ? std::bit_cast<float>(pair & 0xffff0000u) : simt::high_half(pair);
}

/// `f16` stands for the bits of either.
template <Type TYPE>
SIMT_DEVICE float widen(f16 element) {
  return low_of<TYPE>(element.bits);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::tile
