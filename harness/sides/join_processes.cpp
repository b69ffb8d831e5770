#include "harness/sides/join_processes.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/check/fingerprint.h"

namespace kernelgate {
namespace {

bool same_figures(const Side& one, const Side& other) {
  const bool measured = std::ranges::any_of(one.cases, [](const SideCase& a) { return !a.runs.empty(); });
  return measured && std::ranges::equal(one.cases, other.cases, [](const SideCase& a, const SideCase& b) {
           return a.name == b.name && std::ranges::equal(a.runs, b.runs, [](const RunSummary& x, const RunSummary& y) {
                    return x.median_s == y.median_s && x.q1_s == y.q1_s && x.q3_s == y.q3_s;
                  });
         });
}

/// What can't be used in one process can't be used at all.
void add_case(SideCase& whole, const SideCase& part, const std::string& where) {
  if (whole.status != CaseStatus::measured) return;
  if (part.status != CaseStatus::measured) {
    whole.status = part.status;
    whole.reason = fmt::format("{}: {}", where, part.reason);
    whole.runs.clear();
    return;
  }
  if (part.figure != whole.figure) {
    const bool by_mean = !whole.by_mean.empty() && !part.by_mean.empty();
    if (!by_mean) {
      whole.status = CaseStatus::invalid;
      whole.reason = fmt::format("{}: it has {}, and the others {}", where, part.figure, whole.figure);
      whole.runs.clear();
      return;
    }
    whole.figure = figure_means;
    whole.runs = whole.by_mean;
    whole.runs.insert(whole.runs.end(), part.by_mean.begin(), part.by_mean.end());
  } else {
    whole.runs.insert(whole.runs.end(), part.runs.begin(), part.runs.end());
  }
  if (part.by_mean.empty()) whole.by_mean.clear();
  if (!whole.by_mean.empty()) whole.by_mean.insert(whole.by_mean.end(), part.by_mean.begin(), part.by_mean.end());
  if (whole.remedy.empty()) whole.remedy = part.remedy;
}

void add_process(Side& whole, const Side& part, const std::string& first, const std::string& where) {
  if (part.source != whole.source || part.source == "kernelgate")
    throw ResultError(fmt::format(
        "'{}' and '{}' can't be one side: only processes of one other tool are joined; 'kernelgate run --runs N' "
        "writes all of ours into one file",
        first, where));
  if (const auto differences = identity_differences(whole.fingerprint, part.fingerprint); !differences.empty())
    throw ResultError(fmt::format("'{}' and '{}' can't be one side: {}", first, where, differences.front()),
                      ExitCode::refused);
  std::map<std::string, const SideCase*> cases;
  for (const SideCase& one : part.cases) cases.emplace(one.name, &one);
  for (SideCase& one : whole.cases) {
    const auto found = cases.find(one.name);
    if (found == cases.end()) {
      SideCase lacking;
      lacking.status = CaseStatus::invalid;
      lacking.reason = "it has no such benchmark";
      add_case(one, lacking, where);
    } else {
      add_case(one, *found->second, where);
      cases.erase(found);
    }
  }
  for (const SideCase& one : part.cases)
    if (cases.contains(one.name)) {
      whole.cases.push_back(one);
      SideCase& added = whole.cases.back();
      if (added.status == CaseStatus::measured) added.reason = fmt::format("'{}' has no such benchmark", first);
      added.status = CaseStatus::invalid;
      added.runs.clear();
    }
}

}  // namespace

Side join_processes(std::vector<Side> parts, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_figures(parts[j], parts[i]))
        throw ResultError(fmt::format("'{}' and '{}' hold the same figures: one process counted twice is no evidence",
                                      names[j], names[i]));
  Side whole = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) add_process(whole, parts[i], names.front(), names[i]);
  whole.description = fmt::format("{} processes, the first {}", parts.size(), whole.description);
  return whole;
}

}  // namespace kernelgate
