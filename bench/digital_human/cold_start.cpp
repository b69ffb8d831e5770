#include "bench/digital_human/cold_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "bench/run/process_runs.h"
#include "harness/base/error.h"
#include "harness/base/quantity.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {
namespace {

using Clock = std::chrono::steady_clock;

std::string text_in(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The last line that a child wrote: what it died of.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace

double ColdStart::first_frame_s() const {
  double sum = 0;
  for (const ColdStep& step : steps) sum += step.seconds;
  return sum;
}

ColdStart cold_start_in_child(const ColdStartQuestion& question) {
  ColdStart nothing{.device = std::string(to_string(question.device)), .frames = question.frames};
  const TemporaryFolder folder;
  const std::filesystem::path out = folder.path() / "cold-start.json", log = folder.path() / "log";
  const auto since = Clock::now().time_since_epoch();
  const int status = run_self({"cold-start", "--device", nothing.device, "--gpu", std::to_string(question.gpu),
                               "--frames", std::to_string(question.frames), "--levels", std::to_string(question.levels),
                               "--warm-launches", std::to_string(question.warm_launches), "--worker-since",
                               std::to_string(std::chrono::nanoseconds(since).count()), "--worker-out", out.string()},
                              {.log = log});
  if (status == 0) return cold_start_from(text_in(out));
  const std::string why = last_line(text_in(log));
  nothing.trouble = why.empty() ? fmt::format("its process ended with status {}", status) : why;
  return nothing;
}

std::string to_text(const ColdStart& start) {
  nlohmann::json steps = nlohmann::json::array();
  for (const ColdStep& step : start.steps)
    steps.push_back({{"name", step.name}, {"seconds", step.seconds}, {"bytes", step.bytes}});
  return nlohmann::json{{"device", start.device},
                        {"implementation", start.implementation},
                        {"frames", start.frames},
                        {"steps", std::move(steps)},
                        {"warm_s", start.warm_s},
                        {"trouble", start.trouble},
                        {"first_frame_s", start.first_frame_s()}}
      .dump(1);
}

ColdStart cold_start_from(const std::string& text) try {
  const nlohmann::json document = nlohmann::json::parse(text);
  ColdStart start;
  start.device = document.at("device");
  start.implementation = document.at("implementation");
  start.frames = document.at("frames");
  for (const auto& step : document.at("steps"))
    start.steps.push_back({step.at("name"), step.at("seconds"), step.at("bytes")});
  start.warm_s = document.at("warm_s");
  start.trouble = document.at("trouble");
  return start;
} catch (const nlohmann::json::exception& why) {
  throw HarnessError(ExitCode::invalid, fmt::format("the cold start's process left no figures: {}", why.what()));
}

std::string show(const ColdStart& start) {
  std::string text = fmt::format("Cold start on the {}, {} frame{} at a time, by {}: a fresh process, step by step\n",
                                 start.device == "cuda" ? "GPU" : "CPU", start.frames, start.frames == 1 ? "" : "s",
                                 start.implementation.empty() ? "nothing" : start.implementation);
  if (!start.trouble.empty()) return text + fmt::format("  not measured: {}\n", start.trouble);
  for (const ColdStep& step : start.steps) {
    text += fmt::format("  {:50}{:>10}", step.name, show_seconds(step.seconds));
    if (step.bytes > 0)
      text += fmt::format("  {} at {:.2f} GB/s", show_amount(step.bytes, "B"), step.bytes / step.seconds * 1e-9);
    text += '\n';
  }
  text += fmt::format("  {:50}{:>10}\n", "all of it, until the first frame", show_seconds(start.first_frame_s()));
  text += fmt::format("  {:50}{:>10}  ({:.3g} frames a second)\n", "warm, the same again", show_seconds(start.warm_s),
                      static_cast<double>(start.frames) / start.warm_s);
  return text;
}

}  // namespace kernelgate
