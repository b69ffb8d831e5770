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

TensorBox column_at(const TensorFacts& tensor, const std::array<std::int32_t, 5>& from,
                    const std::array<std::int32_t, 3>& offsets) {
  const unsigned images = tensor.rank - 1;
  const std::int64_t element = tensor.strides[0];
  const std::int64_t channels = std::clamp<std::int64_t>(tensor.dims[0] - from[0], 0, tensor.box[0]);
  std::array<std::int64_t, 5> at{};
  std::uint64_t first = tensor.address;
  for (unsigned i = 0; i < tensor.rank; ++i) {
    first += static_cast<std::uint64_t>(from[i] * tensor.strides[i]);
    at[i] = from[i];
    if (i > 0 && i < images) at[i] += offsets[i - 1];
  }
  std::int64_t inside = 0;
  for (std::int64_t pixel = 0; pixel < tensor.pixels; ++pixel) {
    bool here = true;
    for (unsigned i = 1; i < tensor.rank; ++i) here = here && at[i] >= 0 && at[i] < tensor.dims[i];
    inside += here;
    unsigned i = 1;
    for (; i < images; ++i) {
      at[i] += tensor.steps[i];
      if (at[i] <= tensor.dims[i] - 1 + tensor.upper[i - 1] + offsets[i - 1]) break;
      at[i] = tensor.lower[i - 1] + offsets[i - 1];
    }
    if (i == images) ++at[images];
  }
  TensorBox box;
  box.shared_bytes = static_cast<std::uint32_t>(tensor.pixels * tensor.box[0] * element);
  box.global_bytes = static_cast<std::uint32_t>(inside * channels * element);
  box.sectors = static_cast<std::uint32_t>(inside * ((channels * element + 31) / 32));
  box.number = first | std::uint64_t{1} << 63;
  return box;
}

}  // namespace kernelgate::predict
