#pragma once
// The words of a decision on a driver: one sentence, the next command, what a change is explained by.

#include <string>

#include "harness/judge/driver/upgrade.h"
#include "harness/sides/side.h"

namespace kernelgate {

/// Sets `word`, `sentence`, `next`, `back` and `notes` from the rest.
void say_decision(UpgradeDecision& decision, const UpgradeOptions& options);

/// Whether the code of a case is the same, and what may have changed it.
std::string said_of_code(const SideCase& before, const SideCase& now);

/// What the SM clock did meanwhile; empty where a run does not know it.
std::string said_of_clocks(const SideCase& before, const SideCase& now);

}  // namespace kernelgate
