#include "kernels/simt/host/bulk_groups.h"

#include "kernels/simt/host/cluster.h"

namespace kernelgate::simt::executor {
namespace {

// A kernel that only waits for reads would keep its stores for ever. They may be over at any time, and then are.
constexpr std::size_t kept_stores = 64;

}  // namespace

void BulkGroups::wait(AsyncEngine& engine, unsigned pending) {
  std::erase_if(stores_, [&](const Store& store) {
    if (!covers(store, pending)) return false;
    engine.finish(store.ticket);
    return true;
  });
}

void BulkGroups::wait_read(AsyncEngine& engine, unsigned pending) {
  for (Store& store : stores_)
    if (covers(store, pending)) {
      engine.finish(store.ticket, 1);
      store.read = true;
    }
  while (stores_.size() > kept_stores && stores_.front().read) {
    engine.finish(stores_.front().ticket);
    stores_.erase(stores_.begin());
  }
}

void BulkGroups::check_exit(const Thread& thread) const {
  for (const Store& store : stores_)
    if (!store.read)
      fault(thread, store.operation,
            store.group == committed_
                ? "the thread returns and has not committed it: bulk_commit, then bulk_wait_read<0>"
                : "the thread returns and has not waited for it to read shared memory: bulk_wait_read<0> by the thread "
                  "that issued it");
}

void bulk_commit() { current_thread().bulk.commit(); }

void bulk_wait(unsigned pending) {
  Thread& thread = current_thread();
  thread.bulk.wait(thread.block->cluster().engine(), pending);
}

void bulk_wait_read(unsigned pending) {
  Thread& thread = current_thread();
  thread.bulk.wait_read(thread.block->cluster().engine(), pending);
}

}  // namespace kernelgate::simt::executor
