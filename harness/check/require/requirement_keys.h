#pragma once
// The keys that can be required: what a value of each looks like, and how the machine compares with it.

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/check/knowledge/compat_db.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

/// What there is against what is required; no ordering when it is not known. Things that are only equal or
/// not have `unordered` for "not".
struct KeyAnswer {
  std::optional<std::partial_ordering> ordering;
  std::string actual;
  std::string of = {};  ///< the GPU or framework; empty: the machine
};

struct RequirementContext {
  const CompatDb& compat;
  std::string today;
};

enum class Relations {
  ordered,   ///< all six
  equality,  ///< == and !=
  at_least,  ///< >= alone, which = means too
  one_of,    ///< == alone: the opposite of a value that also ages would say nothing clear
};

struct RequirementKey {
  const char* name;
  Relations relations;
  const char* example;
  bool (*valid)(const std::string& value);
  /// One for each thing that it concerns: the machine, every visible GPU, every framework.
  std::vector<KeyAnswer> (*compare)(const Environment&, const RequirementContext&, const std::string& value);
};

std::span<const RequirementKey> requirement_keys();
const RequirementKey* find_requirement_key(const std::string& name);

}  // namespace kernelgate
