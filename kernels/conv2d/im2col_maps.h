#pragma once
// Tensor maps of a convolution: columns of pixels of the image for TMA's im2col mode, and tiles of the filter under a
// tap.

#include <cstdint>
#include <optional>
#include <string>

#include "kernels/conv2d/conv_params.h"
#include "kernels/simt/simt.h"
#include "kernels/tile/wgmma_operand.h"

namespace kernelgate::conv2d {

/// One axis of a phase as TMA has it. Outputs are the pixels of a box, whose first one is `lower` for the first tap in
/// TMA's order; tap j of the walk is `offset(j)` further on.
struct Im2colAxis {
  int lower, upper;  ///< upper: from the last pixel of the image on, as Im2colTensor has it
  int first, step;   ///< offset(j) = first + j * step

  SIMT_HOST_DEVICE int offset(int j) const { return first + j * step; }
};

/// A walk's taps go up (forward) or down (transposed); TMA's offsets only go up.
inline Im2colAxis im2col_axis(const AxisWalk& walk, int size) {
  const int last_tap = (walk.taps - 1) * walk.tap_input_step;
  const int lowest = last_tap < 0 ? last_tap : 0;
  const int lower = walk.base + lowest, last = lower + (walk.outputs - 1) * walk.input_step;
  return {lower, last - (size - 1), -lowest, walk.tap_input_step};
}

/// Why TMA can't load such a column. Nothing: it can.
inline std::optional<std::string> im2col_obstacle(const AxisWalk& walk, const Im2colAxis& axis) {
  constexpr int corner = 128, offsets = 255, strides = 8;
  if (walk.outputs < 1 || walk.taps < 1) return "needs every phase to have outputs and taps";
  if (axis.lower < -corner || axis.lower >= corner || axis.upper < -corner || axis.upper >= corner)
    return "needs padding and filters of less than 128, for TMA's im2col mode";
  const int last_tap = (walk.taps - 1) * walk.tap_input_step;
  if (last_tap > offsets || last_tap < -offsets) return "needs a filter that reaches over 256 inputs at most";
  if (walk.input_step > strides) return "needs a stride of at most 8";
  return {};
}

inline namespace SIMT_SIDE {

/// One of a convolution's inputs.
struct Image {
  const char* name;
  const f16* data;
  std::int64_t c;
};

inline simt::TensorMap image_map(const Conv2d::Problem& problem, const Image& image, const Walks& walks,
                                 const Im2colAxis& rows, const Im2colAxis& columns, std::uint32_t pixels) {
  simt::Im2colTensor map{.tensor = {.name = image.name,
                                    .rank = 4,
                                    .address = image.data,
                                    .swizzle = simt::Swizzle::bytes_128,
                                    .promotion = simt::L2Promotion::bytes_128},
                         .channels_per_pixel = 64,
                         .pixels_per_column = pixels};
  const auto c = static_cast<std::uint64_t>(image.c), w = static_cast<std::uint64_t>(problem.w),
             h = static_cast<std::uint64_t>(problem.h), n = static_cast<std::uint64_t>(problem.n);
  map.tensor.dims = {c, w, h, n};
  map.tensor.strides_bytes = {c * 2, w * c * 2, h * w * c * 2};
  map.tensor.element_strides = {1, static_cast<std::uint32_t>(walks.columns.input_step),
                                static_cast<std::uint32_t>(walks.rows.input_step), 1};
  map.lower = {columns.lower, rows.lower};
  map.upper = {columns.upper, rows.upper};
  return simt::encode_im2col(map);
}

/// Of three dimensions, the last one the tap. Forward: rows of channels, one for each output. Transposed: rows of
/// outputs, one for each channel.
inline simt::TensorMap filter_map(const Conv2d::Problem& problem, const f16* w, const tile::OperandBox& box) {
  simt::TiledTensor map{.tensor = {.name = "w",
                                   .rank = 3,
                                   .address = w,
                                   .swizzle = box.swizzle,
                                   .promotion = simt::L2Promotion::bytes_256},
                        .box = {box.columns, box.rows, 1}};
  const auto taps = static_cast<std::uint64_t>(problem.r * problem.s), c = static_cast<std::uint64_t>(problem.c),
             k = static_cast<std::uint64_t>(problem.k);
  const std::uint64_t columns = problem.transposed ? k : c;
  map.tensor.dims = {columns, problem.transposed ? c : k, taps};
  map.tensor.strides_bytes = {taps * columns * 2, columns * 2};
  return simt::encode_tiled(map);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::conv2d
