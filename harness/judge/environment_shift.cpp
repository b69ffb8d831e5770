// Whether the machine itself was slower or faster, as the controls of all cases saw it.

#include <cmath>

#include <fmt/format.h>

#include "harness/judge/compare.h"
#include "harness/judge/statistics.h"

namespace kernelgate {

std::string environment_shift(const std::vector<CaseVerdict>& cases) {
  std::size_t known = 0;
  std::vector<double> up, down;
  for (const CaseVerdict& one : cases) {
    if (!one.control_ratio) continue;
    ++known;
    const double move = std::log(*one.control_ratio);
    if (move > std::log1p(control_shift)) up.push_back(move);
    if (move < -std::log1p(control_shift)) down.push_back(move);
  }
  const bool slower = up.size() >= down.size();
  const std::vector<double>& most = slower ? up : down;
  if (most.empty() || 2 * most.size() < known) return {};
  return fmt::format(
      "the control, a fixed work measured beside the cases, took {:+.1f} % (median of {} of {} cases): the machine was "
      "{}; measure both again when it is quiet",
      100 * std::expm1(median(most)), most.size(), known, slower ? "slower" : "faster");
}

}  // namespace kernelgate
