// Reading baselines, and comparing with them.

#include "harness/judge/baseline.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/judge/false_alarms.h"
#include "harness/result/atomic_file.h"

namespace kernelgate {

namespace fs = std::filesystem;

namespace {

/// By its name. One with a dot in front is somebody's unfinished write.
bool holds_a_baseline(const fs::path& path) {
  const std::string name = path.filename().string();
  return path.extension() == ".json" && !name.starts_with(".") && name != false_alarms_file;
}

}  // namespace

Baseline read_baseline(const fs::path& path) { return baseline_from_json(read_json(path), path.string()); }

std::vector<Baseline> read_baselines(const fs::path& folder, const std::string& device) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder / device, missing))
    if (holds_a_baseline(entry.path())) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<Baseline> baselines;
  for (const fs::path& file : files) baselines.push_back(read_baseline(file));
  return baselines;
}

Side side_of(const Baseline& baseline) {
  Side side;
  side.description =
      fmt::format("baseline {}/{} of {}, accepted by {}{}", baseline.device, baseline.op, baseline.accepted_utc,
                  baseline.accepted_by, baseline.dirty ? ", from a DIRTY build" : "");
  side.device_kind = baseline.device_kind;
  side.device = baseline.device;
  side.fingerprint = baseline.fingerprint;
  side.build = baseline.build;
  for (const BaselineCase& one : baseline.cases) side.cases.push_back(one.measured);
  return side;
}

Comparison compare_with_baselines(const fs::path& folder, const Result& fresh, const CompareOptions& options) {
  const std::vector<Baseline> baselines = read_baselines(folder, fresh.device);
  const Side all = side_of(fresh);
  std::vector<std::string> ops;
  for (const SideCase& one : all.cases)
    if (std::ranges::find(ops, one.op) == ops.end()) ops.push_back(one.op);
  if (!options.subset)
    for (const Baseline& baseline : baselines)
      if (std::ranges::find(ops, baseline.op) == ops.end()) ops.push_back(baseline.op);

  Comparison whole;
  whole.base_description = fmt::format("no baseline of {} in {}", fresh.device, folder.string());
  whole.new_description = all.description;
  bool described = false;
  for (const std::string& op : ops) {
    Side now = all;
    std::erase_if(now.cases, [&](const SideCase& one) { return one.op != op; });
    const auto stored = std::ranges::find(baselines, op, &Baseline::op);
    Side base = now;  // nothing stored: the same environment with no cases
    base.cases.clear();
    if (stored != baselines.end()) base = side_of(*stored);
    CompareOptions for_op = options;
    if (stored == baselines.end()) for_op.vary.clear();
    Comparison part = compare(base, now, for_op);
    if (stored != baselines.end()) {
      whole.base_description =
          described ? whole.base_description + "; " + part.base_description : part.base_description;
      described = true;
    }
    std::ranges::move(part.cases, std::back_inserter(whole.cases));
    whole.known_equal.compared += part.known_equal.compared;
    whole.known_equal.slower += part.known_equal.slower;
    whole.known_equal.faster += part.known_equal.faster;
    for (auto [from, to] : {std::pair{&part.differences, &whole.differences}, {&part.declared, &whole.declared}})
      for (std::string& text : *from)
        if (std::ranges::find(*to, text) == to->end()) to->push_back(std::move(text));
  }
  whole.environment_shift = environment_shift(whole.cases);
  return whole;
}

}  // namespace kernelgate
