#pragma once
// The accepted machine code of every kernel: baselines/codegen/<arch>.json, one kernel a line, sorted by name.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/codegen/kernel_code.h"

namespace kernelgate {

inline constexpr int codegen_schema_version = 1;
inline constexpr const char* codegen_folder = "codegen";  ///< in the folder of baselines, beside the devices

/// One file. Its kernels have a name, figures, instructions, and notes without their text.
struct CodegenBaseline {
  ArchCode code;
  std::string reason, accepted_utc, commit;
  bool dirty = false;  ///< accepted under --allow-dirty: of a build that nobody can make again
};

struct AcceptCodegen {
  std::string reason;  ///< why it is accepted; must not be empty
  std::string accepted_utc, commit;
  bool dirty = false;
  bool allow_dirty = false;
};

std::filesystem::path codegen_baseline_path(const std::filesystem::path& baselines, const std::string& arch);

/// The baseline of an architecture; nothing if there is none.
/// Errors  ResultError, one line: unreadable, not JSON, another schema, not valid.
std::optional<CodegenBaseline> read_codegen_baseline(const std::filesystem::path& baselines, const std::string& arch);

/// Errors  ResultError, one line: no reason, a dirty build. Asked before the work, so that a slip is told at once.
void require_acceptable(const AcceptCodegen& options);

/// Writes a file for each architecture, and returns their paths. All is checked before anything is written.
/// Errors  as require_acceptable; no instruction counts, spills or compiler that nobody knows.
std::vector<std::filesystem::path> accept_codegen(const std::vector<ArchCode>& codes,
                                                  const std::filesystem::path& baselines, const AcceptCodegen& options);

/// One line of a baseline, and of `codegen --json`.
nlohmann::ordered_json to_json(const KernelCode& kernel);

}  // namespace kernelgate
