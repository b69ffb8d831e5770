// Recorded with nvcc 13.0.88: a kernel that spills, a function that is not inlined and spills, shared memory,
// overloads that only their parameters tell apart. See record.sh.
namespace recorded {
namespace {

enum class Layout { nt, nn };
template <int size_, bool wide>
struct Policy {
  static constexpr int size = size_;
};

__device__ __noinline__ float helper(const float* x, int n) {
  float s[20], sum = 0;
  for (int i = 0; i < 20; ++i) s[i] = x[i * n];
  for (int i = 0; i < 20; ++i) s[i] = s[i] * s[(i * 7 + 1) % 20] + x[i];
  for (int i = 0; i < 20; ++i) sum += s[i];
  return sum;
}

template <class P, Layout layout>
__global__ void spilling(const float* x, float* y, int n) {
  float s[P::size];
  for (int i = 0; i < P::size; ++i) s[i] = x[threadIdx.x + i * n];
  for (int i = 0; i < P::size; ++i) s[i] = s[i] * s[(i * 7 + 1) % P::size] + x[i];
  for (int i = 0; i < P::size; ++i) y[threadIdx.x + i * n] = s[i];
}

__global__ void calling(const float* x, float* y, int n) { y[threadIdx.x] = helper(x, n); }

}  // namespace

__global__ void shared_tile(const float* x, float* y) {
  __shared__ float tile[256];
  tile[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x > 2) y[threadIdx.x] = tile[255 - threadIdx.x];
}
__global__ void shared_tile(const int* x, int* y) { y[threadIdx.x] = x[threadIdx.x]; }

void use(const float* x, float* y) {
  spilling<Policy<16, true>, Layout::nn><<<1, 32>>>(x, y, 1);
  calling<<<1, 32>>>(x, y, 1);
}

}  // namespace recorded
