#include "bench/run/sides/against.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <optional>

#include "bench/run/process_runs.h"
#include "harness/base/error.h"
#include "harness/base/process/child_process.h"
#include "harness/base/process/interrupt.h"
#include "harness/base/temporary_folder.h"
#include "harness/judge/compare/decision.h"
#include "harness/judge/compare/run_location.h"
#include "harness/result/result.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// POSIX extended: exactly these names.
std::string filter_of(const Side& side, std::span<const std::size_t> cases) {
  std::string filter = "^(";
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (i > 0) filter += '|';
    for (char c : side.cases.at(cases[i]).name) {
      if (std::string_view(".[]()*+?{}|^$\\").find(c) != std::string_view::npos) filter += '\\';
      filter += c;
    }
  }
  return filter + ")$";
}

const RunSummary* run_of(const Side& side, const std::string& name) {
  const auto found = std::ranges::find(side.cases, name, &SideCase::name);
  return found == side.cases.end() || found->runs.empty() ? nullptr : &found->runs.front();
}

Block block_of(const RunSummary* before, const RunSummary* now, Noise noise) {
  if (before == nullptr || now == nullptr) return {std::numeric_limits<double>::quiet_NaN()};
  Block block{run_value(*now, noise) - run_value(*before, noise)};
  if (before->clock_hz && now->clock_hz) block.cycles = block.seconds + std::log(*now->clock_hz / *before->clock_hz);
  return block;
}

}  // namespace

ArchivedBuild find_build(const fs::path& path, const std::string& option) {
  fs::path program = path;
  std::error_code error;
  if (fs::is_directory(path, error))
    for (const char* inside : {"kernelgate", "build/kernelgate", "bin/kernelgate"})
      if (fs::is_regular_file(path / inside, error)) {
        program = path / inside;
        break;
      }
  if (!fs::is_regular_file(program, error))
    throw HarnessError(ExitCode::usage, fmt::format("{} {}: no kernelgate is there; name a program, a build folder "
                                                    "or an unpacked bundle",
                                                    option, path.string()));
  const ChildAnswer answer = run_program({{fs::absolute(program).string(), "--version"}}, std::chrono::seconds(20));
  if (!answer.error.empty() || !answer.text.starts_with("kernelgate "))
    throw HarnessError(ExitCode::usage,
                       fmt::format("{} {}: it does not answer --version as a kernelgate does{}{}", option,
                                   program.string(), answer.error.empty() ? "" : ": ", answer.error));
  return {fs::absolute(program), first_line(answer.text)};
}

ProgramBlocks::ProgramBlocks(ArchivedBuild archived, BlockPlan plan, const Side& fresh,
                             std::function<void(const std::string&)> said)
    : archived_(std::move(archived)), plan_(std::move(plan)), fresh_(fresh), said_(std::move(said)) {}

Side ProgramBlocks::measure(bool archived, std::span<const std::size_t> cases) {
  const TemporaryFolder scratch;
  const fs::path out = scratch.path() / "run.json", log = scratch.path() / "log";
  std::vector<std::string> words{"run",
                                 "--device",
                                 plan_.device,
                                 "--gpu",
                                 std::to_string(plan_.gpu),
                                 "--suite",
                                 plan_.suite,
                                 "--runs",
                                 "1",
                                 "--seed",
                                 std::to_string(plan_.seed),
                                 "--baselines",
                                 scratch.path().string(),  // none: nothing is to be compared
                                 "--out",
                                 out.string(),
                                 "--benchmark_filter=" + filter_of(fresh_, cases)};
  for (const std::string& op : plan_.ops) words.insert(words.end(), {"--op", op});
  for (const fs::path& path : plan_.audio) words.insert(words.end(), {"--audio", path.string()});
  for (const fs::path& path : plan_.kernels) words.insert(words.end(), {"--kernel", path.string()});
  if (!plan_.min_time.empty()) words.push_back("--benchmark_min_time=" + plan_.min_time);
  RunSelf how;
  how.log = log;
  if (archived) {
    how.program = archived_.program;
    how.without_variables = {"KERNELGATE_INJECT", "KERNELGATE_LAUNCHER"};  // what is injected is the new build's
  }
  const int status = run_self(words, how);
  if (interrupted())
    throw HarnessError(ExitCode::invalid, "interrupted while blocks were measured; nothing was decided");
  std::error_code error;
  if (!fs::exists(out, error)) {
    std::ifstream said(log);
    std::string line, last;
    while (std::getline(said, line))
      if (!line.empty()) last = line;
    throw HarnessError(ExitCode::invalid,
                       fmt::format("{} ended with status {} and left no result: {}",
                                   archived ? archived_.program.string() : "this build", status, last));
  }
  return side_of(read_result(out));
}

std::vector<std::vector<Block>> ProgramBlocks::take(std::span<const std::size_t> cases, int blocks) {
  const Noise noise = device_class(plan_.device).noise;
  std::vector<std::vector<Block>> taken(cases.size());
  const std::vector<bool> new_first = new_goes_first(blocks, plan_.seed + ++orders_);
  said_(fmt::format("blocks {} to {}: {} case{} with both builds", taken_ + 1, taken_ + blocks, cases.size(),
                    cases.size() == 1 ? "" : "s"));
  taken_ += blocks;
  for (int b = 0; b < blocks; ++b) {
    const bool swapped = new_first[static_cast<std::size_t>(b)];
    const Side first = measure(!swapped, cases), second = measure(swapped, cases);
    const Side &before = swapped ? second : first, &now = swapped ? first : second;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      const std::string& name = fresh_.cases.at(cases[i]).name;
      taken[i].push_back(block_of(run_of(before, name), run_of(now, name), noise));
    }
  }
  return taken;
}

}  // namespace kernelgate
