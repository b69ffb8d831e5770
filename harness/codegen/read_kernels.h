#pragma once
// Joins what the compiler said with what a disassembler finds: the facts of every kernel in a binary.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/codegen/cuda_tools.h"
#include "harness/codegen/kernel_code.h"
#include "harness/codegen/sass.h"

namespace kernelgate {

/// Instructions that were counted before, when the program was built.
struct CountedCode {
  std::map<CodeKey, InstructionCounts> counts;
  std::string disassembler;  ///< cuobjdump's version
};

/// Something that holds kernels.
struct CodeSource {
  std::filesystem::path file;      ///< a program, an object or a cubin
  std::optional<std::string> log;  ///< what ptxas said when it was made; then only its kernels are meant
  std::optional<CountedCode> counted = std::nullopt;  ///< beside a log: no tool is needed
};

/// A file and, if there is one, the log beside it (FILE.ptxas; cmake/keep_ptxas_log.sh).
/// Errors  HarnessError(usage) if the file is not there.
CodeSource code_source(const std::filesystem::path& file);

/// The kernels of the sources, by architecture; of `archs` alone, if that is not empty. With a log and no
/// disassembler there are the figures and no instructions, and `no_instructions` says why.
///
/// Errors  HarnessError, one line: two compilers in one build, a log and a file that are not of one build, an
/// architecture of `archs` that is not there (usage); no log and no cuobjdump (nothing).
std::vector<ArchCode> read_kernels(const std::vector<CodeSource>& sources, const CudaTools& tools,
                                   const std::vector<std::string>& archs = {});

}  // namespace kernelgate
