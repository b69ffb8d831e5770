#pragma once
// What one warp executed, in order.

#include <array>
#include <cstdint>
#include <vector>

namespace kernelgate::predict {

/// What an instruction asked of memory.
///
/// Units  sectors of 32 bytes; wavefronts: passes over the banks of shared memory.
struct Access {
  std::uint32_t first_sector = 0;  ///< in WarpTrace::sectors
  std::uint16_t sectors = 0;
  std::uint16_t wavefronts = 0;
  std::uint16_t conflicts = 0;  ///< of the wavefronts, those beyond what the request needs at best
  std::uint32_t bytes = 0;      ///< of global memory that lanes asked for; of shared memory for what is only there
  bool address_known = true;
  std::uint8_t remote_lanes = 0;  ///< that asked for another block's shared memory
};

/// What a warp asked of a barrier, or of TMA.
///
/// Units  addresses of a cluster's shared memory: the block's rank in their upper 8 bits.
struct Operation {
  enum class Kind : std::uint8_t {
    barrier,          ///< the block's, or one with a number: waits
    barrier_arrive,   ///< the same: does not
    mbarrier_init,    ///< value: arrivals of a phase
    mbarrier_arrive,  ///< value: how many; bytes: that TMA will bring
    mbarrier_wait,    ///< value: the phase's parity
    tma_load,         ///< address: of the mbarrier; value: bytes that it counts
    tma_store,
    registers_freed,   ///< value: registers of a thread from now on
    registers_wanted,  ///< the same
  };
  Kind kind = Kind::barrier;
  bool more = false;          ///< the next one is of the same instruction
  std::uint16_t blocks = 0;   ///< of a multicast, a bit each; 0: none
  std::uint32_t address = 0;  ///< of an mbarrier; a barrier's number
  std::uint32_t value = 0;    ///< by kind; threads of a barrier, 0: all
  std::uint32_t bytes = 0;    ///< of global memory, without what lies outside of the tensor
  std::uint64_t box = 0;      ///< which part of global memory: the same number for the same bytes
};

inline constexpr std::uint32_t no_access = ~0u;

struct Step {
  std::uint32_t instruction = 0;
  std::uint32_t access = no_access;     ///< in WarpTrace::accesses
  std::uint32_t lanes = 0;              ///< that executed it; 0: only issued, its guard was false
  std::uint32_t operation = no_access;  ///< the first of its own in WarpTrace::operations
};

struct WarpTrace {
  std::vector<Step> steps;
  std::vector<Access> accesses;
  std::vector<Operation> operations;
  std::vector<std::uint64_t> sectors;  ///< numbers of sectors of global memory, each once for each request
};

/// What a block did, in the host executor's terms, so that both can be compared.
struct BlockCounts {
  std::uint64_t tensor_flop = 0;
  std::uint64_t matrix_loads = 0;    ///< ldmatrix
  std::uint64_t block_barriers = 0;  ///< times that the block met
  double named_barriers = 0;         ///< times that one was complete; parts where a warp is counted alone
  std::uint64_t cluster_barriers = 0;
  std::uint64_t matrix_stores = 0;  ///< stmatrix
  std::uint64_t wgmma = 0;          ///< by warps, four for each
  std::uint64_t mbarrier_waits = 0;
  std::uint64_t global_read_bytes = 0, global_written_bytes = 0;
  std::uint64_t async_bytes = 0;  ///< of global_read_bytes, by cp.async
  std::uint64_t tma_read_bytes = 0, tma_written_bytes = 0;
  std::uint64_t global_read_sectors = 0, global_written_sectors = 0;
  std::uint64_t shared_wavefronts = 0, bank_conflicts = 0;
  std::uint64_t arrivals = 0;  ///< atomic increments that wrap: what they return says which block comes last
  std::uint64_t tables_read = 0, tables_written = 0;  ///< of LaunchFacts::tables, a bit each

  BlockCounts& operator+=(const BlockCounts& other) {
    tensor_flop += other.tensor_flop;
    matrix_loads += other.matrix_loads;
    block_barriers += other.block_barriers;
    named_barriers += other.named_barriers;
    cluster_barriers += other.cluster_barriers;
    matrix_stores += other.matrix_stores;
    wgmma += other.wgmma;
    mbarrier_waits += other.mbarrier_waits;
    tma_read_bytes += other.tma_read_bytes;
    tma_written_bytes += other.tma_written_bytes;
    global_read_bytes += other.global_read_bytes;
    global_written_bytes += other.global_written_bytes;
    async_bytes += other.async_bytes;
    global_read_sectors += other.global_read_sectors;
    global_written_sectors += other.global_written_sectors;
    shared_wavefronts += other.shared_wavefronts;
    bank_conflicts += other.bank_conflicts;
    arrivals += other.arrivals;
    tables_read |= other.tables_read;
    tables_written |= other.tables_written;
    return *this;
  }
};

}  // namespace kernelgate::predict
