#pragma once
// Counts what one block does. The lanes of a warp run one after the other; their accesses are put together
// into the requests that a GPU's warp would make of them.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/simt/host/counters.h"
#include "kernels/simt/host/fault.h"
#include "kernels/simt/host/memory_calls.h"
#include "kernels/simt/host/memory_request.h"

namespace kernelgate::simt::executor {

enum class Access : std::uint8_t {
  global_read,
  global_write,
  shared_load,
  shared_store,
  cp_async_from,
  cp_async_to,
  ldmatrix,
  stmatrix
};

class BlockCounters {
 public:
  /// Counters that need no putting together are added to in place.
  Counters values;

  void begin_block();
  /// Adds all that the block did.
  void end_block(Counters& sum, MemoryCalls& calls);

  /// A load or store of one thread, of 1, 2, 4, 8 or 16 bytes.
  void note_access(const Thread&, const Operation&, Access, const void* address, std::size_t bytes);
  void note_cp_async(const Thread&, const Operation&, const void* to, const void* from, int bytes, int source_bytes);

  /// A whole warp's ldmatrix or stmatrix: the address of row r of matrix m is rows[8 * m + r].
  void note_ldmatrix(unsigned warp, const Operation&, std::span<const void* const> rows);
  void note_stmatrix(unsigned warp, const Operation&, std::span<const void* const> rows);
  /// A warp's mma of m16n8k<depth>.
  void note_mma(int depth);
  /// A warpgroup's wgmma of m64n<columns>k<depth>.
  void note_wgmma(int columns, int depth);
  /// One contiguous run of global memory that a bulk copy reads or writes: for a tensor, one row of its box,
  /// clipped to the tensor.
  void note_bulk_read(const void* from, std::size_t bytes);
  void note_bulk_write(const void* to, std::size_t bytes);

  /// All lanes of a warp have met: what they do from here on belongs to other requests.
  void note_rendezvous(unsigned warp);

 private:
  /// One call in the source, as an instruction of a warp.
  struct Call {
    Operation operation;
    Access access;
    unsigned width;                         ///< bytes: another type makes another instruction
    std::array<unsigned, 32> executions{};  ///< by each lane since the warp last met
    std::vector<MemoryRequest> requests;    ///< the k-th executions of all lanes
    MemoryCallCounters counters;
  };

  void note(const Thread&, const Operation&, Access, unsigned width, const void* address, unsigned bytes);
  Call& call(unsigned warp, const Operation&, Access, unsigned width);
  void count(Call& call, const MemoryRequest& request);
  void count_global(Call& call, const MemoryRequest& request, std::uint64_t bytes);
  void count_shared(Call& call, const MemoryRequest& request, std::uint64_t bytes);
  void count_passes(Call& call, const Wavefronts& passes);
  void count_matrices(Call& call, std::span<const void* const> rows);

  std::array<std::vector<Call>, 32> calls_;  ///< of each warp
};

}  // namespace kernelgate::simt::executor
