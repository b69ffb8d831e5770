#include "bench/run/sides/side_by_side.h"

#include <fmt/format.h>

#include "harness/sides/side.h"

namespace kernelgate {
namespace {

/// Its cases, named as those of any other implementation.
Side side_of_implementation(const Result& result, const std::string& implementation) {
  Side side = side_of(result);
  std::erase_if(side.cases, [&](const SideCase& one) { return one.implementation != implementation; });
  for (SideCase& one : side.cases) one.name = fmt::format("{}/{}/{}", one.op, one.problem, one.state);
  side.description = implementation;
  return side;
}

}  // namespace

Comparison compare_implementations(const Result& result, const std::string& base, const std::string& other,
                                   CompareOptions options) {
  options.same_night = true;
  options.subset = true;
  return compare(side_of_implementation(result, base), side_of_implementation(result, other), options);
}

}  // namespace kernelgate
