#include "harness/sides/processor_time.h"

#include <algorithm>
#include <vector>

#include "harness/statistics/statistics.h"

namespace kernelgate {
namespace {

bool known(const SideCase& one) {
  return !one.runs.empty() &&
         std::ranges::all_of(one.runs, [](const RunSummary& run) { return run.processor.has_value(); });
}

bool spoilt(const SideCase& one) {
  std::vector<double> shares;
  for (const RunSummary& run : one.runs) shares.push_back(run.processor->preempted);
  return median(shares) > spoilt_share;
}

void take(SideCase& one) {
  for (RunSummary& run : one.runs) {
    run.median_s = run.processor->median_s;
    run.q1_s = run.processor->q1_s;
    run.q3_s = run.processor->q3_s;
    run.quantum_s = 0;      // of the wall's timer
    run.control_s.reset();  // it was timed by the wall
  }
}

}  // namespace

int use_processor_time(Side& base, Side& fresh) {
  int taken = 0;
  for (SideCase& now : fresh.cases) {
    const auto before = std::ranges::find(base.cases, now.name, &SideCase::name);
    if (before == base.cases.end() || !known(*before) || !known(now) || !(spoilt(*before) || spoilt(now))) continue;
    take(*before);
    take(now);
    ++taken;
  }
  return taken;
}

}  // namespace kernelgate
