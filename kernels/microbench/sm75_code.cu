// Straight-line code, run twice: the first time a multiprocessor must fetch it.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm75_code {
namespace {

/// 4096 multiplications that each wait for the one before, 16 bytes of code each: 64 KiB.
SIMT_KERNEL(32) void code(float factor, std::int64_t* readings) {
  float value = factor;
  std::int64_t cycles[2] = {};
  SIMT_NO_UNROLL
  for (int round = 0; round < 2; ++round) {
    const std::int64_t begin = simt::clock_cycles();
    simt::sync_warp();
    SIMT_UNROLL
    for (int i = 0; i < 4096; ++i) value = simt::fma(value, factor, 1.0f);
    simt::sync_warp();
    // It waits for the value: else the clock is read while the chain goes on.
    cycles[round] = simt::clock_cycles() - begin + (value == 12345.0f ? 1 : 0);
  }
  if (simt::lane_idx() == 0) microbench::give(readings, cycles[0], cycles[1], static_cast<std::int64_t>(value));
}

const microbench::RegisterClocked these{
    simt::device_kind, {{"code_64k", 75, false, {1, 32, {}}, 0, [](const microbench::ClockedRun& run, Stream stream) {
                           simt::launch(code, {{run.blocks}, {32}, 0, "code"}, stream, 0.5f, run.readings);
                         }}}};

}  // namespace
}  // namespace kernelgate::sm75_code
