#pragma once
// A bulk load as tests of the engine need one: what cp.async.bulk does, with nothing checked but the rules that every
// asynchronous operation shares.

#include <cstring>
#include <memory>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/mbarrier_access.h"
#include "kernels/simt/simt.h"

namespace kernelgate::simt {

inline void fake_bulk_load(void* to, const void* from, std::uint32_t bytes, Mbarrier* mbarrier,
                           Where where = Where::current()) {
  using namespace executor;
  const Operation operation{"fake_bulk_load", where};
  Thread* issuer = &current_thread();
  Block* block = issuer->block->cluster().block_of(to);
  block->proxies().check_async(*issuer, operation, to, bytes, true);
  check_async_mbarrier(*issuer, operation, *block, mbarrier);
  std::memset(to, SharedMemory::poison, bytes);
  block->proxies().async_write(to, bytes);
  const auto land = [=] {
    std::memcpy(to, from, bytes);
    block->proxies().async_write(to, bytes);
    complete_tx(*block, *issuer, operation, mbarrier, bytes);
  };
  issuer->block->cluster().engine().issue({operation, issuer, 0, {land}, block});
}

/// A bulk store: its two steps read shared memory and write global memory.
inline executor::AsyncTicket fake_bulk_store(void* to, const void* from, std::uint32_t bytes,
                                             Where where = Where::current()) {
  using namespace executor;
  const Operation operation{"fake_bulk_store", where};
  Thread* issuer = &current_thread();
  issuer->block->proxies().check_async(*issuer, operation, from, bytes, false);
  const auto between = std::make_shared<std::vector<std::byte>>(bytes);
  const auto read = [=] { std::memcpy(between->data(), from, bytes); };
  const auto write = [=] { std::memcpy(to, between->data(), bytes); };
  return issuer->block->cluster().engine().issue({operation, issuer, 0, {read, write}, issuer->block, 1});
}

}  // namespace kernelgate::simt
