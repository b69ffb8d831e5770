#pragma once
// A bulk store: it reads shared memory first and writes global memory later, what TMA stores and bulk copies share.

#include <cstddef>
#include <functional>

#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

struct SharedStore {
  std::size_t footprint = 0;  ///< bytes of shared memory from the source on that it may read
  unsigned alignment = 0;     ///< of the source
  /// Given a copy of them whose address is the same modulo 1024.
  std::function<void(const std::byte* image)> write;
};

/// Adds it to the thread's current bulk group.
///
/// Errors  Fault on what tma_store_* lists.
void issue_store(const Operation& operation, const SharedStore& store, const void* shared);

}  // namespace kernelgate::simt::executor
