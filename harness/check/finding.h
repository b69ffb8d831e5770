#pragma once
// What a check found: one thing that is wrong or worth knowing.

#include <string>
#include <vector>

namespace kernelgate {

enum class Severity { info, warning, failure };

/// The words for a severity, everywhere.
struct SeverityWords {
  const char* name;     ///< "warning": docs/check.schema.json
  const char* heading;  ///< "WARNING"
  const char* meaning;  ///< "the GPU works, but mind what is measured"
};

const SeverityWords& words_of(Severity severity);

/// One diagnosis: what is wrong, the evidence, the remedy. `id` is stable ("D-VER-MAJOR").
struct Finding {
  std::string id;
  Severity severity = Severity::info;
  std::string summary;
  std::vector<std::string> evidence;
  std::vector<std::string> remedies;  ///< best first
  std::string source;
};

}  // namespace kernelgate
