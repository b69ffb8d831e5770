#pragma once
// What a check must know of this build, and of the day.

#include <string>
#include <vector>

#include "harness/check/knowledge/compat_db.h"

namespace kernelgate {

struct CheckOptions {
  bool built_with_cuda = KERNELGATE_HAS_CUDA;
  std::vector<std::string> architectures;         ///< what our kernels were compiled for: "80", "90a"
  std::string today;                              ///< "2026-11-22"; empty: nothing is judged by its age
  int ordinal = 0;                                ///< the GPU that will be measured, as CUDA numbers them
  const CompatDb* compat = &CompatDb::shipped();  ///< what works with what; must outlive these options
};

}  // namespace kernelgate
