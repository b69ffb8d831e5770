#pragma once
// Which boxes of which tensors are asked about: every rank and swizzle, at every kind of corner.

#include <string>
#include <vector>

#include "kernels/silicon/tensor_probe.h"

namespace kernelgate::silicon {

struct BoxCase {
  std::string name;  ///< "2d_swizzle_64"
  TensorShape shape;
  std::vector<unsigned> box;         ///< innermost first
  std::vector<std::vector<int>> at;  ///< the first elements of boxes, one after the other
  unsigned offset = 0;               ///< of the box in shared memory, bytes
  const char* open = "";
};

inline const char* word(simt::Swizzle swizzle) {
  static constexpr const char* words[] = {"plain", "swizzle_32", "swizzle_64", "swizzle_128"};
  return words[static_cast<int>(swizzle)];
}

/// Bytes of the whole box in shared memory.
inline unsigned box_bytes(const BoxCase& one) {
  unsigned bytes = element_bytes(one.shape.element);
  for (std::size_t i = 0; i < one.box.size(); ++i) {
    const unsigned stride = i < one.shape.element_strides.size() ? one.shape.element_strides[i] : 1;
    bytes *= (one.box[i] + stride - 1) / stride;
  }
  return bytes;
}

/// The corners of a tensor that a box may meet: inside; before the first element and past the last one, of each
/// dimension alone; all outside.
inline std::vector<std::vector<int>> corners(const std::vector<unsigned>& dims, const std::vector<unsigned>& box,
                                             bool negative) {
  const auto whole = [](unsigned number) { return static_cast<int>(number); };
  std::vector<int> inside(dims.size(), 1), past, before;
  for (std::size_t i = 0; i < dims.size(); ++i) past.push_back(whole(dims[i]) - whole(box[i]) / 2);
  std::vector<std::vector<int>> all{inside, past};
  for (std::size_t i = 0; i < dims.size(); ++i) {
    std::vector<int> one = inside;
    one[i] = whole(dims[i]) - 1;
    all.push_back(one);
    if (!negative) continue;
    one[i] = -1;
    all.push_back(one);
  }
  all.push_back(past);
  all.back()[0] = whole(dims[0]) + 3;
  return all;
}

/// `negative`: whether boxes may begin before the tensor, as only loads may.
inline std::vector<BoxCase> box_cases(bool negative) {
  using simt::Swizzle;
  using simt::TensorElement;
  std::vector<BoxCase> all;
  const std::vector<unsigned> dims{77, 13, 4, 3, 3}, boxes{0, 5, 2, 2, 2};
  for (unsigned rank = 1; rank <= 5; ++rank)
    for (Swizzle swizzle : {Swizzle::none, Swizzle::bytes_32, Swizzle::bytes_64, Swizzle::bytes_128}) {
      BoxCase one;
      one.name = std::to_string(rank) + "d_" + word(swizzle);
      one.shape.dims.assign(dims.begin(), dims.begin() + rank);
      one.shape.swizzle = swizzle;
      one.box.assign(boxes.begin(), boxes.begin() + rank);
      if (rank == 2) one.box[1] = 11;  // more rows than the pattern has
      // As long as the swizzle, which is what is documented; without one three chunks.
      one.box[0] = (swizzle == Swizzle::none ? 48 : simt::swizzle_span(swizzle)) / element_bytes(one.shape.element);
      one.at = corners(one.shape.dims, one.box, negative);
      one.offset = rank % 2 == 0 ? 0 : 1024;
      all.push_back(one);
      if (rank != 2 || swizzle == Swizzle::none) continue;
      one.name += "_at_128";  // the pattern is in the address, not in the box
      one.offset = 384;
      all.push_back(one);
      if (swizzle == Swizzle::bytes_32) continue;
      one.name = std::to_string(rank) + "d_" + word(swizzle) + "_narrow_box";
      one.box[0] = 8;
      one.offset = 0;
      one.at = corners(one.shape.dims, one.box, negative);
      one.open = "where rows lie that are shorter than their swizzle: no manual says it";
      all.push_back(one);
    }
  for (unsigned stride = 2; stride <= 3; ++stride) {
    BoxCase one;
    one.name = "4d_element_stride_" + std::to_string(stride);
    one.shape.dims = {40, 15, 9, 5};
    one.shape.element_strides = {1, stride, stride, 1};
    one.box = {16, 7, 5, 2};
    one.at = corners(one.shape.dims, one.box, negative);
    all.push_back(one);
  }
  static constexpr const char* elements[] = {"u8", "u16", "u32", "i32", "u64", "i64", "f16", "f32", "f64", "bf16"};
  for (unsigned element = 0; element < std::size(elements); ++element) {
    BoxCase one;
    one.name = std::string("2d_") + elements[element];
    one.shape.element = static_cast<TensorElement>(element);
    one.shape.dims = {45, 11};
    one.shape.promotion = static_cast<simt::L2Promotion>(element % 4);
    one.box = {32 / element_bytes(one.shape.element), 6};
    one.at = corners(one.shape.dims, one.box, negative);
    all.push_back(one);
  }
  return all;
}

}  // namespace kernelgate::silicon
