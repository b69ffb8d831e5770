// A run against what is stored for its device.

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_path.h"
#include "harness/baseline/stored_side.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;

/// Baselines of one environment and one build: their cases are judged as one suite, so that the correction for the
/// number of cases counts them all.
struct Group {
  Side base;
  std::set<std::string> ops;
};

std::string identity_text(const Baseline& one) {
  return one.fingerprint.is_object() ? one.fingerprint.value("identity", nlohmann::json()).dump() : "";
}

std::vector<Group> grouped(const std::vector<Baseline>& stored, const std::string& now) {
  std::map<std::string, std::size_t> index;
  std::vector<Group> groups;
  for (const Baseline& one : stored) {
    const auto [at, is_new] = index.try_emplace(one.device_kind + identity_text(one) + one.build.dump(), groups.size());
    Side side = side_of(one, now);
    if (is_new) {
      groups.push_back({side, {}});
      Side& base = groups.back().base;
      base.description.clear(), base.notes.clear(), base.cases.clear(), base.controls.clear();
    }
    join_stored(groups[at->second].base, std::move(side));
    groups[at->second].ops.insert(one.op);
  }
  return groups;
}

void add(KnownEqual& sum, const KnownEqual& part) {
  sum.compared += part.compared;
  sum.slower += part.slower;
  sum.faster += part.faster;
}

void add_text(std::string& to, const std::string& text) {
  if (to.find(text) == std::string::npos) to += (to.empty() ? "" : "; ") + text;
}

void add_new_ones(std::vector<std::string>& to, std::vector<std::string>& from) {
  for (std::string& text : from)
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

}  // namespace

Comparison compare_with_baselines(const std::vector<Baseline>& stored, const Result& fresh,
                                  const CompareOptions& options) {
  const Side all = side_of(fresh);
  std::vector<Group> groups = grouped(stored, fresh.started_utc);
  const auto with_cases = [&](const std::function<bool(const std::string&)>& wanted) {
    Side side = all;
    std::erase_if(side.cases, [&](const SideCase& one) { return !wanted(one.op); });
    return side;
  };
  Comparison whole;
  whole.new_description = all.description;
  std::vector<std::string> descriptions;
  const auto take = [&](Comparison part) {
    std::ranges::move(part.cases, std::back_inserter(whole.cases));
    add(whole.known_equal, part.known_equal);
    add_new_ones(whole.differences, part.differences);
    add_new_ones(whole.declared, part.declared);
    add_new_ones(whole.base_notes, part.base_notes);
    whole.base_expired = whole.base_expired || part.base_expired;
    add_new_ones(whole.also_differs, part.also_differs);
    add_text(whole.suite_shift, part.suite_shift);
    add_text(whole.environment_shift, part.environment_shift);
    add_text(whole.controls_unknown, part.controls_unknown);
    if (whole.controls.empty()) whole.controls = std::move(part.controls);
  };
  for (const Group& group : groups) {
    const Side now = with_cases([&](const std::string& op) { return group.ops.contains(op); });
    if (now.cases.empty() && options.subset) continue;
    descriptions.push_back(group.base.description);
    take(compare(group.base, now, options));
  }
  Side rest = with_cases([&](const std::string& op) {
    return std::ranges::none_of(groups, [&](const Group& group) { return group.ops.contains(op); });
  });
  if (!rest.cases.empty()) {
    Side nothing = rest;  // the same environment with no cases
    nothing.cases.clear();
    nothing.controls.clear();
    CompareOptions plain = options;
    plain.vary.clear();
    take(compare(nothing, rest, plain));
  }
  // As the run had them; then those that it lacks.
  std::map<std::string, std::size_t> order;
  for (const SideCase& one : all.cases) order.emplace(one.name, order.size());
  std::ranges::stable_sort(whole.cases, {}, [&](const CaseVerdict& one) {
    const auto at = order.find(one.name);
    return at == order.end() ? order.size() : at->second;
  });
  whole.base_description = fmt::format("{}", fmt::join(descriptions, "; "));
  return whole;
}

Comparison compare_with_baselines(const fs::path& folder, const Result& fresh, const CompareOptions& options) {
  Comparison comparison =
      compare_with_baselines(read_own_baselines(folder, fresh.device, fresh.fingerprint), fresh, options);
  if (comparison.base_description.empty())
    comparison.base_description = fmt::format("no baseline of {} in {}", fresh.device, folder.string());
  return comparison;
}

}  // namespace kernelgate
