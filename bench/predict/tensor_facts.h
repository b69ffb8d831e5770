#pragma once
// Reads the host executor's tensor maps for the model.

#include "harness/predict/follow/tensor_box.h"

namespace kernelgate {

/// Errors  HarnessError(invalid): a map of im2col, or one that leaves elements out: neither is in the model.
predict::TensorFacts tensor_facts(std::span<const std::byte> map);

}  // namespace kernelgate
