#pragma once
// The program that measured a baseline, kept somewhere.

#include <filesystem>
#include <string>

#include "harness/baseline/baseline.h"

namespace kernelgate {

/// The build at `path`, a program or a folder that holds one, by the commit that it says it is of.
///
/// Errors  HarnessError(usage), one line: no program, or it says no commit, or of modified sources.
StoredBuild archived_build(const std::filesystem::path& path);

/// The commit in what `kernelgate --version` prints; empty: none, or of modified sources.
std::string commit_in(const std::string& version_text);

}  // namespace kernelgate
