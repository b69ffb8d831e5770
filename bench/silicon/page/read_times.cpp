// Of the suites: what was measured, beside what was predicted with the figures that came with the program.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "bench/silicon/measure/slopes.h"
#include "bench/silicon/page/page_facts.h"

namespace kernelgate::silicon {
namespace {

using nlohmann::json;

json read_whole(const std::filesystem::path& path) {
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return json::parse(text, nullptr, false);
}

/// "matmul/.../sm75_multistage/cold" -> seconds.
std::map<std::string, double> predicted_times(const json& document) {
  std::map<std::string, double> all;
  if (!document.is_object() || !document.contains("cases")) return all;
  for (const json& one : document["cases"])
    for (const char* state : {"cold", "hot"})
      if (one.contains(state) && one[state].is_object())
        all[one.value("name", "") + "/" + state] = one[state].value("predicted_s", 0.0);
  return all;
}

struct Compared {
  std::string name;
  double predicted = 0, measured = 0;
  double error() const { return predicted / measured - 1; }
};

}  // namespace

void read_times(const std::filesystem::path& folder, PageFacts& facts) {
  constexpr double worth_saying = 0.25;
  constexpr std::size_t most_said = 15;
  const auto predicted = predicted_times(read_whole(folder / "predict.json"));
  std::vector<Compared> both;
  std::map<std::string, int> not_measured;
  int measured = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with("result_") || !file.ends_with(".json")) continue;
    const json document = read_whole(entry.path());
    if (!document.is_object() || !document.contains("kernelgate")) {
      facts.not_done.push_back(file + " is broken");
      continue;
    }
    for (const json& one : document["kernelgate"].value("cases", json::array())) {
      std::vector<double> times;
      for (const json& process : one.value("runs", json::array()))
        for (const json& sample : process.value("samples_s", json::array()))
          if (sample.is_number()) times.push_back(sample);
      const std::string name = one.value("name", ""), status = one.value("status", "");
      if (status == "wrong") facts.wrong.push_back("run: " + name + ": " + one.value("reason", ""));
      if (status != "measured" || times.empty()) {
        if (status != "skipped") ++not_measured[status];
        continue;
      }
      ++measured;
      const auto found = predicted.find(name);
      if (found != predicted.end() && found->second > 0) both.push_back({name, found->second, median(times)});
    }
  }
  for (const auto& [status, count] : not_measured)
    facts.not_done.push_back(fmt::format("{} cases of the suites: {}", count, status));
  if (measured > 0) facts.done.push_back(fmt::format("{} cases of the suites were measured", measured));
  if (both.empty()) return;
  std::ranges::sort(both, std::greater{}, [](const Compared& one) { return std::abs(one.error()); });
  std::vector<double> errors;
  for (const Compared& one : both) errors.push_back(std::abs(one.error()));
  facts.done.push_back(fmt::format("{} of them were predicted: median error {:.1f} %, worst {:+.1f} %", both.size(),
                                   100 * median(errors), 100 * both.front().error()));
  std::size_t said = 0;
  for (const Compared& one : both) {
    if (std::abs(one.error()) <= worth_saying) break;
    if (++said > most_said) continue;
    facts.wrong.push_back(fmt::format("model: {}: predicted {:.4g} us, measured {:.4g} us ({:+.0f} %)", one.name,
                                      1e6 * one.predicted, 1e6 * one.measured, 100 * one.error()));
  }
  if (said > most_said) facts.wrong.push_back(fmt::format("model: {} more cases beyond 25 %", said - most_said));
}

}  // namespace kernelgate::silicon
