#pragma once
// The addition that cp.reduce performs in global memory.

#include <cstddef>

#include "kernels/simt/tensor_map.h"

namespace kernelgate::simt::executor {

/// Source  PTX ISA, cp.reduce.async.bulk.tensor, table of operations and types.
bool can_add(TensorElement element);

/// *to += *from, atomically, rounded once to nearest even.
///
/// Units   to: aligned to the element.
void add_element(TensorElement element, std::byte* to, const std::byte* from);

}  // namespace kernelgate::simt::executor
