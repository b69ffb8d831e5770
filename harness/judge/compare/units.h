#pragma once
// What a comparison counts: process runs, nights, or boots. The largest that both sides know more than one of, for what
// varies between nights can't be seen in the runs of one.

#include <span>
#include <string>
#include <vector>

#include "harness/sides/side.h"

namespace kernelgate {

enum class Unit { run, night, boot };

const char* to_string(Unit unit);  // "run", "night", "boot"

/// boot where `across_boots`: a driver can't be changed within one, so that the runs of a boot share it. Otherwise
/// night, where either side has several nights; otherwise run.
Unit unit_of(std::span<const RunSummary> base, std::span<const RunSummary> fresh, bool across_boots);

/// The runs, joined into one summary a unit: its fields' medians. Runs whose night or boot is not known are one unit.
std::vector<RunSummary> in_units(std::span<const RunSummary> runs, Unit unit);

}  // namespace kernelgate
