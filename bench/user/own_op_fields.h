#pragma once
// The fields of a description that say what an op of the user's own is.

#include "bench/user/kernel_description.h"
#include "harness/base/json/strict_json.h"

namespace kernelgate {

/// A number, or a text with a formula. Errors  HarnessError (usage), as all below.
Expression formula_of(const ObjectReader& object, const char* field, const nlohmann::json& value);

/// "tensors", "problems", "expected", "flop".
void take_own_op(ObjectReader& object, KernelDescription& description);

}  // namespace kernelgate
