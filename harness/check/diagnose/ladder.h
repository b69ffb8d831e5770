#pragma once
// The way from a card in a slot to a kernel whose numbers are right, rung by rung: how far this machine gets.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/check/diagnose/diagnose.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

enum class RungState { good, bad, unknown };

struct Rung {
  const char* name;  ///< "kernel module"
  RungState state = RungState::unknown;
  std::string text = {};  ///< what was seen; of one that was not reached, why
};

/// In order. After the first bad rung those that need it are unknown; the last is of this build, not of the machine.
std::vector<Rung> climb(const Environment& environment, const CheckOptions& options);

nlohmann::json to_json(const std::vector<Rung>& ladder);

}  // namespace kernelgate
