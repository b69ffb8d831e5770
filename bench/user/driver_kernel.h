#pragma once
// Launches a kernel of a file through CUDA's driver, which is opened when it is used.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/check/machine/symbol_source.h"
#include "kernels/op/op.h"
#include "kernels/simt/shape.h"

namespace kernelgate {

/// How a kernel is started, and with what.
struct DriverLaunch {
  simt::Dim3 grid, block, cluster;
  unsigned shared_bytes = 0;  ///< dynamic
  /// The parameters in order, each in the low bytes of its number: pointers, whole numbers, bits of floats.
  std::vector<std::uint64_t> parameters;
};

/// libcuda of this machine. Errors  DeviceError: there is none.
SymbolSource open_cuda_driver();

/// Loads the image into the context of GPU `ordinal`, which becomes current where none is, and returns what starts the
/// kernel on a stream. The image is unloaded with the launch.
///
/// Errors  DeviceError: a call that failed, with its name, the driver's error and what its compiler said.
Launch driver_launch(const SymbolSource& driver, int ordinal, const std::string& image, const std::string& file,
                     const std::string& kernel, DriverLaunch launch);

}  // namespace kernelgate
