#pragma once
// What a tensor operation moves: the elements of a box between global memory and its image in shared memory.
//
// Pure: no threads, no barriers, no checks of addresses.

#include <array>
#include <cstdint>
#include <functional>

#include "kernels/simt/host/tensor_map_encoding.h"

namespace kernelgate::simt::executor {

/// Where the box begins: innermost first. With im2col offsets of the filter's tap, in the order W, H, D.
struct BoxStart {
  std::array<int, 5> coordinates{};
  std::array<int, 3> offsets{};
};

/// The bytes of shared memory that a box at a multiple of 128 may touch: the last span is swizzled as a whole.
std::size_t box_footprint(const TensorLayout& layout);

/// Fills the image of the box at `shared` from global memory; what lies outside the tensor is zeros.
void load_box(const TensorLayout& layout, const BoxStart& start, std::byte* shared);

/// Fills the image with a byte.
void fill_box(const TensorLayout& layout, std::byte* shared, std::uint8_t value);

enum class StoreMode { copy, add };

/// Writes what lies inside the tensor. `add`: by elements, each rounded to nearest even.
///
/// Types   add: those of can_add.
void store_box(const TensorLayout& layout, const BoxStart& start, const std::byte* shared, StoreMode mode);

/// The stretches of global memory that the box covers, those that follow one another as one.
void for_each_run(const TensorLayout& layout, const BoxStart& start,
                  const std::function<void(const std::byte* begin, std::size_t bytes)>& visit);

}  // namespace kernelgate::simt::executor
