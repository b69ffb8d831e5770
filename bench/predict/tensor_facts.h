#pragma once
// Reads the host executor's tensor maps for the model.

#include "harness/predict/follow/tensor_box.h"

namespace kernelgate {

/// Errors  HarnessError(invalid): a map of boxes that leaves elements out, which is not in the model.
predict::TensorFacts tensor_facts(std::span<const std::byte> map);

}  // namespace kernelgate
