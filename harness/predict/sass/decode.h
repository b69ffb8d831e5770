#pragma once
// Reads instructions from the text that a disassembler prints.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/predict/sass/instruction.h"

namespace kernelgate::predict {

/// Of the upper 64 bits of an instruction's encoding.
Control decode_control(std::uint64_t upper);

/// "@!P0 IADD3 R2, P1, R4, -0x1, RZ".
/// Errors  ResultError that quotes the text: an operand of a form that is not known.
Instruction decode_instruction(std::uint32_t address, std::string_view text);

/// The kernels in what `cuobjdump -sass` prints of one architecture: with encodings, two lines an instruction.
/// Errors  ResultError that names `where` and the line.
/// Source  cuobjdump 13.0 and 13.2.
std::vector<SassKernel> read_disassembly(std::string_view text, const std::string& where);

/// A short text of kernels, and back: what a program keeps of its own. One line a kernel, one an instruction.
std::string pack_kernels(const std::vector<SassKernel>& kernels);

/// Every kernel of such a text, with no instructions in it, and each of its instructions' texts: nothing is decoded.
void visit_packed(std::string_view text, const std::function<void(const SassKernel&)>& kernel,
                  const std::function<void(std::string_view)>& instruction);

/// Those of them that `wanted` wants, by what is known before the instructions.
std::vector<SassKernel> unpack_kernels(std::string_view text, const std::function<bool(const SassKernel&)>& wanted);

}  // namespace kernelgate::predict
