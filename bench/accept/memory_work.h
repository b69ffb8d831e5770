#pragma once
// The GPU's own memory: copies, reads, and whether it holds what was written.

#include <functional>
#include <vector>

#include "bench/accept/driver_gpu.h"
#include "harness/accept/measured.h"

namespace kernelgate::accept {

/// `most_bytes` are filled and read back, twice, the second time with every bit the other way round; 0: all that is
/// free but a tenth. `on_step` is called now and then with what is known so far. Errors  DriverError.
void measure_memory(const DriverGpu& gpu, const std::vector<OwnImage>& images, std::size_t most_bytes,
                    std::uint32_t seed, Memory& memory, const std::function<void()>& on_step);

}  // namespace kernelgate::accept
