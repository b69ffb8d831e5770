#include "kernels/simt/host/block_counters.h"

#include <algorithm>
#include <numeric>

#include "kernels/simt/host/thread.h"

namespace kernelgate::simt::executor {
namespace {

std::uint64_t sectors_of_run(const void* begin, std::size_t bytes) {
  const auto first = reinterpret_cast<std::uintptr_t>(begin);
  return bytes == 0 ? 0 : (first + bytes - 1) / 32 - first / 32 + 1;
}

}  // namespace

void BlockCounters::begin_block() {
  values = {};
  for (auto& warp : calls_) warp.clear();
}

void BlockCounters::end_block(Counters& sum, MemoryCalls& calls) {
  for (unsigned warp = 0; warp < calls_.size(); ++warp) {
    note_rendezvous(warp);
    for (const Call& call : calls_[warp]) {
      const std::source_location& where = call.operation.where;
      calls[{short_path(where.file_name()), where.line(), where.column(), call.operation.name, call.width}] +=
          call.counters;
    }
  }
  sum += values;
}

void BlockCounters::note_access(const Thread& thread, const Operation& operation, Access access, const void* address,
                                std::size_t bytes) {
  const auto width = static_cast<unsigned>(bytes);
  note(thread, operation, access, width, address, width);
}

// A lane that reads nothing executes the instruction all the same.
void BlockCounters::note_cp_async(const Thread& thread, const Operation& operation, const void* to, const void* from,
                                  int bytes, int source_bytes) {
  const auto width = static_cast<unsigned>(bytes);
  note(thread, operation, Access::cp_async_from, width, from, static_cast<unsigned>(source_bytes));
  note(thread, operation, Access::cp_async_to, width, to, width);
}

void BlockCounters::note_ldmatrix(unsigned warp, const Operation& operation, std::span<const void* const> rows) {
  ++values.ldmatrix;
  values.shared_read_bytes += rows.size() * 16;
  count_matrices(call(warp, operation, Access::ldmatrix, 16), rows);
}

void BlockCounters::note_stmatrix(unsigned warp, const Operation& operation, std::span<const void* const> rows) {
  ++values.stmatrix;
  values.shared_written_bytes += rows.size() * 16;
  count_matrices(call(warp, operation, Access::stmatrix, 16), rows);
}

void BlockCounters::note_mma(int depth) {
  ++(depth == 16 ? values.mma_m16n8k16 : values.mma_m16n8k8);
  values.tensor_flop += 2u * 16 * 8 * static_cast<unsigned>(depth);
}

void BlockCounters::note_wgmma(int columns, int depth) {
  ++values.wgmma;
  values.tensor_flop += 2ull * 64 * static_cast<unsigned>(columns) * static_cast<unsigned>(depth);
}

void BlockCounters::note_bulk_read(const void* from, std::size_t bytes) {
  values.tma_read_bytes += bytes;
  values.global_read_bytes += bytes;
  values.global_read_sectors += sectors_of_run(from, bytes);
}

void BlockCounters::note_bulk_write(const void* to, std::size_t bytes) {
  values.tma_written_bytes += bytes;
  values.global_written_bytes += bytes;
  values.global_written_sectors += sectors_of_run(to, bytes);
}

void BlockCounters::note_rendezvous(unsigned warp) {
  for (Call& call : calls_[warp]) {
    for (const MemoryRequest& request : call.requests) count(call, request);
    call.requests.clear();
    call.executions.fill(0);
  }
}

void BlockCounters::note(const Thread& thread, const Operation& operation, Access access, unsigned width,
                         const void* address, unsigned bytes) {
  Call& mine = call(thread.linear / 32, operation, access, width);
  const unsigned execution = mine.executions[thread.lane]++;
  if (execution == mine.requests.size()) mine.requests.emplace_back();
  mine.requests[execution].address[thread.lane] = reinterpret_cast<std::uintptr_t>(address);
  mine.requests[execution].bytes[thread.lane] = static_cast<std::uint8_t>(bytes);
}

// A kernel has a few dozen calls at most: searched one after the other.
BlockCounters::Call& BlockCounters::call(unsigned warp, const Operation& operation, Access access, unsigned width) {
  std::vector<Call>& calls = calls_[warp];
  const auto at = std::ranges::find_if(calls, [&](const Call& known) {
    return known.access == access && known.width == width && same(known.operation, operation);
  });
  if (at != calls.end()) return *at;
  return calls.emplace_back(Call{operation, access, width, {}, {}, {}});
}

void BlockCounters::count(Call& call, const MemoryRequest& request) {
  const std::uint64_t bytes = std::accumulate(request.bytes.begin(), request.bytes.end(), 0u);
  const bool global =
      call.access == Access::global_read || call.access == Access::global_write || call.access == Access::cp_async_from;
  if (global)
    count_global(call, request, bytes);
  else
    count_shared(call, request, bytes);
}

void BlockCounters::count_global(Call& call, const MemoryRequest& request, std::uint64_t bytes) {
  ++call.counters.requests;
  if (bytes == 0) return;
  const std::uint64_t touched = sectors(request);
  call.counters.bytes += bytes;
  call.counters.sectors += touched;
  const bool writes = call.access == Access::global_write;
  ++(writes ? values.global_writes : values.global_reads);
  (writes ? values.global_written_bytes : values.global_read_bytes) += bytes;
  (writes ? values.global_written_sectors : values.global_read_sectors) += touched;
  if (call.access == Access::cp_async_from) values.cp_async_bytes += bytes;
}

void BlockCounters::count_shared(Call& call, const MemoryRequest& request, std::uint64_t bytes) {
  count_passes(call, wavefronts(request, call.width));
  (call.access == Access::shared_load ? values.shared_read_bytes : values.shared_written_bytes) += bytes;
  if (call.access == Access::cp_async_to) return;  // the half that reads is the request
  ++call.counters.requests;
  call.counters.bytes += bytes;
  ++(call.access == Access::shared_load ? values.shared_loads : values.shared_stores);
}

void BlockCounters::count_passes(Call& call, const Wavefronts& passes) {
  const auto conflicts = [&]() -> std::uint64_t& {
    switch (call.access) {
      case Access::shared_load:
        return values.shared_load_conflicts;
      case Access::ldmatrix:
        return values.ldmatrix_conflicts;
      case Access::stmatrix:
        return values.stmatrix_conflicts;
      case Access::cp_async_to:
        return values.cp_async_conflicts;
      default:
        return values.shared_store_conflicts;
    }
  };
  conflicts() += passes.conflicts;
  values.shared_wavefronts += passes.needed + passes.conflicts;
  call.counters.conflicts += passes.conflicts;
  call.counters.wavefronts += passes.needed + passes.conflicts;
}

void BlockCounters::count_matrices(Call& call, std::span<const void* const> rows) {
  ++call.counters.requests;
  call.counters.bytes += rows.size() * 16;
  for (std::size_t first = 0; first < rows.size(); first += 8) {
    std::array<std::uintptr_t, 32> words;
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = reinterpret_cast<std::uintptr_t>(rows[first + i / 4]) / 4 + i % 4;
    count_passes(call, wavefronts(words));
  }
}

}  // namespace kernelgate::simt::executor
