#pragma once
// Access to the shared memory of other blocks of the cluster.

#include <cstddef>

#include "kernels/simt/host/block.h"

namespace kernelgate::simt::executor {

void* map_shared_rank(const Operation& operation, const void* own, unsigned rank);
void load_cluster(const Operation& operation, const void* mapped, void* value, std::size_t bytes);
void store_cluster(const Operation& operation, void* mapped, const void* value, std::size_t bytes);
/// `bytes` are at most 16.
void st_async(const Operation& operation, void* mapped, const void* value, std::size_t bytes, void* mbarrier);

}  // namespace kernelgate::simt::executor
