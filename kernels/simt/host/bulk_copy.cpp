#include "kernels/simt/host/bulk_copy.h"

#include <fmt/format.h>

#include <cstring>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/memory_access.h"
#include "kernels/simt/host/shared_load.h"
#include "kernels/simt/host/shared_store.h"

namespace kernelgate::simt::executor {
namespace {

constexpr unsigned alignment = 16;

void check(const Operation& operation, const void* global, std::uint32_t bytes) {
  if (bytes % alignment != 0) fault(operation, fmt::format("{} bytes, must be a multiple of {}", bytes, alignment));
  if (const auto past = reinterpret_cast<std::uintptr_t>(global) % alignment; past != 0)
    fault(operation, fmt::format("misaligned: the global address is {} bytes past a multiple of {}", past, alignment));
  if (current_thread().block->cluster().block_of(global) != nullptr)
    fault(operation, "the global address is in shared memory, must be in global memory");
  if (bytes > 0) check_bounds(operation, global, bytes);
}

SharedLoad load_of(const void* global, std::uint32_t bytes) {
  return {bytes, bytes, alignment, [bytes](std::byte* shared) { std::memset(shared, SharedMemory::poison, bytes); },
          [global, bytes](std::byte* shared) { std::memcpy(shared, global, bytes); }};
}

void count_read(const void* global, std::uint32_t bytes) {
  if (BlockCounters* counters = current_thread().block->counters()) counters->note_bulk_read(global, bytes);
}

}  // namespace

void bulk_load(const Operation& operation, void* shared, const void* global, std::uint32_t bytes, void* mbarrier) {
  check(operation, global, bytes);
  issue_load(operation, load_of(global, bytes), shared, mbarrier);
  count_read(global, bytes);
}

void bulk_load_multicast(const Operation& operation, void* shared, const void* global, std::uint32_t bytes,
                         void* mbarrier, std::uint16_t blocks) {
  check(operation, global, bytes);
  issue_multicast(operation, load_of(global, bytes), shared, mbarrier, blocks);
  count_read(global, bytes);
}

void bulk_store(const Operation& operation, void* global, const void* shared, std::uint32_t bytes) {
  check(operation, global, bytes);
  issue_store(operation,
              {bytes, alignment, [global, bytes](const std::byte* image) { std::memcpy(global, image, bytes); }},
              shared);
  if (BlockCounters* counters = current_thread().block->counters()) counters->note_bulk_write(global, bytes);
}

}  // namespace kernelgate::simt::executor
