#include "kernels/simt/host/memory_access.h"

#include <fmt/format.h>

namespace kernelgate::simt::executor {

void* dynamic_shared(const Operation& operation) {
  SharedMemory& shared = current_thread().block->shared();
  if (shared.size() == 0) fault(operation, "the block was launched without dynamic shared memory");
  return shared.data();
}

void fault_beside(const Operation& operation, const GuardedGlobal& tensor, const void* address, std::size_t bytes) {
  fault(operation, "out of bounds: " + describe(tensor, address, bytes));
}

void fault_global(const Operation& operation, const void* address, std::size_t bytes) {
  if (address == nullptr) fault(operation, "the address is null");
  if (current_thread().block->shared().contains(address, 1))
    fault(operation, "the address is in shared memory, this accesses global memory");
  fault(operation, fmt::format("misaligned: the address is {} bytes past a multiple of {}",
                               reinterpret_cast<std::uintptr_t>(address) % bytes, bytes));
}

}  // namespace kernelgate::simt::executor
