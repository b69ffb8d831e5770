#pragma once
// Why a warp did not issue its next instruction sooner.

#include <cstddef>

namespace kernelgate::predict {

enum class Reason {
  issue,
  scheduler,
  arithmetic,
  tensor,
  special,
  shared,
  global,
  async_copy,
  barrier,
  code,
  constants,
  tma,
  mbarrier,
  cluster,
  other_shared
};
inline constexpr std::size_t reason_count = 15;
const char* to_string(Reason);

}  // namespace kernelgate::predict
