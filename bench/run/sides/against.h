#pragma once
// Fresh evidence: process runs of an archived build and of this one, by turns, on this machine.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/judge/confirm/confirm.h"
#include "harness/sides/side.h"

namespace kernelgate {

/// The program of a build: itself, or a folder that holds it (a build folder, an unpacked bundle).
///
/// Errors  HarnessError(usage), one line: nothing is there, it is no program, or it does not answer --version. `option`
/// named the path.
struct ArchivedBuild {
  std::filesystem::path program;
  std::string version;  ///< what it says of itself
};
ArchivedBuild find_build(const std::filesystem::path& path, const std::string& option = "--against");

/// How a process run is asked for; the same of both builds.
struct BlockPlan {
  std::string device, suite;
  int gpu = 0;
  std::uint64_t seed = 1;
  std::vector<std::string> ops;
  std::vector<std::filesystem::path> audio, kernels;
  std::string min_time;  ///< --benchmark_min_time as it was given; empty: the suite's own
};

/// Runs `kernelgate run --runs 1` of each build for every block, on the cases asked for, in an order drawn anew for
/// every four. The archived build is asked through its command line alone, so that any version of it will do.
class ProgramBlocks : public BlockSource {
 public:
  /// `cases` name what the indices mean. `said` gets a line for a person before each batch of blocks.
  ProgramBlocks(ArchivedBuild archived, BlockPlan plan, const Side& fresh,
                std::function<void(const std::string&)> said);

  /// Errors  HarnessError(invalid): a build left no result, with the end of what it said; or an interrupt.
  std::vector<std::vector<Block>> take(std::span<const std::size_t> cases, int blocks) override;

 private:
  Side measure(bool archived, std::span<const std::size_t> cases);

  ArchivedBuild archived_;
  BlockPlan plan_;
  const Side& fresh_;
  std::function<void(const std::string&)> said_;
  std::uint64_t orders_ = 0;
  int taken_ = 0;
};

}  // namespace kernelgate
