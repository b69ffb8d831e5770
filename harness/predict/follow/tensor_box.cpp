#include "harness/predict/follow/tensor_box.h"

#include <algorithm>

namespace kernelgate::predict {

TensorBox box_at(const TensorFacts& tensor, const std::array<std::int32_t, 5>& from) {
  TensorBox box;
  std::uint64_t rows = 1, row_bytes = 0, all = 1, first = tensor.address;
  for (unsigned i = 0; i < tensor.rank; ++i) {
    const std::int64_t begin = std::max<std::int64_t>(from[i], 0);
    const std::int64_t end = std::min(from[i] + tensor.box[i], tensor.dims[i]);
    const auto inside = static_cast<std::uint64_t>(std::max<std::int64_t>(end - begin, 0));
    all *= static_cast<std::uint64_t>(tensor.box[i]);
    if (i == 0)
      row_bytes = inside * static_cast<std::uint64_t>(tensor.strides[0]);
    else
      rows *= inside;
    first += static_cast<std::uint64_t>(from[i] * tensor.strides[i]);
  }
  box.shared_bytes = static_cast<std::uint32_t>(all * static_cast<std::uint64_t>(tensor.strides[0]));
  box.global_bytes = static_cast<std::uint32_t>(rows * row_bytes);
  box.sectors = static_cast<std::uint32_t>(rows * ((row_bytes + 31) / 32));
  // Numbers of sectors, which stand beside these, are far below.
  box.number = first | std::uint64_t{1} << 63;
  return box;
}

}  // namespace kernelgate::predict
