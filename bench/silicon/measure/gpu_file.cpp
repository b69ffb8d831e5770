#include "bench/silicon/measure/gpu_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/predict/model/embedded_gpus.h"
#include "harness/predict/model/gpu.h"

namespace kernelgate::silicon {
namespace {

using Json = nlohmann::ordered_json;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Json file_of(const std::string& name) {
  for (const EmbeddedText& one : gpu_texts()) {
    std::string found(one.name);
    std::ranges::replace(found, '_', '-');
    if (found == name) return Json::parse(one.text);
  }
  return {};
}

}  // namespace

std::string most_alike(const Device& gpu) {
  std::string best;
  for (const std::string& name : predict::gpu_names()) {
    if (predict::find_gpu(name).compute_capability != gpu.compute_capability) continue;
    // "h200" of "h200-sxm" in "NVIDIA H200".
    const bool named = lower(gpu.name).find(name.substr(0, name.find('-'))) != std::string::npos;
    if (named) return name;
    if (best.empty()) best = name;
  }
  return best;
}

std::string gpu_file(const GpuHere& gpu, const std::vector<Figure>& figures, const std::string& date) {
  const std::string like = most_alike(gpu.device);
  if (like.empty())
    throw HarnessError(ExitCode::usage,
                       fmt::format("no GPU of compute capability {}.{} is known to the model",
                                   gpu.device.compute_capability / 10, gpu.device.compute_capability % 10));
  Json file = file_of(like);
  file["name"] = file["name"].get<std::string>() + "-measured";
  file["title"] = gpu.device.name + ", measured";
  file["as_of"] = date;
  file["multiprocessors"] = gpu.device.multiprocessors;
  file.erase("fitted_on");
  Json& known = file["figures"];
  known.erase("median_error");  // of other figures
  known.erase("worst_error");
  double clock_hz = 0;
  for (const Figure& figure : figures)
    if (figure.key == "clock_hz") clock_hz = figure.value;
  for (const Figure& figure : figures) {
    if (!known.contains(figure.key) || !(figure.value > 0)) continue;
    known[figure.key] = {
        {"value", figure.value},
        {"source", fmt::format("measured {}, driver {}, SM clock {:.0f} MHz: {}", date,
                               gpu.driver.empty() ? "not known" : gpu.driver, clock_hz * 1e-6, figure.how)}};
  }
  if (clock_hz > 0 && gpu.device.flop_per_s > 0 && known.contains("peak_flops")) {
    // Data sheet, at the clock that was measured.
    const double old_clock = file_of(like)["figures"]["clock_hz"]["value"];
    const double old_peak = file_of(like)["figures"]["peak_flops"]["value"];
    const double old_multiprocessors = file_of(like)["multiprocessors"];
    known["peak_flops"]["value"] = old_peak / old_clock / old_multiprocessors * clock_hz * gpu.device.multiprocessors;
  }
  const std::string text = dump_lines(file);
  predict::parse_gpu(text, "the figures that were measured");  // what it refuses is not written
  return text;
}

std::vector<Moved> moved(const std::string& like, const std::vector<Figure>& figures) {
  std::vector<Moved> all;
  const Json file = file_of(like);
  if (!file.contains("figures")) return all;
  for (const Figure& figure : figures)
    if (file["figures"].contains(figure.key))
      all.push_back({figure.key, file["figures"][figure.key]["value"], figure.value});
  return all;
}

}  // namespace kernelgate::silicon
