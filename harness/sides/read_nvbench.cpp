// nvbench's JSON (--json, --jsonbin) as a side. Its form is in nvbench/json_printer.cu and the tags of its summaries in
// nvbench/detail/measure_cold.cu (read at 66212f1, 2026-08; JSON version 1.0.0 since 2021).

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/json/json_text.h"
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

std::size_t sample_count(const Summaries& summaries) {
  return static_cast<std::size_t>(summaries.positive("nv/cold/sample_size").value_or(1));
}

bool has_samples(const Summaries& summaries) {
  const json* file = summaries.find(samples_tag);
  return file && value_in(*file, "filename");
}

bool has_quartiles(const Summaries& summaries) {
  return summaries.has_time("q1") && summaries.has_time("median") && summaries.has_time("q3");
}

RunSummary run_of_mean(const Summaries& summaries) {
  const double mean = summaries.time("mean");
  // Infinite or missing where one sample has none.
  double spread = NAN;
  if (const json* summary = summaries.find(fmt::format("{}stdev/relative", time_tag)))
    spread = number_of(value_in(*summary, "value").value_or(""));
  return std::isfinite(spread) && spread >= 0 ? run_of_moments(mean, spread, sample_count(summaries))
                                              : run_of_moments(mean, 0, 1);
}

RunSummary run_of_median(const Summaries& summaries, const std::filesystem::path& path) {
  if (has_samples(summaries)) {
    const json& file = *summaries.find(samples_tag);
    return run_of_samples(
        nvbench_samples(path, *value_in(file, "filename"), number_of(value_in(file, "size").value_or(""))));
  }
  const double median = summaries.time("median");
  return run_of_quartiles(summaries.time("q1"), median, summaries.time("q3"), sample_count(summaries));
}

/// By its samples or its quartiles (nvbench since 2026, from three samples on), else by its mean. A mean and a median
/// are not compared: the means are kept beside, for a side that has nothing else.
void add_runs(SideCase& one, const Summaries& summaries, const std::filesystem::path& path) {
  const std::optional<double> clock = summaries.positive("nv/cold/sm_clock_rate/mean");
  const bool by_median = has_samples(summaries) || has_quartiles(summaries) || !summaries.has_time("mean");
  one.figure = by_median ? "medians" : figure_means;
  one.runs = {by_median ? run_of_median(summaries, path) : run_of_mean(summaries)};
  if (summaries.has_time("mean")) one.by_mean = {run_of_mean(summaries)};
  for (auto* runs : {&one.runs, &one.by_mean})
    for (RunSummary& run : *runs) {
      run.clock_hz = clock;
      if (run.q1_s < shortest_cycle_s)
        throw std::invalid_argument(
            fmt::format("its time is {} s, less than a clock cycle: nothing was done", run.q1_s));
    }
}

/// The devices that measured something, by their place in the document: which number a device has is of the day, and
/// nvbench records nothing else that identifies it.
class Devices {
 public:
  explicit Devices(const json& document);
  /// Errors  ResultError: the document lacks the state's.
  void expect_known(const json& state) const {
    if (const std::string id = shown_json(state.at("device")); !numbers_.contains(id))
      throw ResultError(fmt::format("its devices lack number {}, which has figures", id));
  }
  /// What a case's name says of its device; empty where there is only one.
  std::string name_of(const json& state) const {
    const auto at = numbers_.find(shown_json(state.at("device")));
    return numbers_.size() < 2 || at == numbers_.end() ? std::string() : fmt::format("Device={} ", at->second);
  }
  void add_to(json& identity) const;
  std::string names() const { return fmt::format("{}", fmt::join(shown_, ", ")); }

 private:
  std::map<std::string, std::string> numbers_;  ///< by the document's number: "NVIDIA H200", "NVIDIA H200 #2"
  std::vector<const json*> used_;
  std::vector<std::string> shown_;
};

/// Every axis with its whole value: the state's own name rounds numbers, and could be another's.
std::string axes_of(const json& state) {
  std::string text;
  for (const json& one : list_in(state, "axis_values"))
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", one.at("name").get<std::string>(),
                        one.at("value").is_string() ? one.at("value").get<std::string>() : shown_json(one.at("value")));
  return text;
}

bool is_skipped(const json& state) { return state.value("is_skipped", json(false)) == true; }

bool is_of_the_cpu(const Summaries& summaries) {
  return summaries.find("nv/cpu_only/sample_size") != nullptr && !summaries.has_time("mean");
}

SideCase case_of(const json& bench, const json& state, const Devices& devices, const std::filesystem::path& path) {
  SideCase one;
  one.op = bench.at("name").get<std::string>();
  one.problem = devices.name_of(state) + axes_of(state);
  while (one.problem.ends_with(' ')) one.problem.pop_back();
  one.name = one.problem.empty() ? one.op : one.op + " " + one.problem;
  const json why = state.value("skip_reason", json());
  const Summaries summaries(state);
  if (is_skipped(state)) {
    one.status = CaseStatus::skipped;
    one.reason = why.is_string() ? why.get<std::string>() : "nvbench gives no reason";
  } else if (is_of_the_cpu(summaries)) {
    one.status = CaseStatus::skipped;
    one.reason = "it measures the CPU alone, and a GPU's times are what is compared";
  } else {
    devices.expect_known(state);
    try {
      add_runs(one, summaries, path);
      one.remedy = thin_run_note(one.runs.front(), "measure with --min-samples 100 or more, in several processes");
    } catch (const std::invalid_argument& error) {
      one.status = CaseStatus::invalid;
      one.reason = error.what();
      one.runs.clear();
      one.by_mean.clear();
    }
  }
  return one;
}

/// Calls visit(bench, state) for each. What is wrong with one state is its own affair: `fault` is told, with which it
/// is.
void for_each_state(
    const json& document, const std::function<void(const json& bench, const json& state)>& visit,
    const std::function<void(const json& bench, const json& state, std::size_t number, const std::string&)>& fault =
        [](const json&, const json&, std::size_t, const std::string&) {}) {
  for (const json& bench : list_in(document, "benchmarks")) {
    std::size_t number = 0;
    for (const json& state : list_in(bench, "states")) {
      ++number;
      try {
        visit(bench, state);
      } catch (const json::exception& error) {
        fault(bench, state, number, plain(error));
      } catch (const ResultError& error) {
        fault(bench, state, number, error.what());
      }
    }
  }
}

Devices::Devices(const json& document) {
  std::set<std::string> measured;
  for_each_state(document, [&](const json&, const json& state) {
    if (!is_of_the_cpu(Summaries(state))) measured.insert(shown_json(state.at("device")));
  });
  std::map<std::string, int> alike;
  for (const json& device : list_in(document, "devices")) {
    const std::string id = shown_json(device.at("id"));
    if (measured.erase(id) == 0) continue;
    const std::string name = device.value("name", std::string("unknown"));
    const int count = ++alike[name];
    shown_.push_back(count == 1 ? name : fmt::format("{} #{}", name, count));
    numbers_[id] = shown_.back();
    used_.push_back(&device);
  }
}

void Devices::add_to(json& identity) const {
  for (std::size_t i = 0; i < used_.size(); ++i)
    for (const auto& [key, value] : used_[i]->items())
      if (key != "id") identity[used_.size() == 1 ? "device_" + key : fmt::format("device_{}_{}", i + 1, key)] = value;
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

  const Devices devices(document);
  json identity{{"kind", "cuda"}, {"metric", "GPU time"}};
  const json nvbench = version_of("nvbench", "string");
  identity["nvbench_version"] = nvbench.is_null() ? not_recorded(tool) : nvbench;
  for (const char* name : {"gpu_uuid", "mig", "vbios", "power_limit_w", "clock_policy", "driver", "cuda_driver_api",
                           "cuda_runtime", "cuda_compiled_with", "cpu_model"})
    identity[name] = not_recorded(tool);
  devices.add_to(identity);

  Side side;
  side.device_kind = "cuda";
  side.device = devices.names();
  side.fingerprint = {{"identity", identity},
                      {"covariates", json::object()},
                      {"informational", {{"argv", meta.is_object() ? meta.value("argv", json()) : json()}}}};
  std::string first_fault;
  std::size_t faults = 0;
  for_each_state(
      document,
      [&](const json& bench, const json& state) { side.cases.push_back(case_of(bench, state, devices, path)); },
      [&](const json& bench, const json&, std::size_t number, const std::string& what) {
        const std::string where = fmt::format("{}, state {}", shown_json(bench.at("name")), number);
        SideCase& one = side.cases.emplace_back();
        one.name = one.op = where;
        one.status = CaseStatus::invalid;
        one.reason = what;
        if (++faults == 1) first_fault = fmt::format("{}: {}", where, what);
      });
  if (faults > 0 && faults == side.cases.size()) throw ResultError(first_fault);
  const auto by_median = std::ranges::count(side.cases, "medians", &SideCase::figure);
  const auto by_mean = std::ranges::count(side.cases, figure_means, &SideCase::figure);
  side.description = fmt::format("{} {}, {} of {} states in one process, on {}", tool,
                                 nvbench.is_string() ? nvbench.get<std::string>() : "of an unknown version",
                                 by_mean == 0     ? "medians"
                                 : by_median == 0 ? "means"
                                                  : "medians, and means where there are no medians,",
                                 side.cases.size(), devices.names());
  return side;
}

const RegisterForeignFormat foreign_registered{{tool, {"gpu_time"}, matches, read}};

}  // namespace
}  // namespace kernelgate
