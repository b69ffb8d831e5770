#include "bench/predict/tensor_facts.h"

#include <cstring>

#include "harness/base/error.h"
#include "kernels/simt/tensor_map.h"

namespace kernelgate {

predict::TensorFacts tensor_facts(std::span<const std::byte> map) {
  simt::TensorMap words;
  static_assert(sizeof words == predict::tensor_map_bytes);
  std::memcpy(&words, map.data(), sizeof words);
  const simt::executor::TensorLayout layout =
      simt::executor::decode({"the model of a kernel's time", simt::Where::current()}, words);
  predict::TensorFacts facts;
  facts.rank = layout.rank;
  facts.address = reinterpret_cast<std::uintptr_t>(layout.address);
  facts.im2col = layout.im2col;
  for (unsigned i = 0; i < layout.rank; ++i) {
    if (!layout.im2col && layout.element_strides[i] > 1)
      throw HarnessError(ExitCode::invalid, "TMA that leaves elements out is not in the model");
    facts.dims[i] = layout.dims[i];
    facts.strides[i] = layout.strides[i];
    facts.steps[i] = layout.element_strides[i];
    facts.box[i] = layout.box[i];
  }
  if (layout.im2col) {
    facts.box = {layout.channels};
    facts.pixels = layout.pixels;
    for (unsigned i = 0; i < 3; ++i) {
      facts.lower[i] = layout.lower[i];
      facts.upper[i] = layout.upper[i];
    }
  }
  return facts;
}

}  // namespace kernelgate
