#pragma once
// Reads one operand of an instruction.

#include <string_view>

#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

/// "R2.reuse", "-UR4", "!P0", "c[0x0][0x210]", "desc[UR4][R2.64+0x10]", "0x10", "SR_TID.X".
/// Errors  std::invalid_argument: a number that is none.
Operand decode_operand(std::string_view text);

}  // namespace kernelgate::predict
