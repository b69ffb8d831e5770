#pragma once
// Counts instructions in what cuobjdump -sass prints.

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "harness/codegen/kernel_code.h"

namespace kernelgate {

/// Architecture and mangled name.
using CodeKey = std::pair<std::string, std::string>;

/// The class of one instruction's mnemonic ("LDG.E.128" is of "LDG"), or "" for one that is only in the total.
/// Every matrix instruction is a class: HMMA, IMMA, HGMMA, QGMMA, UTCHMMA...
std::string instruction_class(std::string_view mnemonic);

/// Whether a class computes on Tensor Cores, and whether it is one that a whole warpgroup or block issues
/// (wgmma's HGMMA, tcgen05's UTCHMMA).
bool is_tensor_class(std::string_view name);
bool is_wide_tensor_class(std::string_view name);

/// Counts an instruction, "@!P0 LDG.E R4, [R2]", which is none but NOP.
/// Errors  ResultError that names `where`: no mnemonic in it.
void count_instruction(InstructionCounts& counts, std::string_view instruction, std::string_view where);

/// Errors  ResultError, one line, if there are instructions outside a function.
/// Source  cuobjdump 13.2; testdata/ has what it printed.
std::map<CodeKey, InstructionCounts> parse_sass(std::string_view text, const std::string& where);

}  // namespace kernelgate
