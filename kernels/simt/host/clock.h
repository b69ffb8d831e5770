#pragma once
// Time, sleep and trap on the host.

#include <cstdint>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

std::int64_t clock_cycles();
void nanosleep(const Operation& operation, std::uint32_t nanoseconds);
[[noreturn]] void trap(const Operation& operation);

}  // namespace kernelgate::simt::executor
