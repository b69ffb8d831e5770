#include "kernels/simt/host/tensor_map_encoding.h"

#include <bit>

#include "kernels/simt/tensor_map.h"
#include "kernels/simt/tensor_map_rules.h"

namespace kernelgate::simt {
namespace executor {
namespace {

// Found nowhere by chance: a map that was never encoded, or encoded for a GPU, is recognised.
constexpr std::uint64_t signature = 0x6b67'7465'6e73'6f72;

struct Encoded {
  std::uint64_t signature;
  const void* address;
  std::array<std::uint64_t, 4> strides;
  std::array<std::uint32_t, 5> last_index;  // dims - 1: 2^32 is allowed
  std::array<std::uint16_t, 5> box;
  std::array<std::int16_t, 3> lower, upper;
  std::uint16_t channels, pixels;
  std::array<std::uint8_t, 5> element_strides;
  TensorElement element;
  std::uint8_t rank;
  Swizzle swizzle;
  bool im2col;
  std::array<std::uint8_t, 25> unused;
};
static_assert(sizeof(Encoded) == sizeof(TensorMap));

Encoded encode(const GlobalTensor& tensor) {
  Encoded encoded{};
  encoded.signature = signature;
  encoded.address = tensor.address;
  encoded.strides = tensor.strides_bytes;
  for (unsigned i = 0; i < tensor.rank; ++i) {
    encoded.last_index[i] = static_cast<std::uint32_t>(tensor.dims[i] - 1);
    encoded.element_strides[i] = static_cast<std::uint8_t>(tensor.element_strides[i]);
  }
  encoded.element = tensor.element;
  encoded.rank = static_cast<std::uint8_t>(tensor.rank);
  encoded.swizzle = tensor.swizzle;
  return encoded;
}

}  // namespace

std::size_t TensorLayout::row_bytes() const {
  return static_cast<std::size_t>(im2col ? channels : box[0]) * element_bytes;
}

std::size_t TensorLayout::box_bytes() const {
  std::size_t rows = im2col ? static_cast<std::size_t>(pixels) : 1;
  if (!im2col)
    for (unsigned i = 1; i < rank; ++i)
      rows *= static_cast<std::size_t>((box[i] + element_strides[i] - 1) / element_strides[i]);
  return rows * row_bytes();
}

TensorLayout decode(const Operation& operation, const TensorMap& map) {
  check_tensor_map(operation, map);
  const auto encoded = std::bit_cast<Encoded>(map);
  TensorLayout layout;
  layout.element = encoded.element;
  layout.element_bytes = bytes_of(encoded.element);
  layout.rank = encoded.rank;
  layout.im2col = encoded.im2col;
  layout.swizzle = encoded.swizzle;
  layout.address = static_cast<std::byte*>(const_cast<void*>(encoded.address));
  for (unsigned i = 0; i < layout.rank; ++i) {
    layout.dims[i] = std::int64_t{encoded.last_index[i]} + 1;
    layout.strides[i] = static_cast<std::int64_t>(i == 0 ? layout.element_bytes : encoded.strides[i - 1]);
    layout.element_strides[i] = encoded.element_strides[i];
    layout.box[i] = encoded.box[i];
  }
  for (unsigned i = 0; i < 3; ++i) {
    layout.lower[i] = encoded.lower[i];
    layout.upper[i] = encoded.upper[i];
  }
  layout.channels = encoded.channels;
  layout.pixels = encoded.pixels;
  return layout;
}

void check_tensor_map(const Operation& operation, const TensorMap& map) {
  if (reinterpret_cast<std::uintptr_t>(&map) % alignof(TensorMap) != 0)
    fault(operation, "the tensor map is not aligned to 64 bytes");
  if (map.words[0] != signature) fault(operation, "the tensor map was not made by encode_tiled or encode_im2col");
}

}  // namespace executor

inline namespace SIMT_SIDE {

TensorMap encode_tiled(const TiledTensor& tiled) {
  check_rules(tiled);
  executor::Encoded encoded = executor::encode(tiled.tensor);
  for (unsigned i = 0; i < tiled.tensor.rank; ++i) encoded.box[i] = static_cast<std::uint16_t>(tiled.box[i]);
  return std::bit_cast<TensorMap>(encoded);
}

TensorMap encode_im2col(const Im2colTensor& im2col) {
  check_rules(im2col);
  executor::Encoded encoded = executor::encode(im2col.tensor);
  encoded.im2col = true;
  for (unsigned i = 0; i < im2col.tensor.rank - 2; ++i) {
    encoded.lower[i] = static_cast<std::int16_t>(im2col.lower[i]);
    encoded.upper[i] = static_cast<std::int16_t>(im2col.upper[i]);
  }
  encoded.channels = static_cast<std::uint16_t>(im2col.channels_per_pixel);
  encoded.pixels = static_cast<std::uint16_t>(im2col.pixels_per_column);
  return std::bit_cast<TensorMap>(encoded);
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
