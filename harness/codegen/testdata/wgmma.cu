// Recorded with nvcc 13.0.88: wgmma that ptxas serialises, and one that it does not. See record.sh.
#include <cstdint>

template <bool early>
__global__ void product(float* out, std::uint64_t a, std::uint64_t b) {
  float d[4] = {};
  for (int i = 0; i < 4; ++i) {
    asm volatile("wgmma.fence.sync.aligned;");
    asm volatile("wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {%0,%1,%2,%3}, %4, %5, 1, 1, 1, 0, 0;"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "l"(a), "l"(b));
    asm volatile("wgmma.commit_group.sync.aligned;");
    if constexpr (early) d[i] *= 2;  // touches an accumulator in flight
    if constexpr (!early) asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  }
  asm volatile("wgmma.wait_group.sync.aligned 0;");
  for (int i = 0; i < 4; ++i) out[threadIdx.x * 4 + i] = d[i];
}

void use(float* out) {
  product<true><<<1, 128>>>(out, 1, 2);
  product<false><<<1, 128>>>(out, 1, 2);
}
