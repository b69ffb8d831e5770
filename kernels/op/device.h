#pragma once
// Where an implementation can run, and what it may ask about that place.

#include <cstddef>
#include <string>
#include <string_view>

struct CUstream_st;  // what cudaStream_t points to; declared here so that no CUDA header is needed

namespace kernelgate {

/// A CUDA stream; null on the CPU and on the host executor.
using Stream = CUstream_st*;

/// cuda: a GPU. cpu: CPU libraries. simt: our CUDA kernels executed on the host's cores, never timed.
enum class DeviceKind { cuda, cpu, simt };

constexpr std::string_view to_string(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::cuda:
      return "cuda";
    case DeviceKind::cpu:
      return "cpu";
    case DeviceKind::simt:
      return "simt";
  }
  return "unknown";
}

/// What `supports` and `prepare` may depend on.
///
/// Units  sizes in bytes; compute_capability is major * 10 + minor (90 for Hopper), 0 off the GPU.
struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int ordinal = 0;
  int compute_capability = 0;
  int multiprocessors = 0;
  std::size_t shared_bytes_per_block = 0;
  std::size_t l2_bytes = 0;
  double flop_per_s = 0;   ///< at most, of f16 products at the highest clock; 0: not known
  double bytes_per_s = 0;  ///< at most, of the device's memory; 0: not known
  int threads = 1;         ///< host threads that a CPU implementation or the host executor may use
  std::string name;
};

}  // namespace kernelgate
