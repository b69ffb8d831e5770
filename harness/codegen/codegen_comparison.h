#pragma once
// What a compiler made now against what was accepted. The rules: docs/codegen.md.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/codegen/codegen_baseline.h"

namespace kernelgate {

enum class CodegenVerdict {
  same,
  changed,         ///< other figures, none of which fails
  regressed,       ///< spills, a serialised wgmma, or Tensor Cores no longer used
  inconclusive,    ///< no difference in what could be compared; `unsettled` says what could not
  not_comparable,  ///< another nvcc makes other code of the same source
  no_baseline,
};

std::string_view to_text(CodegenVerdict verdict);

struct CodegenDifference {
  std::string kernel;
  std::string what;  ///< "spill stores (bytes)", "registers", "HMMA", "note C7511"
  std::int64_t before = 0, after = 0;
  std::string why;  ///< why it fails; empty: it is listed only

  bool fails() const { return !why.empty(); }
};

struct CodegenComparison {
  std::string arch;
  CodegenVerdict verdict = CodegenVerdict::same;
  std::string base;       ///< what it was compared with, or why with nothing
  std::string unsettled;  ///< what could not be compared, and why; empty: all was
  std::vector<CodegenDifference> differences;
  std::vector<std::string> fresh, vanished;  ///< kernels

  /// 3 if it regressed; under `strict` 4 for anything that is not shown to be the same.
  ExitCode exit_code(bool strict) const;
};

/// `subset`: `now` need not have all kernels of the baseline. A kernel that the baseline lacks is held to no
/// spills and no serialised wgmma.
CodegenComparison compare_codegen(const ArchCode& now, const std::optional<CodegenBaseline>& base, bool subset);

}  // namespace kernelgate
