#pragma once
// The devices of this machine, as implementations see them.

#include <optional>
#include <string>

#include "kernels/op/device.h"

namespace kernelgate {

/// Cores that this process may run on, not those that the machine has.
int usable_cores();

Device cpu_device();
Device simt_device();

/// Nothing, and the reason why, where the GPU can't be used.
std::optional<Device> cuda_device(int ordinal, std::string& reason);

}  // namespace kernelgate
