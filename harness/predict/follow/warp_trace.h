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
};

inline constexpr std::uint32_t no_access = ~0u;

struct Step {
  std::uint32_t instruction = 0;
  std::uint32_t access = no_access;
  std::uint32_t lanes = 0;  ///< that executed it; 0: only issued, its guard was false
};

struct WarpTrace {
  std::vector<Step> steps;
  std::vector<Access> accesses;
  std::vector<std::uint64_t> sectors;  ///< numbers of sectors of global memory, each once for each request
};

/// What a block did, in the host executor's terms, so that both can be compared.
struct BlockCounts {
  std::uint64_t tensor_flop = 0;
  std::uint64_t matrix_loads = 0;    ///< ldmatrix
  std::uint64_t block_barriers = 0;  ///< times that the block met
  std::uint64_t global_read_bytes = 0, global_written_bytes = 0;
  std::uint64_t async_bytes = 0;  ///< of global_read_bytes, by cp.async
  std::uint64_t global_read_sectors = 0, global_written_sectors = 0;
  std::uint64_t shared_wavefronts = 0, bank_conflicts = 0;

  BlockCounts& operator+=(const BlockCounts& other) {
    tensor_flop += other.tensor_flop;
    matrix_loads += other.matrix_loads;
    block_barriers += other.block_barriers;
    global_read_bytes += other.global_read_bytes;
    global_written_bytes += other.global_written_bytes;
    async_bytes += other.async_bytes;
    global_read_sectors += other.global_read_sectors;
    global_written_sectors += other.global_written_sectors;
    shared_wavefronts += other.shared_wavefronts;
    bank_conflicts += other.bank_conflicts;
    return *this;
  }
};

}  // namespace kernelgate::predict
