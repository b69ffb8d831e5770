#pragma once
// Microbenchmarks on a GPU.

#include <memory>

#include "bench/silicon/measure/microbenchmark.h"

namespace kernelgate::silicon {

/// Errors  HarnessError, DeviceError: the GPU can't be used.
std::unique_ptr<Bench> cuda_bench(const Device& gpu);

/// Seconds of a graph of so many calls of `work`, from event to event; the median of several.
double graph_seconds(const TimedWork& work, int launches);

}  // namespace kernelgate::silicon
