#include "harness/accept/measured.h"

#include <algorithm>

namespace kernelgate::accept {

double median(std::vector<double> values) {
  const std::size_t middle = values.size() / 2;
  std::ranges::sort(values);
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Fact<double> sustained_flop_per_s(const Load& load) {
  std::vector<double> later;
  for (std::size_t i = load.samples.size() / 2; i < load.samples.size(); ++i)
    if (load.samples[i].flop_per_s > 0) later.push_back(load.samples[i].flop_per_s);
  if (later.empty()) return missing<double>("no second of steady load was measured");
  return {median(later), ""};
}

}  // namespace kernelgate::accept
