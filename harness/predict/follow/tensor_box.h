#pragma once
// What a tensor map says, as far as time depends on it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace kernelgate::predict {

/// Dimensions innermost first. Units  strides: bytes; strides[0] is an element's.
struct TensorFacts {
  unsigned rank = 0;
  std::uint64_t address = 0;
  std::array<std::int64_t, 5> dims{}, strides{};
  std::array<std::int64_t, 5> box{};  ///< of im2col the first alone: channels of a pixel
  /// Of im2col: dimensions are channels, the image's axes, images.
  bool im2col = false;
  std::int64_t pixels = 0;                       ///< of a column
  std::array<std::int64_t, 5> steps{};           ///< from a pixel to the next, by dimension
  std::array<std::int64_t, 3> lower{}, upper{};  ///< the first place of a filter; the last one, from the image's end on
};

/// Of the bytes of a tensor map as the kernel was given it: whoever made the map knows its form.
/// Errors  HarnessError(invalid): a kind of map that the model does not know.
using ReadTensorMap = std::function<TensorFacts(std::span<const std::byte>)>;
inline constexpr std::size_t tensor_map_bytes = 128;

/// A box of the tensor from these indices on, or a column of pixels.
struct TensorBox {
  std::uint32_t shared_bytes = 0;  ///< all of it: what an mbarrier counts
  std::uint32_t global_bytes = 0;  ///< without what lies outside of the tensor
  std::uint32_t sectors = 0;       ///< of these, a row at a time
  std::uint64_t number = 0;        ///< the same for the same bytes
};
TensorBox box_at(const TensorFacts&, const std::array<std::int32_t, 5>& from);

/// The column under one tap of a filter, `offsets` from its first one. Its number is that of all taps: they lie within
/// the same lines but for the edges, and the first of them brings those to L2.
///
/// Source  PTX ISA, "im2col mode".
TensorBox column_at(const TensorFacts&, const std::array<std::int32_t, 5>& from,
                    const std::array<std::int32_t, 3>& offsets);

}  // namespace kernelgate::predict
