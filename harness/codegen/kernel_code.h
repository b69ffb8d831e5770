#pragma once
// What a compiler made of one kernel, for one architecture.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kernelgate {

/// Instructions by class ("HMMA", "LDS", ...); a class that is not there has none. `total` counts all but NOP,
/// which only pads.
struct InstructionCounts {
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> classes;

  std::int64_t operator[](const std::string& name) const {
    const auto found = classes.find(name);
    return found == classes.end() ? 0 : found->second;
  }
  bool operator==(const InstructionCounts&) const = default;
};

/// A remark of ptxas on one function, with its code: C7511 is a serialised wgmma.
struct CompilerNote {
  std::string code, text;
  bool operator==(const CompilerNote&) const = default;
};

/// A kernel, or a device function that was not inlined: the latter has no registers of its own.
///
/// Units   bytes; stack and spills per thread, shared per block and without what a launch adds.
struct KernelCode {
  std::string arch;    ///< "sm90a"
  std::string nvcc;    ///< "13.0.88"; empty: not known
  std::string file;    ///< "matmul/sm75_multistage"
  std::string symbol;  ///< mangled, as in the object; differs from build to build
  std::string name;    ///< what a person reads, and baselines are sorted by: the same in every build
  std::optional<std::int64_t> registers;
  std::optional<std::int64_t> spill_store_bytes, spill_load_bytes;  ///< only ptxas' log has them
  std::int64_t stack_bytes = 0;
  std::int64_t shared_bytes = 0;
  std::vector<CompilerNote> notes;
  std::optional<InstructionCounts> instructions;  ///< absent: not disassembled

  bool is_kernel() const { return registers.has_value(); }
};

/// All kernels of one architecture, sorted by name.
struct ArchCode {
  std::string arch, nvcc;
  std::string disassembler;     ///< cuobjdump's version
  std::string no_instructions;  ///< why there are none; empty: there are
  std::vector<KernelCode> kernels;
};

/// "sm90a" of "90a", "sm90a", "sm_90a". Errors  HarnessError(usage) for anything else.
std::string arch_name(const std::string& text);

/// By number: sm80 before sm100.
bool arch_less(const std::string& a, const std::string& b);

}  // namespace kernelgate
