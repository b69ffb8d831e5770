#pragma once
// What a tensor map may be: the driver's rules, with a text for each.

#include "kernels/simt/tensor_map.h"

namespace kernelgate::simt {

std::size_t bytes_of(TensorElement element);

/// Errors  InvalidTensorMap.
/// Source  CUDA driver API, cuTensorMapEncodeTiled and cuTensorMapEncodeIm2col, for no interleaving.
void check_rules(const TiledTensor& tiled);
void check_rules(const Im2colTensor& im2col);

}  // namespace kernelgate::simt
