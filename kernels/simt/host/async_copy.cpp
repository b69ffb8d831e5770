#include "kernels/simt/host/async_copy.h"

#include <fmt/format.h>

#include <cstring>

#include "kernels/simt/host/cluster.h"
#include "kernels/simt/host/memory_access.h"

namespace kernelgate::simt::executor {
namespace {

void land(const Thread& thread, const AsyncCopy& copy) {
  std::memcpy(copy.to, copy.from, static_cast<std::size_t>(copy.source_bytes));
  std::memset(static_cast<std::byte*>(copy.to) + copy.source_bytes, 0,
              static_cast<std::size_t>(copy.bytes - copy.source_bytes));
  thread.block->proxies().generic_write(thread, copy.operation, copy.to, static_cast<std::size_t>(copy.bytes));
}

// In mixed mode any copy under way may land whenever the thread touches the copy unit.
void land_some(Thread& thread) {
  if (thread.block->landing() != Landing::mixed) return;
  std::erase_if(thread.copies, [&](const AsyncCopy& copy) {
    const bool lands = thread.block->random().bits() % 4 == 0;
    if (lands) land(thread, copy);
    return lands;
  });
}

}  // namespace

void cp_async(const Operation& operation, void* shared, const void* global, int bytes, int source_bytes) {
  Thread& thread = current_thread();
  Block& block = *thread.block;
  const auto size = static_cast<std::size_t>(bytes);
  if (!block.shared().contains(shared, size))
    fault(operation, fmt::format("out of bounds: writes {} bytes {}", bytes, block.shared().locate(shared)));
  if (reinterpret_cast<std::uintptr_t>(shared) % size != 0)
    fault(operation, fmt::format("misaligned: writes {} bytes {}", bytes, block.shared().locate(shared)));
  if (reinterpret_cast<std::uintptr_t>(global) % size != 0)
    fault(operation, fmt::format("misaligned: reads from {} bytes past a multiple of {}",
                                 reinterpret_cast<std::uintptr_t>(global) % size, bytes));
  if (source_bytes < 0 || source_bytes > bytes)
    fault(operation, fmt::format("source_bytes is {}, must be 0 to {}", source_bytes, bytes));
  if (source_bytes > 0) {  // else the address is whatever a kernel reckoned for what is outside of its tensor
    if (block.shared().contains(global, 1))
      fault(operation, "the source is in shared memory, must be in global memory");
    check_bounds(operation, global, static_cast<std::size_t>(source_bytes));
  }
  if (BlockCounters* counters = block.counters())
    counters->note_cp_async(thread, operation, shared, global, bytes, source_bytes);

  land_some(thread);
  const AsyncCopy copy{operation, shared, global, bytes, source_bytes, thread.committed_groups};
  if (block.landing() == Landing::early) return land(thread, copy);
  std::memset(shared, SharedMemory::poison, size);
  thread.copies.push_back(copy);
}

void cp_async_commit() {
  Thread& thread = current_thread();
  land_some(thread);
  ++thread.committed_groups;
}

void cp_async_wait(int pending) {
  Thread& thread = current_thread();
  std::erase_if(thread.copies, [&](const AsyncCopy& copy) {
    const bool covered = copy.group + static_cast<unsigned>(pending) < thread.committed_groups;
    if (covered) land(thread, copy);
    return covered;
  });
  land_some(thread);
}

void land_all(Thread& thread) {
  for (const AsyncCopy& copy : thread.copies) land(thread, copy);
  thread.copies.clear();
}

}  // namespace kernelgate::simt::executor
