// wgmma of several n: n0 rounds of four products in one group, of one warpgroup or two.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm90a_wgmma {
namespace {

using microbench::ClockedRun;
using Word = std::uint32_t;

// A of a warpgroup: 64 rows of 128 bytes; B: 256.
constexpr unsigned a_bytes = 64 * 128, b_bytes = 256 * 128, shared_bytes = 2 * a_bytes + b_bytes;

/// From global memory, so that the data's kind counts.
SIMT_DEVICE void fill(char* smem, const char* memory) {
  for (unsigned i = simt::thread_idx().x * 16; i < shared_bytes; i += simt::block_dim().x * 16)
    simt::store_shared(reinterpret_cast<simt::Vec4*>(smem + i), simt::load_global_16(memory + i));
  simt::fence_proxy_async();
  simt::sync_threads();
}

/// `pause` cycles of rest after each group.
template <int N, bool RS>
SIMT_KERNEL(256, 1)
void rate(const char* memory, unsigned rounds, unsigned pause, std::int64_t* readings) {
  auto* smem = simt::dynamic_shared<char>();
  fill(smem, memory);
  const simt::SmemDescriptor a =
      simt::smem_descriptor(smem + simt::warp_idx() / 4 * a_bytes, simt::Swizzle::bytes_128, 1024);
  const simt::SmemDescriptor b = simt::smem_descriptor(smem + 2 * a_bytes, simt::Swizzle::bytes_128, 1024);
  float d[N / 2] = {};
  Word registers[4] = {1, 2, 3, 4};
  const std::int64_t begin = simt::clock_cycles();
  SIMT_NO_UNROLL
  for (unsigned i = 0; i < rounds; ++i) {
    simt::wgmma_fence();
    SIMT_UNROLL
    for (unsigned k = 0; k < 4; ++k) {
      if constexpr (RS)
        simt::wgmma_m64nNk16<N>(d, registers, simt::advance(b, 32 * k), true);
      else
        simt::wgmma_m64nNk16<N>(d, simt::advance(a, 32 * k), simt::advance(b, 32 * k), true);
    }
    simt::wgmma_commit();
    simt::wgmma_wait<0>(d);
    if (pause == 0) continue;
    const std::int64_t rest = simt::clock_cycles();
    while (simt::clock_cycles() - rest < static_cast<std::int64_t>(pause)) simt::nanosleep(20);
  }
  const std::int64_t end = simt::clock_cycles();
  float sum = 0;
  SIMT_UNROLL
  for (int i = 0; i < N / 2; ++i) sum += d[i];
  if (simt::thread_idx().x == 0) microbench::give(readings, end - begin, 0, sum > 1e30f ? 1 : 0);
}

/// One group of all: n0 rounds of four products with nothing waited for in between.
template <int N, bool RS>
SIMT_KERNEL(256, 1)
void one_group(const char* memory, unsigned rounds, std::int64_t* readings) {
  auto* smem = simt::dynamic_shared<char>();
  fill(smem, memory);
  const simt::SmemDescriptor a =
      simt::smem_descriptor(smem + simt::warp_idx() / 4 * a_bytes, simt::Swizzle::bytes_128, 1024);
  const simt::SmemDescriptor b = simt::smem_descriptor(smem + 2 * a_bytes, simt::Swizzle::bytes_128, 1024);
  float d[N / 2] = {};
  Word registers[4] = {1, 2, 3, 4};
  const std::int64_t begin = simt::clock_cycles();
  SIMT_NO_UNROLL
  for (unsigned i = 0; i < rounds; ++i) {
    simt::wgmma_fence();  // ptxas would put one here
    SIMT_UNROLL
    for (unsigned k = 0; k < 4; ++k) {
      if constexpr (RS)
        simt::wgmma_m64nNk16<N>(d, registers, simt::advance(b, 32 * k), true);
      else
        simt::wgmma_m64nNk16<N>(d, simt::advance(a, 32 * k), simt::advance(b, 32 * k), true);
    }
  }
  simt::wgmma_commit();
  const std::int64_t issued = simt::clock_cycles();
  simt::wgmma_wait<0>(d);
  const std::int64_t end = simt::clock_cycles();
  float sum = 0;
  SIMT_UNROLL
  for (int i = 0; i < N / 2; ++i) sum += d[i];
  if (simt::thread_idx().x == 0) microbench::give(readings, issued - begin, end - begin, sum > 1e30f ? 1 : 0);
}

template <int N, bool RS>
microbench::Clocked grouped() {
  return {std::string(RS ? "wgmma_rs_n" : "wgmma_ss_n") + std::to_string(N),
          90,
          true,
          {1, 128, {2}},
          shared_bytes,
          [](const ClockedRun& run, Stream stream) {
            simt::launch(one_group<N, RS>, {{run.blocks}, {run.threads}, shared_bytes, "one_group"}, stream,
                         static_cast<const char*>(run.memory), run.n[0], run.readings);
          }};
}

// n1: the pause.
const microbench::RegisterClocked these{
    simt::device_kind,
    {grouped<8, false>(),
     grouped<16, false>(),
     grouped<32, false>(),
     grouped<64, false>(),
     grouped<128, false>(),
     grouped<256, false>(),
     grouped<8, true>(),
     grouped<16, true>(),
     grouped<32, true>(),
     grouped<64, true>(),
     grouped<128, true>(),
     grouped<256, true>(),
     {"wgmma_sustained", 90, true, {1, 256, {2, 0}}, shared_bytes, [](const ClockedRun& run, Stream stream) {
        simt::launch(rate<128, false>, {{run.blocks}, {256}, shared_bytes, "rate"}, stream,
                     static_cast<const char*>(run.memory), run.n[0], run.n[1], run.readings);
      }}}};

}  // namespace
}  // namespace kernelgate::sm90a_wgmma
