// nvbench's JSON (--json, --jsonbin) as a side. Its form is in nvbench/json_printer.cu and the tags of its summaries in
// nvbench/detail/measure_cold.cu (read at 66212f1, 2026-08; JSON version 1.0.0 since 2021).

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "harness/base/json_text.h"
#include "harness/sides/foreign.h"
#include "harness/sides/foreign_run.h"
#include "harness/sides/nvbench_samples.h"

namespace kernelgate {
namespace {

using nlohmann::json;
constexpr std::string_view tool = "nvbench";
constexpr std::string_view time_tag = "nv/cold/time/gpu/";
constexpr std::string_view samples_tag = "nv/json/bin:nv/cold/sample_times";

/// A list that nvbench writes as null when it is empty.
const json& list_in(const json& object, const char* key) {
  static const json none = json::array();
  const json& list = object.at(key);
  if (list.is_null()) return none;
  if (!list.is_array()) throw ResultError(fmt::format("its {} is {}, not a list", key, shown_json(list)));
  return list;
}

/// A named value of a summary as a text; nvbench writes numbers as texts.
std::optional<std::string> value_in(const json& summary, std::string_view name) {
  if (!summary.contains("data")) return std::nullopt;
  for (const json& one : list_in(summary, "data"))
    if (one.at("name") == name)
      return one.at("value").is_string() ? one.at("value").get<std::string>() : shown_json(one.at("value"));
  return std::nullopt;
}

/// Not finite where it is no number.
double number_of(const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : NAN;
}

/// The summaries of a state by their tags.
class Summaries {
 public:
  explicit Summaries(const json& state) {
    for (const json& one : list_in(state, "summaries"))
      if (!by_tag_.emplace(one.at("tag").get<std::string>(), &one).second)
        throw ResultError(fmt::format("it has two summaries {}", one.at("tag").dump()));
  }

  const json* find(std::string_view tag) const {
    const auto found = by_tag_.find(tag);
    return found == by_tag_.end() ? nullptr : found->second;
  }
  bool has_time(std::string_view name) const { return find(fmt::format("{}{}", time_tag, name)) != nullptr; }

  /// Nothing where there is no such summary. Errors  std::invalid_argument where its value is no number > 0.
  std::optional<double> positive(const std::string& tag) const {
    const json* summary = find(tag);
    if (!summary) return std::nullopt;
    const std::string text = value_in(*summary, "value").value_or("missing");
    const double number = number_of(text);
    if (!(std::isfinite(number) && number > 0)) throw std::invalid_argument(fmt::format("its {} is {}", tag, text));
    return number;
  }
  double time(std::string_view name) const {
    const std::string tag = fmt::format("{}{}", time_tag, name);
    if (const auto found = positive(tag)) return *found;
    throw std::invalid_argument(fmt::format("it has no {}", tag));
  }

 private:
  std::map<std::string, const json*, std::less<>> by_tag_;
};

/// What all cases of a document are located by; a mean and a median must not be compared.
struct Located {
  bool by_median = true;
};

std::size_t sample_count(const Summaries& summaries) {
  return static_cast<std::size_t>(summaries.positive("nv/cold/sample_size").value_or(1));
}

RunSummary run_of(const Summaries& summaries, Located located, const std::filesystem::path& path) {
  RunSummary run;
  if (!located.by_median) {
    const double mean = summaries.time("mean");
    // Infinite or missing where one sample has none.
    double spread = NAN;
    if (const json* summary = summaries.find(fmt::format("{}stdev/relative", time_tag)))
      spread = number_of(value_in(*summary, "value").value_or(""));
    run = std::isfinite(spread) && spread >= 0 ? run_of_moments(mean, spread, sample_count(summaries))
                                               : run_of_moments(mean, 0, 1);
  } else if (const json* file = summaries.find(samples_tag); file && value_in(*file, "filename")) {
    run = run_of_samples(
        nvbench_samples(path, *value_in(*file, "filename"), number_of(value_in(*file, "size").value_or(""))));
  } else {
    const double median = summaries.time("median");
    run = run_of_quartiles(summaries.time("q1"), median, summaries.time("q3"), sample_count(summaries));
  }
  run.clock_hz = summaries.positive("nv/cold/sm_clock_rate/mean");
  return run;
}

/// Every axis with its whole value: the state's own name rounds numbers, and could be another's.
std::string axes_of(const json& state) {
  std::string text = fmt::format("Device={}", shown_json(state.at("device")));
  for (const json& one : list_in(state, "axis_values"))
    text += fmt::format(" {}={}", one.at("name").get<std::string>(),
                        one.at("value").is_string() ? one.at("value").get<std::string>() : shown_json(one.at("value")));
  return text;
}

bool is_skipped(const json& state) { return state.value("is_skipped", json(false)) == true; }

SideCase case_of(const json& bench, const json& state, Located located, const std::filesystem::path& path) {
  SideCase one;
  one.op = bench.at("name").get<std::string>();
  one.problem = axes_of(state);
  one.name = one.op + " " + one.problem;
  const json why = state.value("skip_reason", json());
  const Summaries summaries(state);
  if (is_skipped(state)) {
    one.status = CaseStatus::skipped;
    one.reason = why.is_string() ? why.get<std::string>() : "nvbench gives no reason";
  } else if (summaries.find("nv/cpu_only/sample_size")) {
    one.status = CaseStatus::skipped;
    one.reason = "it measures the CPU alone, and a GPU's times are what is compared";
  } else {
    try {
      one.runs = {run_of(summaries, located, path)};
      one.remedy = thin_run_note(one.runs.front(), "measure with --min-samples 100 or more, in several processes");
    } catch (const std::invalid_argument& error) {
      one.status = CaseStatus::invalid;
      one.reason = error.what();
      one.runs.clear();
    }
  }
  return one;
}

/// Calls visit(bench, state) for each; says in which one an error was.
template <class Visit>
void for_each_state(const json& document, Visit&& visit) {
  for (const json& bench : list_in(document, "benchmarks")) {
    std::size_t number = 0;
    for (const json& state : list_in(bench, "states")) {
      ++number;
      const auto where = [&] { return fmt::format("{}, state {}", shown_json(bench.at("name")), number); };
      try {
        visit(bench, state);
      } catch (const json::exception& error) {
        throw ResultError(fmt::format("{}: {}", where(), plain(error)));
      } catch (const ResultError& error) {
        throw ResultError(fmt::format("{}: {}", where(), error.what()));
      }
    }
  }
}

/// Medians where each measured state has its samples or its quartiles (nvbench since 2026), means otherwise.
Located location_of(const json& document) {
  Located located;
  for_each_state(document, [&](const json&, const json& state) {
    const Summaries summaries(state);
    if (is_skipped(state) || !summaries.has_time("mean")) return;
    const json* file = summaries.find(samples_tag);
    const bool samples = file && value_in(*file, "filename");
    located.by_median =
        located.by_median &&
        (samples || (summaries.has_time("q1") && summaries.has_time("median") && summaries.has_time("q3")));
  });
  return located;
}

/// The devices that have a state, each with all that nvbench says of it.
void add_devices(json& identity, const json& document, std::string& names) {
  std::set<std::string> used;
  for_each_state(document, [&](const json&, const json& state) { used.insert(shown_json(state.at("device"))); });
  for (const json& device : list_in(document, "devices")) {
    const std::string id = shown_json(device.at("id"));
    if (used.erase(id) == 0) continue;
    for (const auto& [key, value] : device.items())
      if (key != "id") identity[fmt::format("device_{}_{}", id, key)] = value;
    names += (names.empty() ? "" : ", ") + device.value("name", std::string("unknown"));
  }
  if (!used.empty()) throw ResultError(fmt::format("its devices lack number {}, which has figures", *used.begin()));
}

bool matches(const json& document) {
  return document.is_object() && document.contains("benchmarks") && document.contains("devices") &&
         !document.contains("kernelgate");
}

Side read(const json& document, const std::filesystem::path& path, const std::string&) {
  const json meta = document.value("meta", json::object());
  const json version = meta.is_object() ? meta.value("version", json::object()) : json::object();
  const auto version_of = [&](const char* of, const char* part) {
    const json found = version.is_object() ? version.value(of, json::object()) : json::object();
    return found.is_object() ? found.value(part, json()) : json();
  };
  if (version_of("json", "major") != 1)
    throw ResultError(fmt::format("it has JSON version {}, and 1 is known", shown_json(version_of("json", "string"))));

  const Located located = location_of(document);
  json identity{{"kind", "cuda"}, {"metric", located.by_median ? "median of GPU time" : "mean of GPU time"}};
  const json nvbench = version_of("nvbench", "string");
  identity["nvbench_version"] = nvbench.is_null() ? not_recorded(tool) : nvbench;
  for (const char* name : {"gpu_uuid", "mig", "vbios", "power_limit_w", "clock_policy", "driver", "cuda_driver_api",
                           "cuda_runtime", "cuda_compiled_with", "cpu_model"})
    identity[name] = not_recorded(tool);
  std::string names;
  add_devices(identity, document, names);

  Side side;
  side.device_kind = "cuda";
  side.device = names;
  side.fingerprint = {{"identity", identity},
                      {"covariates", json::object()},
                      {"informational", {{"argv", meta.is_object() ? meta.value("argv", json()) : json()}}}};
  for_each_state(document, [&](const json& bench, const json& state) {
    side.cases.push_back(case_of(bench, state, located, path));
  });
  side.description = fmt::format("{} {}, {} of {} states in one process, on {}", tool,
                                 nvbench.is_string() ? nvbench.get<std::string>() : "of an unknown version",
                                 located.by_median ? "medians" : "means", side.cases.size(), names);
  return side;
}

const RegisterForeignFormat foreign_registered{{tool, {"gpu_time"}, matches, read}};

}  // namespace
}  // namespace kernelgate
