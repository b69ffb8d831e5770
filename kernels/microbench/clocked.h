#pragma once
// Kernels that read the clock around what they do: the raw readings of the microbenchmarks (bench/silicon/measure).
//
// Each is compiled twice, as any kernel is. The host executor proves that they are right; what its clock says means
// nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/op/device.h"

namespace kernelgate::microbench {

/// What a run of such a kernel is to do.
struct ClockedRun {
  unsigned blocks = 1;
  unsigned threads = 32;
  std::array<unsigned, 4> n{};       ///< what each kernel says they are
  void* memory = nullptr;            ///< at a multiple of 256
  std::int64_t* readings = nullptr;  ///< four of each block, in clock cycles
};

struct Clocked {
  std::string name;
  int compute_capability = 75;
  bool that_alone = false;
  ClockedRun smallest = {};      ///< a run that a test can do; its pointers are null
  std::size_t memory_bytes = 0;  ///< of that run
  std::function<void(const ClockedRun&, Stream)> launch;
  DeviceKind device = DeviceKind::simt;
};

/// Those of the files that are linked, of both devices, in no order.
inline std::vector<Clocked>& clocked_kernels() {
  static std::vector<Clocked> all;
  return all;
}

/// `const RegisterClocked these{simt::device_kind, {...}};` at file scope.
struct RegisterClocked {
  RegisterClocked(DeviceKind device, std::vector<Clocked> those) {
    for (Clocked& one : those) {
      one.device = device;
      clocked_kernels().push_back(std::move(one));
    }
  }
};

/// Null where this build has none of that name for the device.
inline const Clocked* find_clocked(DeviceKind device, const std::string& name) {
  for (const Clocked& one : clocked_kernels())
    if (one.device == device && one.name == name) return &one;
  return nullptr;
}

}  // namespace kernelgate::microbench
