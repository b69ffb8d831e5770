// cp.async alone, and in one loop with ldmatrix and mma, as a matmul has them.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm80_copies {
namespace {

using microbench::ClockedRun;
using Word = std::uint32_t;

/// n0 copies of 16 bytes by each thread: until they are issued, and until they are there.
SIMT_KERNEL(512) void copies(const char* memory, unsigned count, std::int64_t* readings) {
  auto* shared = simt::dynamic_shared<char>();
  const unsigned t = simt::thread_idx().x, threads = simt::block_dim().x;
  simt::sync_threads();
  const std::int64_t begin = simt::clock_cycles();
  for (unsigned i = 0; i < count; ++i)
    simt::cp_async<16>(shared + (i % 2 * threads + t) * 16, memory + (i * threads + t) * 16);
  simt::cp_async_commit();
  const std::int64_t issued = simt::clock_cycles();
  simt::cp_async_wait<0>();
  simt::sync_threads();
  const std::int64_t end = simt::clock_cycles();
  if (t == 0) microbench::give(readings, issued - begin, end - begin);
}

/// n0 rounds of 4 copies, 4 ldmatrix_x4 and 16 products by each warp; those whose bit is set in n1.
SIMT_KERNEL(512) void mixed(const char* memory, unsigned rounds, unsigned which, std::int64_t* readings) {
  auto* shared = simt::dynamic_shared<char>();
  const unsigned t = simt::thread_idx().x, threads = simt::block_dim().x;
  float d[8][4] = {};
  Word a[4] = {1, 2, 3, 4}, sum = 0;
  const Word b[2] = {5, 6};
  for (unsigned i = t; i < 4096; i += threads) simt::store_shared(reinterpret_cast<Word*>(shared) + i, 0u);
  simt::sync_threads();
  const std::int64_t begin = simt::clock_cycles();
  SIMT_NO_UNROLL
  for (unsigned i = 0; i < rounds; ++i) {
    if ((which & 1) != 0) {
      SIMT_UNROLL
      for (unsigned j = 0; j < 4; ++j)
        simt::cp_async<16>(shared + 16384 + (j * threads + t) * 16, memory + (j * threads + t) * 16);
      simt::cp_async_commit();
      simt::cp_async_wait<1>();
    }
    SIMT_UNROLL
    for (unsigned j = 0; j < 4; ++j) {
      if ((which & 2) != 0) {
        simt::ldmatrix_x4(a, shared + (simt::lane_idx() * 16 + 512 * j));
        sum |= a[3];
      }
      if ((which & 4) != 0) {
        SIMT_UNROLL
        for (unsigned k = 0; k < 4; ++k) simt::mma_m16n8k16(d[2 * k % 8 + j % 2], a, b);
      }
    }
  }
  simt::cp_async_wait<0>();
  float total = 0;
  SIMT_UNROLL
  for (int i = 0; i < 8; ++i) total += d[i][0];
  simt::sync_threads();
  const std::int64_t end = simt::clock_cycles();
  if (t == 0) microbench::give(readings, end - begin, 0, static_cast<std::int64_t>(sum) + (total > 1e30f ? 1 : 0));
}

const microbench::RegisterClocked these{
    simt::device_kind,
    {{"cp_async",
      80,
      false,
      {1, 64, {2}},
      64 * 2 * 16,
      [](const ClockedRun& run, Stream stream) {
        simt::launch(copies, {{1}, {run.threads}, 2 * 512 * 16, "copies"}, stream, static_cast<const char*>(run.memory),
                     run.n[0], run.readings);
      }},
     {"mixed", 80, false, {1, 64, {2, 7}}, 64 * 4 * 16, [](const ClockedRun& run, Stream stream) {
        simt::launch(mixed, {{1}, {run.threads}, 16384 + 4 * 512 * 16, "mixed"}, stream,
                     static_cast<const char*>(run.memory), run.n[0], run.n[1], run.readings);
      }}}};

}  // namespace
}  // namespace kernelgate::sm80_copies
