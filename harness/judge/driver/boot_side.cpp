#include "harness/judge/driver/boot_side.h"

#include <set>
#include <vector>

namespace kernelgate {

std::string boot_of(const Result& result) {
  std::set<std::string> boots;
  for (const CaseResult& one : result.cases)
    for (const CaseRun& run : one.runs) boots.insert(run.boot_id);
  if (boots.empty()) throw ResultError("no case was measured, so that nothing says in which boot it was");
  if (boots.contains("")) throw ResultError("it does not say in which boot it was measured");
  if (boots.size() > 1) throw ResultError("its runs are of several boots: measure each boot by itself");
  return *boots.begin();
}

Side side_of_boots(std::span<const Result> boots) {
  std::vector<ControlSummary> controls;
  for (const Result& one : boots)
    for (ControlSummary control : side_of(one).controls) {
      control.night = boot_of(one);
      controls.push_back(std::move(control));
    }
  Side side = side_of(merge_runs({boots.begin(), boots.end()}));
  side.controls = std::move(controls);
  return side;
}

}  // namespace kernelgate
