#pragma once
// A decision on a driver, for people: text, and one page.

#include <string>

#include "harness/judge/driver/upgrade.h"

namespace kernelgate {

/// The verdict first, then what stands in its way, the cases that changed, and what to do next.
std::string driver_text(const UpgradeDecision& decision);

/// The whole file: what was decided, every case in a table, and of the opened case its boots.
std::string driver_page(const UpgradeDecision& decision, const DriverUpgrade& upgrade);

}  // namespace kernelgate
