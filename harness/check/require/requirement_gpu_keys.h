#pragma once
// The keys that concern every GPU that CUDA sees.

#include <span>

#include "harness/check/require/requirement_keys.h"

namespace kernelgate {

std::span<const RequirementKey> requirement_gpu_keys();

}  // namespace kernelgate
