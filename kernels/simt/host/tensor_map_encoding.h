#pragma once
// The host executor's own tensor maps: 128 bytes like the driver's, whose format NVIDIA does not publish.

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/simt/host/fault.h"
#include "kernels/simt/swizzle.h"

namespace kernelgate::simt {

struct TensorMap;
enum class TensorElement : std::uint8_t;

namespace executor {

/// What a tensor map says. Dimensions innermost first.
struct TensorLayout {
  TensorElement element{};
  std::size_t element_bytes = 0;
  unsigned rank = 0;
  bool im2col = false;
  Swizzle swizzle = Swizzle::none;
  std::byte* address = nullptr;
  std::array<std::int64_t, 5> dims{};
  std::array<std::int64_t, 5> strides{};  ///< bytes; strides[0] is element_bytes
  std::array<int, 5> element_strides{};
  std::array<int, 5> box{};  ///< tiled: indices spanned
  std::array<int, 3> lower{};
  std::array<int, 3> upper{};
  int channels = 0;
  int pixels = 0;

  /// Bytes of a row of the box in shared memory, and of all of it: what an mbarrier must expect, clipped or not.
  std::size_t row_bytes() const;
  std::size_t box_bytes() const;
};

/// Errors  Fault if the map was not made by this side's encode_tiled or encode_im2col, or is misaligned.
TensorLayout decode(const Operation& operation, const TensorMap& map);
void check_tensor_map(const Operation& operation, const TensorMap& map);

}  // namespace executor
}  // namespace kernelgate::simt
