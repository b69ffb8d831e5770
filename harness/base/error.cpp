#include "harness/base/error.h"

#include <algorithm>
#include <array>

namespace kernelgate {

ExitCode worse(ExitCode a, ExitCode b) {
  static constexpr std::array order{ExitCode::usage,      ExitCode::wrong,   ExitCode::invalid,      ExitCode::refused,
                                    ExitCode::regression, ExitCode::nothing, ExitCode::inconclusive, ExitCode::good};
  const auto rank = [](ExitCode code) { return std::ranges::find(order, code) - order.begin(); };
  return rank(a) <= rank(b) ? a : b;
}

}  // namespace kernelgate
