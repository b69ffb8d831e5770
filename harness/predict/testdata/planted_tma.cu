// A warp that loads through TMA and a warpgroup that multiplies, and slower ones of the same: what planted_tma_test.cpp
// reads the machine code of. record.sh made planted_tma.sass of it.

#include <cstdint>

struct alignas(64) Map {
  char bytes[128];
};

__device__ unsigned shared_address(const void* at) { return static_cast<unsigned>(__cvta_generic_to_shared(at)); }

__device__ void wait(unsigned mbarrier, unsigned parity) {
  asm volatile(
      "{\n.reg .pred p;\nwaiting:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@p bra over;\nbra waiting;\n"
      "over:\n}" ::"r"(mbarrier),
      "r"(parity)
      : "memory");
}

__device__ void arrive(unsigned mbarrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(mbarrier) : "memory");
}

__device__ void load(unsigned into, const Map& map, unsigned mbarrier, int column, int row) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::"r"(
          into),
      "l"(&map), "r"(mbarrier), "r"(column), "r"(row)
      : "memory");
}

// A stage: 64 x 64 of A, 8 x 64 of B, a row 128 bytes. A box has 64 / BOXES rows.
template <int STAGES, int BARRIERS, int BOXES>
__global__ void __launch_bounds__(160)
    pipeline(const __grid_constant__ Map a_map, const __grid_constant__ Map b_map, float* to, int tiles) {
  extern __shared__ __align__(1024) char smem[];
  constexpr int stage_bytes = 72 * 128;
  const unsigned base = shared_address(smem), full = base + STAGES * stage_bytes, empty = full + STAGES * 8;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  if (threadIdx.x == 0) {
    for (int i = 0; i < STAGES; ++i) {
      asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(full + i * 8) : "memory");
      asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(empty + i * 8) : "memory");
    }
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  __syncthreads();
  if (warp == 4) {
    if (threadIdx.x % 32 != 0) return;
    for (int tile = 0; tile < tiles; ++tile) {
      const int stage = tile % STAGES;
      wait(empty + stage * 8, tile / STAGES % 2 ^ 1);
      asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(full + stage * 8), "r"(stage_bytes)
                   : "memory");
#pragma unroll
      for (int box = 0; box < BOXES; ++box)
        load(base + stage * stage_bytes + box * (8192 / BOXES), a_map, full + stage * 8, tile * 64,
             static_cast<int>(blockIdx.x) * 64 + box * (64 / BOXES));
      load(base + stage * stage_bytes + 8192, b_map, full + stage * 8, tile * 64, 0);
    }
    return;
  }
  float d[4] = {};
  for (int tile = 0; tile < tiles; ++tile) {
    const int stage = tile % STAGES;
    wait(full + stage * 8, tile / STAGES % 2);
#pragma unroll
    for (int i = 0; i < BARRIERS; ++i) asm volatile("bar.sync 1, 128;" ::: "memory");
    const unsigned from = base + stage * stage_bytes;
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      const std::uint64_t rest = std::uint64_t{1} << 62 | std::uint64_t{64} << 32;
      const std::uint64_t a = (from + k * 32) / 16 % 16384 | rest, b = (from + 8192 + k * 32) / 16 % 16384 | rest;
      asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0, %1, %2, %3}, %4, %5, 1, 1, 1, 0, 0;"
                   : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                   : "l"(a), "l"(b));
    }
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])::"memory");
    if (threadIdx.x == 0) arrive(empty + stage * 8);
  }
  to[blockIdx.x * 128 + threadIdx.x] = d[0] + d[1] + d[2] + d[3];
}

template __global__ void pipeline<8, 0, 1>(const __grid_constant__ Map, const __grid_constant__ Map, float*,
                                           int);  // as it should be
template __global__ void pipeline<2, 0, 1>(const __grid_constant__ Map, const __grid_constant__ Map, float*,
                                           int);  // six stages fewer
template __global__ void pipeline<8, 4, 1>(const __grid_constant__ Map, const __grid_constant__ Map, float*,
                                           int);  // barriers in the loop
template __global__ void pipeline<8, 0, 8>(const __grid_constant__ Map, const __grid_constant__ Map, float*,
                                           int);  // boxes of 1 KiB in place of 8
