#include "harness/baseline/stored_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "harness/baseline/baseline.h"
#include "harness/baseline/baseline_path.h"
#include "harness/judge/compare/comparability.h"

namespace kernelgate {
namespace {

bool same_control(const ControlSummary& a, const ControlSummary& b) {
  return a.name == b.name && a.night == b.night && a.first_s == b.first_s && a.last_s == b.last_s;
}

}  // namespace

void join_stored(Side& into, Side&& part) {
  into.description += (into.description.empty() ? "" : "; ") + part.description;
  into.provisional = into.provisional || part.provisional;
  into.expired = into.expired || part.expired;
  std::ranges::move(part.notes, std::back_inserter(into.notes));
  std::ranges::move(part.cases, std::back_inserter(into.cases));
  for (ControlSummary& control : part.controls)
    if (std::ranges::none_of(into.controls, [&](const ControlSummary& one) { return same_control(one, control); }))
      into.controls.push_back(std::move(control));
}

Side stored_side(const std::filesystem::path& folder, const Side& fresh, const CompareOptions& options,
                 const std::string& now_utc) {
  std::optional<Side> joined, other;
  for (const Baseline& baseline : read_own_baselines(folder, fresh.device, fresh.fingerprint)) {
    Side side = side_of(baseline, now_utc);
    if (!comparability(side, fresh, options.vary).undeclared.empty()) {
      other = std::move(side);
    } else if (!joined) {
      joined = std::move(side);
    } else {
      join_stored(*joined, std::move(side));
    }
  }
  if (joined) return *joined;
  if (other) return *other;
  Side none = fresh;
  none.cases.clear();
  none.controls.clear();
  none.description = fmt::format("no baseline of {} in {}", fresh.device, folder.string());
  return none;
}

}  // namespace kernelgate
