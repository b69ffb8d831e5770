#pragma once
// What the host executor counted of a kernel, beside what the algorithm needs.

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "kernels/op/op.h"
#include "kernels/simt/host/counters.h"

namespace kernelgate {

/// What a kernel did by what its op needs at least; NaN where it needs nothing.
struct CounterRatios {
  double global_bytes = 0;         ///< read and written, as threads asked for them
  double global_sector_bytes = 0;  ///< read and written, in whole sectors, each once for each request of a warp
  double tensor_flop = 0;
  double bank_conflicts = 0;  ///< by all wavefronts of shared memory: the share that is lost
};

CounterRatios ratios(const simt::Counters& counters, const Work& work);

/// A line for each part of the GPU that the kernel used, and for each of the calls with the most bank conflicts.
std::vector<std::string> describe(const simt::Counters& counters, const simt::MemoryCalls& calls, const Work& work);

/// Adds `work`, `counters` (every one, by name), `ratios` and `calls` to a document; a ratio to nothing is null.
void add_counters(nlohmann::json& document, const simt::Counters& counters, const simt::MemoryCalls& calls,
                  const Work& work);

}  // namespace kernelgate
