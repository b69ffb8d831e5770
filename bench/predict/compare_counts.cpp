#include "bench/predict/compare_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kernelgate {

std::string difference(const predict::BlockCounts& code, const simt::Counters& executor) {
  // The executor puts requests together by the k-th execution of a call (docs/simt.md), which lanes that go different
  // ways may have in different rounds: what depends on who is in a request is compared loosely.
  constexpr double loosely = 0.3;
  const struct {
    const char* what;
    std::uint64_t in_code, in_executor;
    double tolerance = 0;
  } pairs[] = {
      {"FLOP on Tensor Cores", code.tensor_flop, executor.tensor_flop},
      {"ldmatrix", code.matrix_loads, executor.ldmatrix},
      {"barriers of the block", code.block_barriers, executor.block_barriers},
      {"barriers with a number", static_cast<std::uint64_t>(std::llround(code.named_barriers)),
       executor.named_barriers},
      {"barriers of the cluster", code.cluster_barriers, executor.cluster_barriers},
      {"stmatrix", code.matrix_stores, executor.stmatrix},
      {"wgmma by warps", code.wgmma, 4 * executor.wgmma},
      {"waits for mbarriers", code.mbarrier_waits, executor.mbarrier_waits},
      {"bytes loaded by TMA", code.tma_read_bytes, executor.tma_read_bytes},
      {"bytes stored by TMA", code.tma_written_bytes, executor.tma_written_bytes},
      {"bytes by cp.async", code.async_bytes, executor.cp_async_bytes},
      {"bytes read from global memory", code.global_read_bytes, executor.global_read_bytes},
      {"bytes written to global memory", code.global_written_bytes, executor.global_written_bytes},
      {"sectors read", code.global_read_sectors, executor.global_read_sectors, loosely},
      {"sectors written", code.global_written_sectors, executor.global_written_sectors, loosely},
      {"passes over shared memory", code.shared_wavefronts, executor.shared_wavefronts, loosely},
  };
  for (const auto& one : pairs)
    if (std::fabs(static_cast<double>(one.in_code) - static_cast<double>(one.in_executor)) >
        one.tolerance * static_cast<double>(std::max(one.in_code, one.in_executor)))
      return fmt::format("{}: {} in the machine code, {} on the host executor", one.what, one.in_code, one.in_executor);
  return "";
}

}  // namespace kernelgate
