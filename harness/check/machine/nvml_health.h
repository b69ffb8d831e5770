#pragma once
// What NVML counts of a GPU's memory errors, and of its heat.

#include "harness/check/machine/gpu.h"
#include "harness/check/machine/nvml.h"

namespace kernelgate {

void read_memory_health(const nvml::Api& api, nvml::Handle device, Gpu& gpu);
void read_temperatures(const nvml::Api& api, nvml::Handle device, Gpu& gpu);

}  // namespace kernelgate
