// A loop of tiles through cp.async, ldmatrix and mma, and slower ones of the same: what planted_slowdowns_test.cpp
// reads the machine code of. record.sh made planted.sass of it.

#include <cstdint>

// A stage: 128 rows of 64 bytes, 16 of which are copied at a time.
template <int STAGES, int SPREAD, int BARRIERS, int BYTES>
__global__ void __launch_bounds__(128) pipeline(const char* from, float* to, int tiles) {
  extern __shared__ char smem[];
  const unsigned base = static_cast<unsigned>(__cvta_generic_to_shared(smem));
  const unsigned thread = threadIdx.x, lane = thread % 32;
  const char* mine = from + blockIdx.x * 8192ll * tiles + thread * 16;
  const auto load = [&](int tile) {
    if (tile < tiles) {
#pragma unroll
      for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int part = 0; part < 16 / BYTES; ++part) {
          const unsigned into = base + tile % STAGES * 8192 + i * 2048 + thread * 16 + part * BYTES;
          const char* at = mine + tile * 8192ll + i * 2048 + part * BYTES;
          if constexpr (BYTES == 16)
            asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(into), "l"(at) : "memory");
          else
            asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(into), "l"(at) : "memory");
        }
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  };
  float d[4] = {};
  for (int tile = 0; tile < STAGES - 1; ++tile) load(tile);
  for (int tile = 0; tile < tiles; ++tile) {
    asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2) : "memory");
    __syncthreads();
#pragma unroll
    for (int i = 0; i < BARRIERS; ++i) __syncthreads();
    load(tile + STAGES - 1);
#pragma unroll
    for (int k = 0; k < 4; ++k) {
      std::uint32_t a[4];
      // 16 bytes from row to row: the 8 rows of a matrix are in all banks. 128: they are in the same.
      const unsigned at = base + tile % STAGES * 8192 + lane * SPREAD + k * 16;
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(a[0]), "=r"(a[1]), "=r"(a[2]), "=r"(a[3])
                   : "r"(at)
                   : "memory");
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%4, %5}, "
          "{%0, %1, %2, %3};"
          : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]));
    }
  }
  to[blockIdx.x * 128 + thread] = d[0] + d[1] + d[2] + d[3];
}

template __global__ void pipeline<4, 16, 0, 16>(const char*, float*, int);   // as it should be
template __global__ void pipeline<2, 16, 0, 16>(const char*, float*, int);   // two stages fewer
template __global__ void pipeline<4, 128, 0, 16>(const char*, float*, int);  // bank conflicts
template __global__ void pipeline<4, 16, 1, 16>(const char*, float*, int);   // a barrier too many
template __global__ void pipeline<4, 16, 0, 4>(const char*, float*, int);    // 4 bytes at a time
