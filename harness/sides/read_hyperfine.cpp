// hyperfine's --export-json: each command's wall times, in seconds. It writes no date and no machine. Source:
// src/benchmark/benchmark_result.rs (sharkdp/hyperfine, 1.18).

#include <cmath>
#include <string>

#include <fmt/format.h>

#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view hyperfine = "hyperfine";

RunSummary hyperfine_run(const json& result) {
  std::vector<double> samples;
  for (const json& one : result.value("times", json::array())) {
    const double seconds = one.is_number() ? one.get<double>() : NAN;
    if (!(std::isfinite(seconds) && seconds > 0))
      throw ResultError(fmt::format("one of its times is {}, which is no time", shown_json(one)));
    samples.push_back(seconds);
  }
  if (!samples.empty()) return run_of_samples(samples);
  const json median = result.value("median", result.value("mean", json()));
  const double seconds = median.is_number() ? median.get<double>() : NAN;
  if (!(std::isfinite(seconds) && seconds > 0))
    throw ResultError(fmt::format("its median is {}, which is no time", shown_json(median)));
  return run_of_samples({seconds});
}

SideCase hyperfine_case(const json& result, std::size_t number) {
  SideCase one;
  one.name = fmt::format("command {}", number);
  try {
    if (!result.is_object()) throw ResultError(fmt::format("it is {}, not an object", shown_json(result)));
    const json command = result.value("command", json());
    if (!command.is_string()) throw ResultError("it has no command");
    one.name = command.get<std::string>();
    const json parameters = result.value("parameters", json::object());
    if (parameters.is_object())
      for (const auto& [key, value] : parameters.items())
        one.name += fmt::format(" {}={}", key, value.is_string() ? value.get<std::string>() : value.dump());
    one.op = one.name;
    one.runs.push_back(hyperfine_run(result));
    one.remedy = thin_run_note(one.runs.front(), "hyperfine --runs 9, several times");
  } catch (const ResultError& error) {
    one.status = CaseStatus::invalid;
    one.reason = error.what();
  }
  return one;
}

Side read_hyperfine(const json& document, const std::filesystem::path&, const std::string&) {
  Side side;
  side.device_kind = "cpu";
  side.device = "cpu_unknown";
  json identity{{"kind", "cpu"}, {"metric", "wall time"}};
  for (const char* name : {"cpu_model", "num_cpus"}) identity[name] = not_recorded(hyperfine);
  side.fingerprint = {{"identity", identity}, {"covariates", json::object()}, {"informational", json::object()}};
  std::size_t number = 0;
  for (const json& result : document.at("results")) side.cases.push_back(hyperfine_case(result, ++number));
  side.description = fmt::format("{}, {} commands", hyperfine, side.cases.size());
  return side;
}

bool is_hyperfine(const json& document) {
  if (!document.is_object() || document.size() != 1 || !document.contains("results")) return false;
  const json& results = document.at("results");
  return results.is_array() && !results.empty() && results.front().is_object() && results.front().contains("command");
}

const RegisterForeignFormat hyperfine_registered{{hyperfine, {"times"}, is_hyperfine, read_hyperfine}};

}  // namespace
}  // namespace kernelgate
