#pragma once
// Whatever file a comparison is given.

#include <filesystem>
#include <optional>
#include <string>

#include "harness/result/result.h"
#include "harness/sides/side.h"

namespace kernelgate {

/// A file that may be a result, a baseline, or another tool's; or several of another tool's, joined by commas, each of
/// which is one process run. `metric`: which of another tool's figures; empty: its default.
/// Errors  ResultError, one line: as the formats' readers; files that can't be one side, or are one and the same.
Side read_side(const std::filesystem::path& path, const std::string& metric = {});

/// The same, with what it was made of: the result with its samples, where it is one of ours.
struct SideRead {
  Side side;
  std::optional<Result> result;
};
SideRead read_side_and_result(const std::filesystem::path& path, const std::string& metric = {});

/// The same, if it is another tool's; nothing for our own results and baselines. Errors  as above.
std::optional<Side> read_foreign_side(const std::filesystem::path& path);

}  // namespace kernelgate
