#pragma once
// What instructions compute, as far as addresses and branches depend on it: integers, predicates, and the float
// conversions that an integer division is made of. The results of all else are unknown.

#include "harness/predict/follow/registers.h"

namespace kernelgate::predict {

/// Executes one instruction for the lanes of `mask`; those of `unsure` may execute it or not. False where it is none
/// that is followed: then its results have become unknown.
///
/// Source  no manual says what SASS computes; each was read off the code that nvcc makes of known sources, and every
///         kernel's counts are compared with the host executor's.
bool compute(const Instruction&, const ConstantBank&, WarpRegisters&, std::uint32_t mask, std::uint32_t unsure);

/// How many registers from an instruction's first operand on are its result: LDG.E.128 has 4.
int result_registers(const Instruction&);

}  // namespace kernelgate::predict
