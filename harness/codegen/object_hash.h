#pragma once
// Identifies the machine code in an object file: a GPU's, by architecture, and the host's.

#include <map>
#include <string>
#include <string_view>

namespace kernelgate {

/// By "sm_80", "sm_90a", ... and "host": a hash of the code that is equal for equal code, in whichever folder it was
/// built and under whatever comments.
///
/// A GPU's: the instructions, registers, constants and shared memory of all kernels in the object's fat binary. Its
/// debug information is left out, which holds the build folder and the source's lines. The host's: instructions,
/// numeric constants and what they refer to, since the host decides which kernel runs in what shape. Text literals are
/// left out, and of nvcc's objects tables of constants: what is read from one there is not seen. The hashes of the
/// build folder and the process numbers that nvcc puts into names don't count.
///
/// Errors  HarnessError(usage), one line that names `where`: no ELF object of 64 bits, truncated, or a fat binary whose
///         code is compressed, which nvcc does to debug builds (-G).
/// Source  System V ABI for ELF-64; the fat binary's layout as nvcc 13.0.88 writes it.
std::map<std::string, std::string> object_hashes(std::string_view bytes, const std::string& where);

}  // namespace kernelgate
