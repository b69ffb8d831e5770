// encode_tiled and encode_im2col for GPUs, by the driver. Found through the runtime, so that the program links no
// libcuda and starts on a machine with no driver.

#include <cudaTypedefs.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "kernels/simt/tensor_map_rules.h"

namespace kernelgate::simt::gpu {

TensorMap encode_tiled(const TiledTensor& tiled);
TensorMap encode_im2col(const Im2colTensor& im2col);

namespace {

template <class Function>
Function driver_function(const char* name) {
  void* address = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  constexpr unsigned first_version = 12000;  // the first driver API with tensor maps
  const cudaError_t status = cudaGetDriverEntryPointByVersion(name, &address, first_version, cudaEnableDefault, &found);
  if (status == cudaSuccess && found == cudaDriverEntryPointSuccess) return reinterpret_cast<Function>(address);
  cudaGetLastError();
  throw DeviceError(std::string(name) + ": not found in the driver (" + cudaGetErrorString(status) +
                    "): tensor maps need CUDA 12 and a GPU of compute capability 9.0");
}

CUtensorMapDataType element_type(TensorElement element) {
  switch (element) {
    case TensorElement::u8:
      return CU_TENSOR_MAP_DATA_TYPE_UINT8;
    case TensorElement::u16:
      return CU_TENSOR_MAP_DATA_TYPE_UINT16;
    case TensorElement::u32:
      return CU_TENSOR_MAP_DATA_TYPE_UINT32;
    case TensorElement::i32:
      return CU_TENSOR_MAP_DATA_TYPE_INT32;
    case TensorElement::u64:
      return CU_TENSOR_MAP_DATA_TYPE_UINT64;
    case TensorElement::i64:
      return CU_TENSOR_MAP_DATA_TYPE_INT64;
    case TensorElement::f16:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case TensorElement::f32:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case TensorElement::f64:
      return CU_TENSOR_MAP_DATA_TYPE_FLOAT64;
    case TensorElement::bf16:
      return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
  }
  throw InvalidTensorMap("tensor map: no such element type");
}

// Ours and the driver's enumerators stand in the same order.
static_assert(static_cast<int>(Swizzle::bytes_128) == CU_TENSOR_MAP_SWIZZLE_128B);
static_assert(static_cast<int>(L2Promotion::bytes_256) == CU_TENSOR_MAP_L2_PROMOTION_L2_256B);

CUtensorMapSwizzle swizzle_of(const GlobalTensor& tensor) { return static_cast<CUtensorMapSwizzle>(tensor.swizzle); }
CUtensorMapL2promotion promotion_of(const GlobalTensor& tensor) {
  return static_cast<CUtensorMapL2promotion>(tensor.promotion);
}

// The rules were checked before: what the driver refuses then is a rule that we do not know.
TensorMap result(CUresult status, const CUtensorMap& encoded, const GlobalTensor& tensor, const char* call) {
  if (status != CUDA_SUCCESS)
    throw InvalidTensorMap(std::string("tensor map ") + tensor.name + ": " + call + " refuses it (CUresult " +
                           std::to_string(status) + ")");
  TensorMap map;
  static_assert(sizeof map == sizeof encoded);
  std::copy(std::begin(encoded.opaque), std::end(encoded.opaque), map.words.begin());
  return map;
}

}  // namespace

TensorMap encode_tiled(const TiledTensor& tiled) {
  check_rules(tiled);
  static const auto encode = driver_function<PFN_cuTensorMapEncodeTiled_v12000>("cuTensorMapEncodeTiled");
  const GlobalTensor& tensor = tiled.tensor;
  CUtensorMap map;
  const CUresult status = encode(&map, element_type(tensor.element), tensor.rank, const_cast<void*>(tensor.address),
                                 tensor.dims.data(), tensor.strides_bytes.data(), tiled.box.data(),
                                 tensor.element_strides.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle_of(tensor),
                                 promotion_of(tensor), CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return result(status, map, tensor, "cuTensorMapEncodeTiled");
}

// The corners' order is that of dims, innermost first, though the manual writes {D, H, W}.
// Source: CUTLASS and CubeCL, which both pass them so.
TensorMap encode_im2col(const Im2colTensor& im2col) {
  check_rules(im2col);
  static const auto encode = driver_function<PFN_cuTensorMapEncodeIm2col_v12000>("cuTensorMapEncodeIm2col");
  const GlobalTensor& tensor = im2col.tensor;
  CUtensorMap map;
  const CUresult status =
      encode(&map, element_type(tensor.element), tensor.rank, const_cast<void*>(tensor.address), tensor.dims.data(),
             tensor.strides_bytes.data(), im2col.lower.data(), im2col.upper.data(), im2col.channels_per_pixel,
             im2col.pixels_per_column, tensor.element_strides.data(), CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle_of(tensor),
             promotion_of(tensor), CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return result(status, map, tensor, "cuTensorMapEncodeIm2col");
}

}  // namespace kernelgate::simt::gpu
