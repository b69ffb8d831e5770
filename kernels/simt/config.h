#pragma once
// Which side this compilation is: nvcc's, for a GPU, or the C++ compiler's, for the host executor.

#include "kernels/op/device.h"

#if defined(__CUDACC__)
#define SIMT_ON_GPU 1
#define SIMT_SIDE gpu
/// Before `void name(Params)`; the arguments are those of __launch_bounds__: most threads of a block
/// and, optionally, the least blocks of a multiprocessor.
#define SIMT_KERNEL(...) static __global__ __launch_bounds__(__VA_ARGS__)
/// Before a function that kernels call.
#define SIMT_DEVICE __device__ __forceinline__
/// Before a function that kernels and the code that launches them call. No simt:: calls inside.
#define SIMT_HOST_DEVICE __host__ __device__ __forceinline__
/// Before a loop whose trip count is a constant, as `#pragma unroll`, which g++ does not know.
#define SIMT_UNROLL _Pragma("unroll")
/// Before a loop that is to stay one.
#define SIMT_NO_UNROLL _Pragma("unroll 1")
/// The compute capability that code is made for, times ten. nvcc's first pass, for the host, makes none: there
/// everything is spelt out.
#if defined(__CUDA_ARCH__)
#define SIMT_ARCH (__CUDA_ARCH__ / 10)
#else
#define SIMT_ARCH 9999
#endif
/// After `const` in a kernel's parameter whose address the kernel takes: `const SIMT_GRID_CONSTANT TensorMap map`.
#define SIMT_GRID_CONSTANT __grid_constant__
#else
#define SIMT_ON_GPU 0
#define SIMT_SIDE host
#define SIMT_KERNEL(...) [[maybe_unused]] static
#define SIMT_DEVICE inline
#define SIMT_HOST_DEVICE inline
#define SIMT_UNROLL
#define SIMT_NO_UNROLL
#define SIMT_GRID_CONSTANT
#include <source_location>
#endif

namespace kernelgate::simt {
inline namespace SIMT_SIDE {

#if SIMT_ON_GPU
/// The kind of device that this compilation of a kernel file is for: what it registers itself with.
inline constexpr DeviceKind device_kind = DeviceKind::cuda;

/// Where an operation was called, for the host's error texts: nothing on a GPU.
struct Where {
  static constexpr SIMT_DEVICE Where current() { return {}; }
};

namespace detail {
/// In place of an instruction that this architecture does not have: the kernel ends with an error.
SIMT_DEVICE void needs_later_architecture() { __trap(); }
/// A shared memory address as PTX's .shared instructions take it.
SIMT_DEVICE unsigned shared_address(const void* at) { return static_cast<unsigned>(__cvta_generic_to_shared(at)); }
}  // namespace detail
#else
inline constexpr DeviceKind device_kind = DeviceKind::simt;
using Where = std::source_location;
#endif

}  // namespace SIMT_SIDE
}  // namespace kernelgate::simt
