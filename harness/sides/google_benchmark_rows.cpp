#include "harness/sides/google_benchmark_rows.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/sides/foreign.h"

namespace kernelgate {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> aggregate_kinds{"mean", "median", "stddev"};

bool says_what_it_is(const json& entry) { return entry.is_object() && entry.value("run_type", json()).is_string(); }

std::string row_text(const json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end()) return {};
  if (!found->is_string()) throw ResultError(fmt::format("its {} is {}, not a text", key, shown_json(*found)));
  return found->get<std::string>();
}

}  // namespace

GoogleBenchmarkRows::GoogleBenchmarkRows(const json& entries) {
  for (const json& entry : entries)
    if (entry.is_object() && !says_what_it_is(entry))
      if (const json name = entry.value("name", json()); name.is_string()) old_names_.insert(name.get<std::string>());
}

std::optional<GoogleBenchmarkRow> GoogleBenchmarkRows::row_of(const json& entry) const {
  if (!says_what_it_is(entry)) return old_row_of(entry);
  const bool aggregate = entry.at("run_type") == "aggregate";
  const std::string kind = aggregate ? row_text(entry, "aggregate_name") : "";
  if (aggregate && std::ranges::count(aggregate_kinds, kind) == 0) return std::nullopt;
  std::string name = row_text(entry, "run_name");
  if (name.empty()) {
    name = row_text(entry, "name");
    if (aggregate && name.ends_with("_" + kind)) name.resize(name.size() - kind.size() - 1);
  }
  if (name.empty()) throw ResultError("it has no name");
  return GoogleBenchmarkRow{name, kind};
}

std::optional<GoogleBenchmarkRow> GoogleBenchmarkRows::old_row_of(const json& entry) const {
  std::string name = row_text(entry, "run_name");
  if (name.empty()) name = row_text(entry, "name");
  if (name.empty()) throw ResultError("it has no name");
  // A benchmark may be called so, too; but then it counts its iterations.
  if ((name.ends_with("_BigO") || name.ends_with("_RMS")) && !entry.contains("iterations")) return std::nullopt;
  const auto known = [&](const std::string& stem, const char* suffix) { return old_names_.contains(stem + suffix); };
  for (const std::string_view kind : aggregate_kinds) {
    if (name.size() <= kind.size() + 1 || !name.ends_with(fmt::format("_{}", kind))) continue;
    const std::string stem = name.substr(0, name.size() - kind.size() - 1);
    // Written together. Without repetitions beside them all three are needed: there are functions that compute a mean.
    const bool together = known(stem, "_mean") && known(stem, "_stddev");
    if (together && (old_names_.contains(stem) || known(stem, "_median")))
      return GoogleBenchmarkRow{stem, std::string(kind)};
  }
  const bool repeated = known(name, "_mean") && known(name, "_stddev") && !entry.contains("repetition_index");
  return GoogleBenchmarkRow{name, "", repeated};
}

}  // namespace kernelgate
