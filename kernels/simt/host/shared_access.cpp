#include "kernels/simt/host/shared_access.h"

#include <fmt/format.h>

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {

void fault_shared(const Operation& operation, const void* address, std::size_t bytes) {
  const Block& block = *current_thread().block;
  if (block.shared().contains(address, bytes))
    fault(operation, fmt::format("misaligned: {} bytes {}, must be at a multiple of {}", bytes,
                                 block.shared().locate(address), bytes));
  if (const Block* other = block.cluster().block_of(address); other != nullptr)
    fault(operation, fmt::format("the address is in the shared memory of block {}: use load_cluster and store_cluster",
                                 describe(other->index())));
  fault(operation, fmt::format("out of bounds: {} bytes {}", bytes, block.shared().locate(address)));
}

}  // namespace kernelgate::simt::executor
