#include "bench/digital_human/digital_human.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "harness/base/process/interrupt.h"
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

nlohmann::json to_json(const std::vector<BatchTime>& batches) {
  nlohmann::json list = nlohmann::json::array();
  for (const BatchTime& batch : batches)
    list.push_back({{"frames", batch.frames},
                    {"seconds", batch.seconds},
                    {"implementation", batch.implementation},
                    {"frames_per_second", batch.frames_per_second()}});
  return list;
}

/// Null where it was not asked.
nlohmann::json to_json(const ColdStart& start) {
  return start.device.empty() ? nlohmann::json() : nlohmann::json::parse(to_text(start));
}

}  // namespace

DigitalHumanFigures digital_human_figures(const Result& result, const DigitalHumanQuestion& question) {
  const Device& device = question.device;
  const bool on_gpu = device.kind == DeviceKind::cuda;
  DigitalHumanFigures figures;
  figures.why_no_gpu = question.why_no_gpu;
  figures.on_gpu = on_gpu;
  figures.tiles = tile_plans();
  (on_gpu ? figures.gpu : figures.cpu) = batches_of_result(result);
  const int tiles = question.tiles ? static_cast<int>(most_levels_timed - Pipeline::Problem().levels) : 0;
  ProgressBar progress((on_gpu ? 3 : 1) + tiles, "cold starts");
  const auto ask = [&](const std::string& what, const ColdStartQuestion& asked) {
    progress.begin_step(what);
    ColdStart start = cold_start_in_child(asked);
    progress.end_step(start.trouble.empty() ? "measured" : start.trouble);
    return start;
  };
  figures.cpu_start = ask("a fresh process on the CPU", {.device = DeviceKind::cpu});
  if (on_gpu && !interrupted()) {
    figures.gpu_start = ask("a fresh process on the GPU", {.device = DeviceKind::cuda, .gpu = device.ordinal});
    // The CPU's side of the comparison, which the run itself has not measured.
    add_batch(figures.cpu, figures.cpu_start);
    if (!interrupted()) add_batch(figures.cpu, ask("a batch on the CPU", {.frames = 16, .warm_launches = 3}));
  }
  const ColdStart& smallest = on_gpu ? figures.gpu_start : figures.cpu_start;
  for (TilePlan& plan : figures.tiles) {
    if (plan.levels == Pipeline::Problem().levels) {
      plan.tile_s = smallest.trouble.empty() ? smallest.warm_s : 0;
      continue;
    }
    if (!question.tiles || plan.levels > most_levels_timed || interrupted()) break;
    const ColdStart start =
        ask(fmt::format("a tile of {0} x {0}", plan.pixels),
            {.device = device.kind, .gpu = device.ordinal, .levels = plan.levels, .warm_launches = 3});
    if (start.trouble.empty()) plan.tile_s = start.warm_s;
  }
  return figures;
}

std::string to_text(const DigitalHumanFigures& figures) {
  std::string text = "\n" + show_batches(figures);
  if (figures.on_gpu) text += "\n" + show(figures.gpu_start);
  text += "\n" + show(figures.cpu_start);
  text += "\n" + show(figures.tiles, figures.on_gpu ? "GPU" : "CPU");
  return text + "\n" + show(answer_claims(figures));
}

nlohmann::json to_json(const DigitalHumanFigures& figures) {
  nlohmann::json tiles = nlohmann::json::array(), claims = nlohmann::json::array();
  for (const TilePlan& plan : figures.tiles)
    tiles.push_back({{"pixels", plan.pixels},
                     {"tiles", plan.tiles},
                     {"bytes", plan.bytes},
                     {"flop", plan.flop},
                     {"tile_s", plan.tile_s > 0 ? nlohmann::json(plan.tile_s) : nlohmann::json()}});
  for (const Claim& one : answer_claims(figures)) claims.push_back({{"claim", one.claim}, {"answer", one.answer}});
  return {{"gpu", to_json(figures.gpu)},
          {"cpu", to_json(figures.cpu)},
          {"gpu_cold_start", to_json(figures.gpu_start)},
          {"cpu_cold_start", to_json(figures.cpu_start)},
          {"tiles_4k", std::move(tiles)},
          {"claims", std::move(claims)}};
}

}  // namespace kernelgate
