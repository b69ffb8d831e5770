#include "bench/digital_human/digital_human.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "bench/digital_human/claims.h"
#include "harness/base/interrupt.h"
#include "harness/base/progress.h"
#include "harness/statistics/statistics.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate {
namespace {

/// Of "wav2lip/n:16"; 0: another size of network.
std::int64_t frames_of(const std::string& problem) {
  constexpr std::string_view before = "wav2lip/n:";
  if (!problem.starts_with(before)) return 0;
  std::int64_t frames = 0;
  const char* const end = problem.data() + problem.size();
  const auto [at, failed] = std::from_chars(problem.data() + before.size(), end, frames);
  return failed == std::errc() && at == end ? frames : 0;
}

/// The quickest of each batch, hot: frames come one after the other.
std::vector<BatchTime> batches_of_result(const Result& result) {
  std::vector<BatchTime> batches;
  for (const CaseResult& one : result.cases) {
    const std::int64_t frames = frames_of(one.problem);
    if (one.op != "pipeline" || one.state != "hot" || frames == 0 || one.status != CaseStatus::measured) continue;
    std::vector<double> medians;
    for (const CaseRun& run : one.runs)
      if (!run.samples_s.empty()) medians.push_back(median(run.samples_s));
    if (medians.empty()) continue;
    const BatchTime time{frames, median(medians), one.implementation};
    const auto known = std::ranges::find(batches, frames, &BatchTime::frames);
    if (known == batches.end())
      batches.push_back(time);
    else if (time.seconds < known->seconds)
      *known = time;
  }
  std::ranges::sort(batches, {}, &BatchTime::frames);
  return batches;
}

void add_batch(std::vector<BatchTime>& batches, const ColdStart& start) {
  if (start.trouble.empty() && start.warm_s > 0) batches.push_back({start.frames, start.warm_s, start.implementation});
}

// At two shared cores' 100 GFLOP/s a tile of 384 takes some two seconds; larger ones are left to reckoning.
constexpr std::int64_t most_levels_timed = 7;

}  // namespace

void print_digital_human(const Result& result, const Device& device, const std::string& why_no_gpu, std::FILE* stream) {
  const bool on_gpu = device.kind == DeviceKind::cuda;
  DigitalHumanFigures figures;
  figures.why_no_gpu = why_no_gpu;
  figures.tiles = tile_plans();
  (on_gpu ? figures.gpu : figures.cpu) = batches_of_result(result);
  ProgressBar progress(on_gpu ? 5 : 3, "cold starts");
  const auto ask = [&](const char* what, const ColdStartQuestion& question) {
    progress.begin_step(what);
    ColdStart start = cold_start_in_child(question);
    progress.end_step(start.trouble);
    return start;
  };
  figures.cpu_start = ask("a fresh process on the CPU", {.device = DeviceKind::cpu});
  if (on_gpu && !interrupted()) {
    figures.gpu_start = ask("a fresh process on the GPU", {.device = DeviceKind::cuda, .gpu = device.ordinal});
    // The CPU's side of the comparison, which the run itself has not measured.
    add_batch(figures.cpu, figures.cpu_start);
    if (!interrupted()) add_batch(figures.cpu, ask("a batch on the CPU", {.frames = 16, .warm_launches = 3}));
  }
  for (TilePlan& plan : figures.tiles) {
    if (plan.levels > most_levels_timed || interrupted()) break;
    const ColdStart& known = on_gpu ? figures.gpu_start : figures.cpu_start;
    if (plan.levels == Pipeline::Problem().levels) {
      plan.tile_s = known.trouble.empty() ? known.warm_s : 0;
      continue;
    }
    const ColdStart start =
        ask("a tile", {.device = device.kind, .gpu = device.ordinal, .levels = plan.levels, .warm_launches = 3});
    if (start.trouble.empty()) plan.tile_s = start.warm_s;
  }
  fmt::print(stream, "\n{}", show_batches(figures));
  if (on_gpu) fmt::print(stream, "\n{}", show(figures.gpu_start));
  fmt::print(stream, "\n{}", show(figures.cpu_start));
  fmt::print(stream, "\n{}", show(figures.tiles, on_gpu ? "GPU" : "CPU"));
  fmt::print(stream, "\n{}", show(answer_claims(figures)));
}

}  // namespace kernelgate
