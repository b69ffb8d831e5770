#pragma once
// The bulk stores of one thread, and what it has waited for.

#include <cstdint>
#include <vector>

#include "kernels/simt/host/async_engine.h"

namespace kernelgate::simt::executor {

class BulkGroups {
 public:
  /// A store of which the first step reads shared memory.
  void add(AsyncTicket ticket, const Operation& operation) { stores_.push_back({ticket, operation, committed_}); }
  void commit() { ++committed_; }
  /// Finishes all groups but the `pending` latest that were committed.
  void wait(AsyncEngine& engine, unsigned pending);
  /// The same, but only their reading.
  void wait_read(AsyncEngine& engine, unsigned pending);
  /// The thread returns: what it has to have waited for.
  ///
  /// Errors  Fault that names the store.
  void check_exit(const Thread& thread) const;
  void clear() {
    stores_.clear();
    committed_ = 0;
  }

 private:
  struct Store {
    AsyncTicket ticket;
    Operation operation;
    unsigned group;
    bool read = false;  ///< was waited for
  };
  bool covers(const Store& store, unsigned pending) const { return store.group + pending < committed_; }

  std::vector<Store> stores_;
  unsigned committed_ = 0;
};

void bulk_commit();
void bulk_wait(unsigned pending);
void bulk_wait_read(unsigned pending);

}  // namespace kernelgate::simt::executor
