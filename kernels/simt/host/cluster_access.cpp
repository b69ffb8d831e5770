#include "kernels/simt/host/cluster_access.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"

namespace kernelgate::simt::executor {
namespace {

Block& reach_aligned(const Operation& operation, const void* mapped, std::size_t bytes) {
  const Thread& thread = current_thread();
  Block& block = thread.block->cluster().reach(thread, operation, mapped, bytes);
  if (reinterpret_cast<std::uintptr_t>(mapped) % bytes != 0)
    fault(operation, fmt::format("misaligned: {} bytes {}", bytes, block.shared().locate(mapped)));
  return block;
}

}  // namespace

void* map_shared_rank(const Operation& operation, const void* own, unsigned rank) {
  const Block& block = *current_thread().block;
  const Cluster& cluster = block.cluster();
  if (rank >= cluster.size()) fault(operation, fmt::format("rank {}, the cluster has {} blocks", rank, cluster.size()));
  if (!block.shared().contains(own, 1))
    fault(operation, fmt::format("out of bounds: the address is {}", block.shared().locate(own)));
  return cluster.block(rank).shared().data() + (static_cast<const std::byte*>(own) - block.shared().data());
}

void load_cluster(const Operation& operation, const void* mapped, void* value, std::size_t bytes) {
  reach_aligned(operation, mapped, bytes);
  std::memcpy(value, mapped, bytes);
}

void store_cluster(const Operation& operation, void* mapped, const void* value, std::size_t bytes) {
  Block& block = reach_aligned(operation, mapped, bytes);
  std::memcpy(mapped, value, bytes);
  block.proxies().generic_write(current_thread(), operation, mapped, bytes);
}

void st_async(const Operation& operation, void* mapped, const void* value, std::size_t bytes, void* mbarrier) {
  Thread* issuer = &current_thread();
  Cluster& cluster = issuer->block->cluster();
  Block& block = reach_aligned(operation, mapped, bytes);
  if (!block.shared().contains(mbarrier, 8))
    fault(operation,
          fmt::format("the mbarrier must be in the same block {} as what is written", describe(block.index())));
  check_async_mbarrier(*issuer, operation, block, mbarrier);
  std::array<std::byte, 16> copy{};
  std::memcpy(copy.data(), value, bytes);
  std::memset(mapped, SharedMemory::poison, bytes);
  block.proxies().async_write(mapped, bytes);
  const auto land = [=, &block] {
    std::memcpy(mapped, copy.data(), bytes);
    block.proxies().async_write(mapped, bytes);
    complete_tx(block, *issuer, operation, mbarrier, static_cast<std::uint32_t>(bytes));
  };
  cluster.engine().issue({operation, issuer, 0, {land}, &block});
}

}  // namespace kernelgate::simt::executor
