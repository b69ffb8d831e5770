#pragma once
// Which index of a framework's wheels has one for this GPU and this driver.

#include <string>

#include "harness/check/knowledge/compat_db.h"
#include "harness/check/machine/facts.h"

namespace kernelgate {

/// Machine code of the GPU's major and of no later minor, or PTX, which is compiled where the driver is `native`.
bool has_code(const WheelIndex& wheels, std::int64_t cc, bool native);

/// The index that this wheel came from, by the end of its version ("+cu128"); null: not known.
const WheelIndex* wheels_of(const Framework& framework, const CompatDb& compat);

/// Of the newest CUDA major that is native for the driver the one with the newest release, with machine code for every
/// GPU that is used, or PTX that the driver compiles; else the oldest of the driver's CUDA major (minor-version
/// compatibility). Null: no index has one.
const WheelIndex* choose_wheels(const std::string& framework, const Environment& environment, const CompatDb& compat);

}  // namespace kernelgate
