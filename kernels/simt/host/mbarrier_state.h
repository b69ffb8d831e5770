#pragma once
// What stands behind each mbarrier in a block's shared memory.
//
// The state is kept beside the memory, by offset. The 8 bytes themselves hold a pattern, so that a kernel that
// writes over them is told so.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kernels/simt/host/async_engine.h"
#include "kernels/simt/host/fault.h"

namespace kernelgate::simt::executor {

/// A thread that waits for the end of `phase`; on its own stack.
struct MbarrierWaiter {
  Thread* thread;
  std::uint64_t phase;
};

struct MbarrierState {
  static constexpr std::int64_t most = (1 << 20) - 1;  ///< arrivals, and bytes either way

  std::uint32_t count = 0;    ///< arrivals that a phase takes
  std::uint32_t pending = 0;  ///< that are still to come
  std::int64_t bytes = 0;     ///< expected minus arrived
  std::uint64_t phase = 0;    ///< that is going on; its lowest bit is the parity that waits take
  std::uint64_t seen = 0;     ///< phases that some thread knows to be over
  std::vector<MbarrierWaiter*> waiters;
  /// The latest of bytes, and of arrivals from other blocks: phases up to this one need somebody who waits for them.
  struct FromOutside {
    std::uint64_t phases = 0;
    std::uint64_t cluster_phase = 0;
    Operation operation;
  };
  FromOutside last_bytes, last_arrival;
  Operation made;
  const Thread* maker = nullptr;
  std::uint64_t maker_init_fences = 0;  ///< that its maker had executed before
  std::uint64_t maker_proxy_fences = 0;

  bool is_over(std::uint32_t parity) const { return (phase & 1) != (parity & 1); }
  /// "phase 3 (parity 1), 1 of 2 arrivals and 8192 bytes missing"
  std::string describe() const;
};

class MbarrierTable {
 public:
  void begin(Block& block);

  /// Errors  Fault of `thread`: not 8 bytes of the block's shared memory at a multiple of 8; one lives there already; a
  ///         count outside 1 .. 2^20 - 1.
  void init(Thread& thread, const Operation& operation, void* at, std::uint32_t count);
  void invalidate(Thread& thread, const Operation& operation, void* at);
  /// The live mbarrier there.
  ///
  /// Errors  Fault of `thread`: there is none, or something was written over it.
  MbarrierState& find(const Thread& thread, const Operation& operation, const void* at);

  /// Each may end the phase, which makes those who wait for it ready.
  ///
  /// Errors  Fault of `thread`: more arrivals or bytes than the phase takes, or than an mbarrier can count.
  void arrive(const Thread& thread, const Operation& operation, const void* at);
  void expect(const Thread& thread, const Operation& operation, const void* at, std::int64_t bytes);
  void complete(const Thread& thread, const Operation& operation, const void* at, std::int64_t bytes);

  /// What may still be under way to one of them when the block ends, because nobody has waited for it; empty if
  /// nothing.
  std::string left_over() const;
  /// "mbarrier at offset 16"
  std::string locate(const void* at) const;

 private:
  void end_phase_if_complete(const Thread& thread, const Operation& operation, const void* at, MbarrierState& state);

  Block* block_ = nullptr;
  std::map<std::uint32_t, MbarrierState> live_;  // by offset
};

}  // namespace kernelgate::simt::executor
