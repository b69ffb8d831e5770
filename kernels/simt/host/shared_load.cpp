#include "kernels/simt/host/shared_load.h"

#include <fmt/format.h>

#include <bit>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"

namespace kernelgate::simt::executor {
namespace {

// The block that runs, in whose shared memory both addresses must be.
Block& own_block(const Operation& operation, const void* shared, const void* mbarrier) {
  Block& block = *current_thread().block;
  const auto check_own = [&](const char* what, const void* at) {
    if (block.shared().contains(at, 1)) return;
    if (const Block* other = block.cluster().block_of(at); other != nullptr)
      fault(operation, fmt::format("the {} is in the shared memory of block {}, must be in its own", what,
                                   describe(other->index())));
    fault(operation, fmt::format("out of bounds: the {} is {}", what, block.shared().locate(at)));
  };
  check_own("destination", shared);
  check_own("mbarrier", mbarrier);
  return block;
}

// Everything is checked before anything is changed.
void check(const Operation& operation, const SharedLoad& load, Block& block, std::byte* shared, const void* mbarrier) {
  const Thread& issuer = current_thread();
  if (!block.shared().contains(shared, load.footprint))
    fault(operation, fmt::format("out of bounds: writes {} bytes {}", load.footprint, block.shared().locate(shared)));
  if (static_cast<std::size_t>(shared - block.shared().data()) % load.alignment != 0)
    fault(operation, fmt::format("misaligned: writes {}, must be at a multiple of {}", block.shared().locate(shared),
                                 load.alignment));
  check_async_mbarrier(issuer, operation, block, mbarrier);
  block.proxies().check_async(issuer, operation, shared, load.footprint, true);
}

void issue(const Operation& operation, const SharedLoad& load, Block& block, std::byte* shared, void* mbarrier) {
  Thread& issuer = current_thread();
  load.poison(shared);
  block.proxies().async_write(shared, load.footprint);
  AsyncOperation async;
  async.operation = operation;
  async.issuer = &issuer;
  async.touches = &block;
  async.steps.emplace_back(
      [&issuer, operation, &block, shared, mbarrier, bytes = load.bytes, footprint = load.footprint, land = load.land] {
        land(shared);
        block.proxies().async_write(shared, footprint);
        complete_tx(block, issuer, operation, mbarrier, bytes);
      });
  block.cluster().engine().issue(std::move(async));
}

}  // namespace

void issue_load(const Operation& operation, const SharedLoad& load, void* shared, void* mbarrier) {
  Block& block = own_block(operation, shared, mbarrier);
  auto* to = static_cast<std::byte*>(shared);
  check(operation, load, block, to, mbarrier);
  issue(operation, load, block, to, mbarrier);
}

void issue_multicast(const Operation& operation, const SharedLoad& load, void* shared, void* mbarrier,
                     std::uint16_t blocks) {
  const Block& mine = own_block(operation, shared, mbarrier);
  Cluster& cluster = mine.cluster();
  if (blocks == 0 || std::bit_width(blocks) > cluster.size())
    fault(operation, fmt::format("a mask of {:#x}, must name blocks of a cluster of {}", blocks, cluster.size()));
  const std::ptrdiff_t to = static_cast<std::byte*>(shared) - mine.shared().data();
  const std::ptrdiff_t counts = static_cast<std::byte*>(mbarrier) - mine.shared().data();
  const auto for_each = [&](auto act) {
    for (unsigned rank = 0; rank < cluster.size(); ++rank) {
      if ((blocks >> rank & 1) == 0) continue;
      Block& block = cluster.block(rank);
      std::byte* base = block.shared().data();
      act(operation, load, block, base + to, base + counts);
    }
  };
  for_each([](const Operation& o, const SharedLoad&, const Block& block, const std::byte*, const void*) {
    if (block.has_exited())
      fault(o, fmt::format("block {} (rank {}) has returned: its shared memory may be another block's",
                           describe(block.index()), block.rank()));
  });
  for_each(check);
  for_each(issue);
}

}  // namespace kernelgate::simt::executor
