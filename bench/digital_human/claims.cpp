#include "bench/digital_human/claims.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/quantity.h"
#include "kernels/pipeline/pipeline.h"

namespace kernelgate {
namespace {

constexpr double frames_a_minute = 60.0 * Pipeline::frames_per_second;
constexpr double claimed_times = 6;

const BatchTime* quickest(const std::vector<BatchTime>& batches) {
  const auto found = std::ranges::max_element(batches, {}, &BatchTime::frames_per_second);
  return found == batches.end() ? nullptr : &*found;
}

const BatchTime* of_frames(const std::vector<BatchTime>& batches, std::int64_t frames) {
  const auto found = std::ranges::find(batches, frames, &BatchTime::frames);
  return found == batches.end() ? nullptr : &*found;
}

std::string minute_of(const BatchTime& batch) { return show_seconds(frames_a_minute / batch.frames_per_second()); }

std::string answer_minute(const DigitalHumanFigures& figures) {
  const BatchTime *const gpu = quickest(figures.gpu), *const cpu = quickest(figures.cpu);
  if (gpu != nullptr && cpu != nullptr) {
    const double times = gpu->frames_per_second() / cpu->frames_per_second();
    return fmt::format(
        "{}: a minute of video ({:.0f} frames) takes {} here with the GPU ({} at a time) and {} on all "
        "cores of the CPU ({} at a time), which is {:.3g} times as long.",
        times > claimed_times ? "True here" : "Not true here", frames_a_minute, minute_of(*gpu), gpu->frames,
        minute_of(*cpu), cpu->frames, times);
  }
  std::string text = fmt::format("Not measured here: {}.", gpu == nullptr ? figures.why_no_gpu : "the CPU was not");
  const BatchTime* const one = gpu != nullptr ? gpu : cpu;
  if (one != nullptr)
    text += fmt::format(" With the {} alone a minute of video ({:.0f} frames) takes {}, {} at a time.",
                        gpu != nullptr ? "GPU" : "CPU", frames_a_minute, minute_of(*one), one->frames);
  return text;
}

std::string answer_first(const ColdStart& start, const char* device) {
  const auto longest = std::ranges::max_element(start.steps, {}, &ColdStep::seconds);
  return fmt::format(
      "{} on the {}: a fresh process has its first frame after {}, a warm one the next after {}, {:.3g} times sooner; "
      "the "
      "first launch takes {}, and the longest step is '{}' ({}).",
      start.first_frame_s() > 2 * start.warm_s ? "True" : "Not true", device, show_seconds(start.first_frame_s()),
      show_seconds(start.warm_s), start.first_frame_s() / start.warm_s, show_seconds(start.steps.back().seconds),
      longest->name, show_seconds(longest->seconds));
}

std::string answer_first_call(const DigitalHumanFigures& figures) {
  const bool cpu = figures.cpu_start.trouble.empty() && !figures.cpu_start.steps.empty();
  const bool gpu = figures.gpu_start.trouble.empty() && !figures.gpu_start.steps.empty();
  if (gpu) return answer_first(figures.gpu_start, "GPU");
  std::string text = fmt::format("Not measured here: {}.", figures.why_no_gpu);
  if (cpu) text += " " + answer_first(figures.cpu_start, "CPU");
  return text;
}

/// Of one device; empty where fewer than two sizes were measured.
std::string batches_of(const std::vector<BatchTime>& batches, const char* device) {
  const BatchTime* const one = of_frames(batches, 1);
  if (one == nullptr || batches.size() < 2) return "";
  std::string text;
  double most = 0;
  for (const BatchTime& batch : batches) {
    if (batch.frames == 1) continue;
    const double gain = batch.frames_per_second() / one->frames_per_second();
    most = std::max(most, gain);
    text += fmt::format(", {} at a time {:.3g} ({:.2f} times)", batch.frames, batch.frames_per_second(), gain);
  }
  // Less is within what runs differ by.
  return fmt::format("{} on the {}: one frame at a time makes {:.3g} frames a second{}.",
                     most > 1.1 ? "True" : "Not true", device, one->frames_per_second(), text);
}

std::string answer_batches(const DigitalHumanFigures& figures) {
  const std::string gpu = batches_of(figures.gpu, "GPU"), cpu = batches_of(figures.cpu, "CPU");
  if (!gpu.empty()) return cpu.empty() ? gpu : gpu + " " + cpu;
  const std::string text = fmt::format("Not measured here: {}.", figures.why_no_gpu);
  return cpu.empty() ? text : text + " " + cpu;
}

std::string answer_4k(const DigitalHumanFigures& figures) {
  const TilePlan *largest = nullptr, *whole = nullptr;
  for (const TilePlan& plan : figures.tiles) {
    if (plan.bytes <= card_bytes) largest = &plan;
    if (plan.tiles == 1) whole = &plan;
  }
  if (largest == nullptr || whole == nullptr) return "Not reckoned.";
  const bool fits = whole->bytes <= card_bytes;
  const std::string text = fmt::format(
      "{} of a generator of this kind, by reckoning: a picture of 3840 x 2160 as a whole ({} x {}) needs {}",
      fits ? "Not true" : "True", whole->pixels, whole->pixels, show_amount(whole->bytes, "B"));
  if (fits) return text + ".";
  return fmt::format("{}; in tiles of {} x {} it needs {}.", text, largest->pixels, largest->pixels,
                     show_amount(largest->bytes, "B"));
}

}  // namespace

std::vector<Claim> answer_claims(const DigitalHumanFigures& figures) {
  return {{"A GPU makes a minute of video more than 6 times faster.", answer_minute(figures)},
          {"The first call is slow.", answer_first_call(figures)},
          {"Batches pay.", answer_batches(figures)},
          {"4K needs 16 GB of a card's memory, or tiles.", answer_4k(figures)}};
}

std::string show(const std::vector<Claim>& claims) {
  std::string text = "What is claimed of digital-human video, and what this machine says\n";
  for (const Claim& claim : claims) text += fmt::format("  {}\n    {}\n", claim.claim, claim.answer);
  return text;
}

std::string show_batches(const DigitalHumanFigures& figures) {
  std::string text =
      fmt::format("Frames of 96 x 96 from a recording and pictures of a face\n  {:8}{:>18}  {:12}{:>12}{:>12}\n",
                  "device", "frames at a time", "by", "time", "frames/s");
  for (const auto& [device, batches] : {std::pair{"GPU", &figures.gpu}, {"CPU", &figures.cpu}}) {
    for (const BatchTime& batch : *batches)
      text += fmt::format("  {:8}{:>18}  {:12}{:>12}{:>12.4g}\n", device, batch.frames, batch.implementation,
                          show_seconds(batch.seconds), batch.frames_per_second());
    if (batches->empty())
      text +=
          fmt::format("  {:8}{:>18}\n", device,
                      std::string_view(device) == "GPU" ? "not measured here: " + figures.why_no_gpu : "not measured");
  }
  return text;
}

}  // namespace kernelgate
