#pragma once
// What the tests of TMA share.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/op/random.h"
#include "kernels/simt/host/tensor_copy.h"
#include "kernels/simt/simt.h"
#include "kernels/simt/tensor_map.h"

namespace kernelgate::simt {
/// A tensor of u32 with as many dimensions, whose elements are numbered from 1. Its rows have room behind them.
class NumberedTensor {
 public:
  explicit NumberedTensor(const std::vector<std::uint64_t>& dims) {
    tensor_.element = TensorElement::u32;
    tensor_.rank = static_cast<unsigned>(dims.size());
    std::size_t words = 1;
    for (unsigned i = 0; i < tensor_.rank; ++i) {
      tensor_.dims[i] = dims[i];
      words *= dims[i];
      if (i == 0) words = (words + 7) / 4 * 4;
      if (i + 1 < tensor_.rank) tensor_.strides_bytes[i] = 4 * words;
    }
    memory_.resize(words + 4);
    for (std::size_t i = 0; i < memory_.size(); ++i) memory_[i] = static_cast<std::uint32_t>(i + 1);
    tensor_.address = data();
  }

  /// The same with other contents.
  void fill(std::uint32_t value) { memory_.assign(memory_.size(), value); }
  const std::vector<std::uint32_t>& memory() const { return memory_; }
  std::uint32_t* data() {
    const auto past = reinterpret_cast<std::uintptr_t>(memory_.data()) % 16;
    return memory_.data() + (past == 0 ? 0 : (16 - past) / 4);
  }
  TiledTensor tiled(const std::array<std::uint32_t, 5>& box, Swizzle swizzle = Swizzle::none) const {
    TiledTensor tiled{tensor_, box};
    tiled.tensor.swizzle = swizzle;
    return tiled;
  }
  const GlobalTensor& tensor() const { return tensor_; }

 private:
  std::vector<std::uint32_t> memory_;
  GlobalTensor tensor_;
};

/// What a layout says, outside a kernel.
inline executor::TensorLayout layout_of(const TensorMap& map) {
  return executor::decode({"test", std::source_location::current()}, map);
}

/// The image of a box in shared memory that begins at offset `at` of it.
inline std::vector<std::uint8_t> image_of(const TensorMap& map, const executor::BoxStart& start, std::size_t at) {
  alignas(1024) static std::byte shared[64 * 1024];
  const executor::TensorLayout layout = layout_of(map);
  executor::fill_box(layout, shared + at, 0xee);
  executor::load_box(layout, start, shared + at);
  std::vector<std::uint8_t> image(executor::box_footprint(layout));
  std::memcpy(image.data(), shared + at, image.size());
  return image;
}

}  // namespace kernelgate::simt
