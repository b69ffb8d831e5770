#pragma once
// A load to shared memory that an mbarrier counts: what TMA loads and bulk copies have in common.

#include <cstddef>
#include <cstdint>
#include <functional>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

struct SharedLoad {
  std::uint32_t bytes = 0;    ///< that the mbarrier gets
  std::size_t footprint = 0;  ///< bytes of shared memory from the destination on that it may touch
  unsigned alignment = 0;     ///< of the destination
  std::function<void(std::byte* shared)> poison;
  std::function<void(std::byte* shared)> land;
};

/// Poisons the destination now and lands when the rules allow.
///
/// Errors  Fault on what tma_load_* lists.
void issue_load(const Operation& operation, const SharedLoad& load, void* shared, void* mbarrier);
/// To the same offset of each block of the cluster whose bit is set. The blocks get it at different times.
void issue_multicast(const Operation& operation, const SharedLoad& load, void* shared, void* mbarrier,
                     std::uint16_t blocks);

}  // namespace kernelgate::simt::executor
