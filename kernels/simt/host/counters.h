#pragma once
// What kernels did, in figures that are the same on every run: bytes, sectors, bank conflicts, products, barriers.
//
// Counting costs time and is off unless somebody asks, through a CountersScope.

#include <cstdint>
#include <span>

#include "kernels/simt/host/memory_calls.h"

namespace kernelgate::simt {

/// Sums over the blocks of one or many launches.
///
/// Of memory only what goes through the vocabulary is seen. A request is what a warp's load or store
/// instruction asks for: the k-th execution of one call in the source by the lanes of a warp, between two
/// operations at which the whole warp meets.
///
/// Units   bytes as lanes asked for them, sectors of 32 bytes touched by a request, once each.
/// Source  banks: CUDA C++ Programming Guide, "Shared Memory" of compute capability 5.x, which later ones refer to.
struct Counters {
  std::uint64_t global_reads = 0;  ///< requests that read anything: loads, cp.async
  std::uint64_t global_read_bytes = 0;
  std::uint64_t global_read_sectors = 0;
  std::uint64_t global_writes = 0;
  std::uint64_t global_written_bytes = 0;
  std::uint64_t global_written_sectors = 0;
  std::uint64_t cp_async_bytes = 0;     ///< of global_read_bytes, by cp.async
  std::uint64_t tma_read_bytes = 0;     ///< of global_read_bytes, by bulk copies
  std::uint64_t tma_written_bytes = 0;  ///< of global_written_bytes, by bulk copies
  std::uint64_t atomics = 0;            ///< read-modify-write operations of single threads; no loads, which may poll

  std::uint64_t shared_loads = 0;   ///< requests
  std::uint64_t shared_stores = 0;  ///< requests
  std::uint64_t ldmatrix = 0;       ///< by a warp
  std::uint64_t stmatrix = 0;
  std::uint64_t shared_read_bytes = 0;
  std::uint64_t shared_written_bytes = 0;
  std::uint64_t shared_wavefronts = 0;      ///< passes over the banks for all of these and for what cp.async writes
  std::uint64_t shared_load_conflicts = 0;  ///< of the wavefronts, those beyond what the request needs at best
  std::uint64_t shared_store_conflicts = 0;
  std::uint64_t ldmatrix_conflicts = 0;
  std::uint64_t stmatrix_conflicts = 0;
  std::uint64_t cp_async_conflicts = 0;

  std::uint64_t mma_m16n8k8 = 0;  ///< by a warp
  std::uint64_t mma_m16n8k16 = 0;
  std::uint64_t wgmma = 0;        ///< by a warpgroup
  std::uint64_t tensor_flop = 0;  ///< of all of these; a multiplication and its addition are 2

  std::uint64_t block_barriers = 0;  ///< times that a block met at sync_threads
  std::uint64_t named_barriers = 0;  ///< times that a named barrier completed
  std::uint64_t warp_barriers = 0;   ///< times that a warp met at sync_warp
  std::uint64_t cluster_barriers = 0;
  std::uint64_t mbarrier_waits = 0;  ///< by single threads; a wait that polls is one

  std::uint64_t bank_conflicts() const {
    return shared_load_conflicts + shared_store_conflicts + ldmatrix_conflicts + stmatrix_conflicts +
           cp_async_conflicts;
  }
  Counters& operator+=(const Counters& other);
  Counters& operator-=(const Counters& other);
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// One of the counters, under the name that it has in documents.
struct CounterField {
  const char* name;
  std::uint64_t Counters::*value;
};

/// All of them, in the order above: for whoever prints or adds them.
std::span<const CounterField> counter_fields();

/// While one lives, launches of the whole process are counted; scopes may be nested. A launch that ends with
/// a Fault counts nothing, since how far its other blocks came is chance.
class CountersScope {
 public:
  CountersScope();
  ~CountersScope();
  CountersScope(const CountersScope&) = delete;
  CountersScope& operator=(const CountersScope&) = delete;

  /// Of the launches that ended since the scope began.
  Counters counters() const;
  /// The same launches' access to memory, by the call in the source that made it.
  MemoryCalls calls() const;

 private:
  Counters before_;
  MemoryCalls calls_before_;
};

namespace executor {

bool counting();
/// What a launch did, when it has ended well.
void add_counters(const Counters& launch, const MemoryCalls& calls);

}  // namespace executor
}  // namespace kernelgate::simt
