// The formats of other tools, and what reading them has in common.

#include "harness/sides/foreign.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/json/json_text.h"

namespace kernelgate {
namespace {

using nlohmann::json;

/// Cases that share a name are none that can be compared; the others are. What was skipped
/// stands for none that was not.
void keep_one_of_each(Side& side) {
  if (side.cases.empty())
    throw ResultError("it holds no benchmarks; a filter that matched none writes such a file: measure again");
  std::vector<SideCase> kept;
  std::map<std::string, std::size_t> index;
  std::set<std::string> twice;
  for (SideCase& one : side.cases) {
    const auto [at, is_new] = index.try_emplace(one.name, kept.size());
    if (is_new) {
      kept.push_back(std::move(one));
      continue;
    }
    SideCase& first = kept[at->second];
    if (one.status == CaseStatus::skipped) continue;
    if (first.status == CaseStatus::skipped) {
      first = std::move(one);
      continue;
    }
    first.status = CaseStatus::invalid;
    first.reason =
        fmt::format("'{}' is there twice, and nothing tells which is meant; give each its own name", one.name);
    first.runs.clear();
    first.by_mean.clear();
    twice.insert(one.name);
  }
  if (twice.size() == kept.size()) throw ResultError(kept.front().reason);
  side.cases = std::move(kept);
}

}  // namespace

NamedRegistry<ForeignFormat>& foreign_formats() {
  static NamedRegistry<ForeignFormat> all("format of another tool");
  return all;
}

const ForeignFormat* foreign_format(const json& document) {
  for (const ForeignFormat& format : foreign_formats().all())
    if (format.matches(document)) return &format;
  return nullptr;
}

Side read_foreign(const ForeignFormat& format, const json& document, const std::filesystem::path& path,
                  const std::string& metric) {
  const std::string chosen = metric.empty() ? std::string(format.metrics.front()) : metric;
  if (std::ranges::find(format.metrics, chosen) == format.metrics.end())
    throw ResultError(fmt::format("--metric {}: '{}' is a {} file, which has {}", metric, path.string(), format.name,
                                  fmt::join(format.metrics, ", ")));
  try {
    Side side = format.read(document, path, chosen);
    keep_one_of_each(side);
    side.source = format.name;
    side.description = fmt::format("{}: {}", path.string(), side.description);
    return side;
  } catch (const json::exception& error) {
    throw ResultError(fmt::format("'{}' is not a valid {} file: {}", path.string(), format.name, plain(error)));
  } catch (const ResultError& error) {
    throw ResultError(fmt::format("'{}' is not a {} file that can be used: {}", path.string(), format.name,
                                  std::string_view(error.what())));
  }
}

json not_recorded(std::string_view tool) {
  return {{"value", nullptr}, {"reason", fmt::format("{} does not record it", tool)}};
}

std::string shown_json(const json& value) {
  constexpr std::size_t longest = 40;
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  if (value.is_object()) return fmt::format("an object of {}", value.size());
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= longest ? text : text.substr(0, longest - 3) + "...";
}

}  // namespace kernelgate
