#include "harness/judge/stored_side.h"

#include <fmt/format.h>

#include <iterator>
#include <optional>

#include "harness/judge/baseline.h"
#include "harness/judge/comparability.h"

namespace kernelgate {

Side stored_side(const std::filesystem::path& folder, const Side& fresh, const CompareOptions& options) {
  std::optional<Side> joined, other;
  for (const Baseline& baseline : read_baselines(folder, fresh.device)) {
    Side side = side_of(baseline);
    if (!comparability(side, fresh, options.vary).undeclared.empty()) {
      other = std::move(side);
    } else if (!joined) {
      joined = std::move(side);
    } else {
      joined->description += "; " + side.description;
      std::ranges::move(side.cases, std::back_inserter(joined->cases));
      std::ranges::move(side.controls, std::back_inserter(joined->controls));
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
