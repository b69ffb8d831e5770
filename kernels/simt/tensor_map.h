#pragma once
// Tensor maps: a tensor in global memory, and the box of it that one TMA operation moves (sm_90 on).
//
// Made on the host by encode_tiled or encode_im2col, given to a kernel by value as
// `const SIMT_GRID_CONSTANT TensorMap map` (or within such a struct), and used there by reference. Without
// SIMT_GRID_CONSTANT a GPU would read a copy on the thread's stack, where TMA can't.

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/op/error.h"
#include "kernels/simt/config.h"
#include "kernels/simt/swizzle.h"
#if !SIMT_ON_GPU
#include "kernels/simt/host/tensor_map_encoding.h"
#endif

namespace kernelgate::simt {

/// No GPU could use it; the text names the tensor, the parameter, its value and what it must be.
struct InvalidTensorMap : Error {
  using Error::Error;
};

enum class TensorElement : std::uint8_t { u8, u16, u32, i32, u64, i64, f16, f32, f64, bf16 };

/// How much L2 reads from memory when TMA misses it.
enum class L2Promotion : std::uint8_t { none, bytes_64, bytes_128, bytes_256 };

/// Opaque. A GPU's holds what the driver encodes, the host executor's what its own encoder does.
struct alignas(64) TensorMap {
  std::array<std::uint64_t, 16> words{};
};

/// A tensor of 1 to 5 dimensions, innermost first: a row-major [rows, columns] matrix has dims {columns, rows}.
///
/// Units   strides_bytes[i]: from one index of dimension i + 1 to the next; dimension 0 is contiguous.
struct GlobalTensor {
  const char* name = "?";  ///< for error texts; a literal
  TensorElement element = TensorElement::f16;
  unsigned rank = 0;
  const void* address = nullptr;
  std::array<std::uint64_t, 5> dims{};
  std::array<std::uint64_t, 4> strides_bytes{};
  /// Take each second, third, ... index of a dimension. Dimension 0 has no stride.
  std::array<std::uint32_t, 5> element_strides{1, 1, 1, 1, 1};
  Swizzle swizzle = Swizzle::none;
  L2Promotion promotion = L2Promotion::none;
};

/// Boxes with as many dimensions as the tensor. In shared memory a box is dense, its dimension 0 innermost.
///
/// Units   box: indices that it spans, strides included: it holds ceil(box[i] / element_strides[i]) elements.
struct TiledTensor {
  GlobalTensor tensor;
  std::array<std::uint32_t, 5> box{};
};

/// Columns of pixels of a batch of images, for convolutions: dims are {C, W, N}, {C, W, H, N} or {C, W, H, D, N}.
///
/// Pixels follow each other along W, then H, then D, then N, within a box that reaches in each image from `lower` to
/// `upper` (inclusive: dims - 1 + upper), both moved by the offsets of the load. For a convolution with padding p and a
/// filter of r taps d apart: lower = -p, upper = p - (r - 1) * d, offsets = tap * d.
///
/// Units   lower, upper: pixels, in the order W, H, D.
struct Im2colTensor {
  GlobalTensor tensor;
  std::array<int, 3> lower{};
  std::array<int, 3> upper{};
  std::uint32_t channels_per_pixel = 0;
  std::uint32_t pixels_per_column = 0;
};

inline namespace SIMT_SIDE {

/// A tensor map of this side, for tma_load_*, tma_store_* and tma_reduce_add_* of the tensor's rank.
///
/// Errors  InvalidTensorMap if the driver would refuse it. GPU: DeviceError if there is no driver that can.
/// Source  CUDA driver API, cuTensorMapEncodeTiled.
TensorMap encode_tiled(const TiledTensor& tiled);

/// The same for tma_load_im2col_*.
///
/// Source  CUDA driver API, cuTensorMapEncodeIm2col; PTX ISA, "im2col mode".
TensorMap encode_im2col(const Im2colTensor& im2col);

/// Brings the map itself near, before its first use.
///
/// Source  PTX ISA, prefetch.tensormap.
SIMT_DEVICE void prefetch_tensor_map(const TensorMap& map, [[maybe_unused]] Where where = Where::current()) {
#if SIMT_ON_GPU
#if SIMT_ARCH >= 90
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
#else
  detail::needs_later_architecture();
#endif
#else
  executor::check_tensor_map({"prefetch_tensor_map", where}, map);
#endif
}

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
