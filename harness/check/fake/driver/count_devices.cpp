// What the real CUDA runtime makes of the libcuda.so.1 that the loader finds: two codes on one line, of
// cudaGetDeviceCount and of cudaDriverGetVersion, and the version.
#include <cuda_runtime_api.h>

#include <cstdio>

int main() {
  int version = 0, count = 0;
  const cudaError_t of_version = cudaDriverGetVersion(&version);
  const cudaError_t of_count = cudaGetDeviceCount(&count);
  std::printf("%d %d %d\n", static_cast<int>(of_count), static_cast<int>(of_version), version);
}
