#pragma once
// What the machine is: facts read through one interface, the findings drawn from them, the fingerprint.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace kernelgate {

/// A fact that may be missing; then `reason` says why (never a 0 in its place).
template <class T>
struct Fact {
  std::optional<T> value;
  std::string reason;
};

enum class Severity { info, warning, failure };

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
