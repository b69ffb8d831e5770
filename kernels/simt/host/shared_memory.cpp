#include "kernels/simt/host/shared_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "kernels/simt/host/sanitizer.h"

namespace kernelgate::simt::executor {
namespace {
constexpr int guard_value = 0xa5;  // not the poison, which a kernel may copy about
}

void SharedMemory::begin_block(std::size_t bytes) {
  const std::size_t needed = (bytes + alignment - 1) / alignment * alignment;
  if (allocation_ == nullptr || needed > capacity_) {
    release();
    // Twice the alignment, and one guard before: the base is aligned to 1024 and, as on a GPU it
    // might be, to no more.
    const std::size_t total = (needed + 2 * guard_bytes + 2 * alignment - 1) / (2 * alignment) * (2 * alignment);
    allocation_ = static_cast<std::byte*>(std::aligned_alloc(2 * alignment, total));
    if (allocation_ == nullptr) throw std::bad_alloc();
    capacity_ = needed;
    data_ = allocation_ + guard_bytes;
  }
  bytes_ = bytes;
  allow_access(allocation_, capacity_ + 2 * guard_bytes);
  std::memset(allocation_, guard_value, guard_bytes);
  std::memset(data_, poison, bytes_);
  std::memset(data_ + bytes_, guard_value, guard_bytes);
  forbid_access(allocation_, guard_bytes);
  forbid_access(data_ + bytes_, capacity_ - bytes_ + guard_bytes);
}

std::optional<std::string> SharedMemory::guard_damage() {
  allow_access(allocation_, capacity_ + 2 * guard_bytes);
  const auto damaged = [](const std::byte* begin) {
    return std::find_if(begin, begin + guard_bytes, [](std::byte value) { return value != std::byte{guard_value}; }) -
           begin;
  };
  const auto before = static_cast<std::size_t>(damaged(allocation_));
  const auto after = static_cast<std::size_t>(damaged(data_ + bytes_));
  if (before < guard_bytes)
    return fmt::format("something was written {} bytes before its {} bytes of shared memory", guard_bytes - before,
                       bytes_);
  if (after < guard_bytes)
    return fmt::format("something was written {} bytes past the end of its {} bytes of shared memory", after, bytes_);
  return std::nullopt;
}

std::string SharedMemory::locate(const void* address) const {
  const auto offset = reinterpret_cast<std::intptr_t>(address) - reinterpret_cast<std::intptr_t>(data_);
  constexpr std::intptr_t far = 1 << 20;
  if (offset < -far || offset > far) return "far from its shared memory";
  return fmt::format("at offset {} of its {} bytes of shared memory", offset, bytes_);
}

void SharedMemory::release() {
  if (allocation_ != nullptr) allow_access(allocation_, capacity_ + 2 * guard_bytes);
  std::free(allocation_);
  allocation_ = nullptr;
}

}  // namespace kernelgate::simt::executor
