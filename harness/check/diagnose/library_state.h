#pragma once
// What several groups of diagnoses ask of the driver's libraries and device nodes.

#include <string>
#include <string_view>

#include "harness/check/machine/facts.h"

namespace kernelgate {

bool has(const std::string& text, std::string_view part);
bool node_exists(const Environment& environment, const std::string& node);
/// Not found; an empty file is found.
bool absent(const LibraryView& view);
/// The kernel module is loaded, or its version file can be read.
bool module_seen(const Environment& environment);

}  // namespace kernelgate
