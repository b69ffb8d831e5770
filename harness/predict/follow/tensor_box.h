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
  std::array<std::int64_t, 5> box{};
};

/// Of the bytes of a tensor map as the kernel was given it: whoever made the map knows its form.
/// Errors  HarnessError(invalid): a kind of map that the model does not know.
using ReadTensorMap = std::function<TensorFacts(std::span<const std::byte>)>;
inline constexpr std::size_t tensor_map_bytes = 128;

/// A box of the tensor from these indices on.
struct TensorBox {
  std::uint32_t shared_bytes = 0;  ///< all of it: what an mbarrier counts
  std::uint32_t global_bytes = 0;  ///< without what lies outside of the tensor
  std::uint32_t sectors = 0;       ///< of these, a row at a time
  std::uint64_t number = 0;        ///< the same for the same bytes
};
TensorBox box_at(const TensorFacts&, const std::array<std::int32_t, 5>& from);

}  // namespace kernelgate::predict
