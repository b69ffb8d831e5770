// z = a x + y: a kernel as any compiler may bring it. nvcc -cubin -arch=sm_80 -o saxpy.cubin saxpy.cu

extern "C" __global__ void saxpy(const float* x, const float* y, float* z, float a, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) z[i] = a * x[i] + y[i];
}
