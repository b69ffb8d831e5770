#include "harness/predict/replay/reason.h"

#include <array>

namespace kernelgate::predict {

const char* to_string(Reason reason) {
  static constexpr std::array<const char*, reason_count> words{"instruction issue",
                                                               "another warp's issue",
                                                               "arithmetic pipes",
                                                               "tensor pipe",
                                                               "special functions",
                                                               "shared memory",
                                                               "global loads",
                                                               "asynchronous copies",
                                                               "barriers",
                                                               "code that was not fetched yet",
                                                               "constants",
                                                               "TMA loads",
                                                               "mbarriers",
                                                               "the cluster's barrier",
                                                               "other blocks' shared memory"};
  return words[static_cast<std::size_t>(reason)];
}

}  // namespace kernelgate::predict
