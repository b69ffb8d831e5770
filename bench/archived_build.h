#pragma once
// The program that measured a baseline, kept somewhere.

#include <filesystem>
#include <string>

#include "harness/judge/baseline.h"

namespace kernelgate {

/// What the program at `path` says of its commit: it is run with --version.
///
/// Errors  HarnessError(usage), one line: it can't be run, or says no commit.
ArchivedBuild archived_build(const std::filesystem::path& path);

/// The commit in what `kernelgate --version` prints; empty: none, or of modified sources.
std::string commit_in(const std::string& version_text);

}  // namespace kernelgate
