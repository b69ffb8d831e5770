#include "kernels/simt/tensor_map_rules.h"

#include <fmt/format.h>

namespace kernelgate::simt {
namespace {

[[noreturn]] void refuse(const GlobalTensor& tensor, const std::string& what) {
  throw InvalidTensorMap(fmt::format("tensor map {}: {}", tensor.name, what));
}

void check_tensor(const GlobalTensor& tensor, unsigned least_rank) {
  if (tensor.rank < least_rank || tensor.rank > 5)
    refuse(tensor, fmt::format("rank is {}, must be {} to 5", tensor.rank, least_rank));
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.address);
  if (address == 0) refuse(tensor, "address is null");
  if (address % 16 != 0)
    refuse(tensor, fmt::format("address is {} bytes past a multiple of 16, must be a multiple", address % 16));
  for (unsigned i = 0; i < tensor.rank; ++i)
    if (tensor.dims[i] == 0 || tensor.dims[i] > std::uint64_t{1} << 32)
      refuse(tensor, fmt::format("dims[{}] is {}, must be 1 to 2^32", i, tensor.dims[i]));
  for (unsigned i = 0; i + 1 < tensor.rank; ++i) {
    if (tensor.strides_bytes[i] % 16 != 0)
      refuse(tensor, fmt::format("strides_bytes[{}] is {}, must be a multiple of 16: pad the tensor's rows", i,
                                 tensor.strides_bytes[i]));
    if (tensor.strides_bytes[i] >= std::uint64_t{1} << 40)
      refuse(tensor, fmt::format("strides_bytes[{}] is {}, must be below 2^40", i, tensor.strides_bytes[i]));
  }
  if (tensor.element_strides[0] != 1)
    refuse(tensor, fmt::format("element_strides[0] is {}, must be 1: TMA does not stride along dimension 0",
                               tensor.element_strides[0]));
  for (unsigned i = 1; i < tensor.rank; ++i)
    if (tensor.element_strides[i] == 0 || tensor.element_strides[i] > 8)
      refuse(tensor, fmt::format("element_strides[{}] is {}, must be 1 to 8", i, tensor.element_strides[i]));
}

// The innermost side of what lies in shared memory.
void check_inner(const GlobalTensor& tensor, const char* parameter, std::uint32_t elements) {
  if (elements == 0 || elements > 256) refuse(tensor, fmt::format("{} is {}, must be 1 to 256", parameter, elements));
  const std::size_t bytes = elements * bytes_of(tensor.element);
  if (bytes % 16 != 0)
    refuse(tensor,
           fmt::format("{} is {} elements = {} bytes, must be a multiple of 16 bytes", parameter, elements, bytes));
  const unsigned span = swizzle_span(tensor.swizzle);
  if (tensor.swizzle != Swizzle::none && bytes > span)
    refuse(tensor, fmt::format("{} is {} elements = {} bytes, must be at most the {} bytes of the swizzle", parameter,
                               elements, bytes, span));
}

}  // namespace

std::size_t bytes_of(TensorElement element) {
  switch (element) {
    case TensorElement::u8:
      return 1;
    case TensorElement::u16:
    case TensorElement::f16:
    case TensorElement::bf16:
      return 2;
    case TensorElement::u32:
    case TensorElement::i32:
    case TensorElement::f32:
      return 4;
    case TensorElement::u64:
    case TensorElement::i64:
    case TensorElement::f64:
      return 8;
  }
  return 0;
}

void check_rules(const TiledTensor& tiled) {
  const GlobalTensor& tensor = tiled.tensor;
  check_tensor(tensor, 1);
  check_inner(tensor, "box[0]", tiled.box[0]);
  for (unsigned i = 1; i < tensor.rank; ++i)
    if (tiled.box[i] == 0 || tiled.box[i] > 256)
      refuse(tensor, fmt::format("box[{}] is {}, must be 1 to 256", i, tiled.box[i]));
}

void check_rules(const Im2colTensor& im2col) {
  const GlobalTensor& tensor = im2col.tensor;
  check_tensor(tensor, 3);
  check_inner(tensor, "channels_per_pixel", im2col.channels_per_pixel);
  if (im2col.pixels_per_column == 0 || im2col.pixels_per_column > 1024)
    refuse(tensor, fmt::format("pixels_per_column is {}, must be 1 to 1024", im2col.pixels_per_column));
  // The descriptor has 16 bits a corner for all spatial dimensions together, or nearly so.
  constexpr int corner_bits[] = {15, 7, 4};
  const int limit = 1 << corner_bits[tensor.rank - 3];
  for (unsigned i = 0; i < tensor.rank - 2; ++i) {
    const auto check_corner = [&](const char* name, int corner) {
      if (corner < -limit || corner >= limit)
        refuse(tensor, fmt::format("{}[{}] is {}, must be {} to {} at rank {}", name, i, corner, -limit, limit - 1,
                                   tensor.rank));
    };
    check_corner("lower", im2col.lower[i]);
    check_corner("upper", im2col.upper[i]);
    const auto last = static_cast<std::int64_t>(tensor.dims[i + 1]) - 1 + im2col.upper[i];
    if (last < im2col.lower[i])
      refuse(tensor, fmt::format("the box reaches from {} (lower[{}]) to {} (dims[{}] - 1 + upper[{}]): it is empty",
                                 im2col.lower[i], i, last, i + 1, i));
  }
}

}  // namespace kernelgate::simt
