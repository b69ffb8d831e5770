#pragma once
// This build, as result documents name it.

#include <nlohmann/json.hpp>

#include "bench/program/build_info.h"

namespace kernelgate {

inline nlohmann::json build_record() {
  const BuildInfo& build = build_info();
  return {{"version", build.version},
          {"commit", build.commit},
          {"dirty", build.dirty},
          {"build_type", build.build_type},
          {"compiler", build.compiler},
          {"nvcc", build.nvcc},
          {"architectures", build.architectures},
          {"sanitizers", build.sanitizers}};
}

}  // namespace kernelgate
