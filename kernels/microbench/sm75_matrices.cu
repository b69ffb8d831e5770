// mma and ldmatrix: n0 rounds of products on one accumulator, and on eight that don't wait for each other.

#include "kernels/microbench/readings.h"

namespace kernelgate::sm75_matrices {
namespace {

using microbench::ClockedRun;
using Word = std::uint32_t;

template <int K>
SIMT_DEVICE void multiply(float (&d)[4], const Word (&a)[4], const Word (&b)[2]) {
  if constexpr (K == 16)
    simt::mma_m16n8k16(d, a, b);
  else
    simt::mma_m16n8k8(d, {a[0], a[1]}, {b[0]});
}

template <int K, int CHAINS>
SIMT_KERNEL(512)
void products(unsigned rounds, std::int64_t* readings) {
  float d[CHAINS][4] = {};
  const Word lane = simt::lane_idx();
  const Word a[4] = {lane, lane + 1, lane + 2, lane + 3}, b[2] = {lane, lane + 5};
  simt::sync_threads();
  const std::int64_t begin = simt::clock_cycles();
  SIMT_NO_UNROLL
  for (unsigned i = 0; i < rounds; ++i) {
    SIMT_UNROLL
    for (int turn = 0; turn < 4; ++turn) {
      SIMT_UNROLL
      for (int chain = 0; chain < CHAINS; ++chain) multiply<K>(d[chain], a, b);
    }
  }
  float sum = 0;
  SIMT_UNROLL
  for (int chain = 0; chain < CHAINS; ++chain) sum += d[chain][0] + d[chain][3];
  simt::sync_threads();
  const std::int64_t end = simt::clock_cycles();
  if (simt::thread_idx().x == 0) microbench::give(readings, end - begin, 0, sum > 1e30f ? 1 : 0);
}

/// n0 rounds of eight ldmatrix by each warp; of one that waits for the one before if n1.
SIMT_KERNEL(512) void matrix_loads(unsigned rounds, bool chained, std::int64_t* readings) {
  auto* rows = simt::dynamic_shared<char>();
  for (unsigned i = simt::thread_idx().x; i < 4096; i += simt::block_dim().x)
    simt::store_shared(reinterpret_cast<Word*>(rows) + i, 0u);
  simt::sync_threads();
  const unsigned at = simt::lane_idx() * 16;
  Word sum = 0, r[4];
  const std::int64_t begin = simt::clock_cycles();
  if (chained) {
    SIMT_NO_UNROLL
    for (unsigned i = 0; i < rounds; ++i) {
      simt::ldmatrix_x4(r, rows + (at + sum));
      sum = r[3];  // zero
    }
  } else {
    SIMT_NO_UNROLL
    for (unsigned i = 0; i < rounds; ++i) {
      SIMT_UNROLL
      for (unsigned j = 0; j < 8; ++j) {
        simt::ldmatrix_x4(r, rows + (at + 512 * j));
        sum |= r[0] | r[3];
      }
    }
  }
  simt::sync_threads();
  const std::int64_t end = simt::clock_cycles();
  if (simt::thread_idx().x == 0) microbench::give(readings, end - begin, 0, sum);
}

template <int K, int CHAINS>
microbench::Clocked product(const char* name) {
  return {name, 75, false, {1, 128, {2}}, 0, [](const ClockedRun& run, Stream stream) {
            simt::launch(products<K, CHAINS>, {{1}, {run.threads}, 0, "products"}, stream, run.n[0], run.readings);
          }};
}

const microbench::RegisterClocked these{
    simt::device_kind,
    {product<16, 1>("mma_16816_chain"),
     product<16, 8>("mma_16816_rate"),
     product<8, 1>("mma_1688_chain"),
     product<8, 8>("mma_1688_rate"),
     {"ldmatrix", 75, false, {1, 64, {2, 1}}, 0, [](const ClockedRun& run, Stream stream) {
        simt::launch(matrix_loads, {{1}, {run.threads}, 16384, "matrix_loads"}, stream, run.n[0], run.n[1] != 0,
                     run.readings);
      }}}};

}  // namespace
}  // namespace kernelgate::sm75_matrices
