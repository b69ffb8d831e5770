#include "bench/run/run_layout.h"

#include <map>
#include <numeric>
#include <utility>

#include "kernels/op/random.h"

namespace kernelgate {
namespace {

/// Fisher and Yates; std::shuffle differs between libraries.
template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[random.below(left)]);
}

}  // namespace

std::uint64_t layout_seed(std::uint64_t seed, int run) {
  Random mix(seed);
  Random drawn(mix.bits() + static_cast<std::uint64_t>(run));
  return (drawn.bits() >> 32) | 1u;
}

std::vector<std::size_t> run_order(const std::vector<Case>& cases, std::uint64_t seed) {
  std::vector<std::size_t> order(cases.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (seed == 0) return order;
  std::vector<std::vector<std::size_t>> groups;
  std::map<const AnyProblem*, std::size_t> group_of;
  for (std::size_t i : order) {
    const auto [at, is_new] = group_of.try_emplace(cases[i].problem.get(), groups.size());
    if (is_new) groups.emplace_back();
    groups[at->second].push_back(i);
  }
  Random random(seed);
  shuffle(groups, random);
  order.clear();
  for (auto& group : groups) {
    shuffle(group, random);
    order.insert(order.end(), group.begin(), group.end());
  }
  return order;
}

}  // namespace kernelgate
