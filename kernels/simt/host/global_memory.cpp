#include "kernels/simt/host/global_memory.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

namespace kernelgate::simt {
namespace {

std::mutex tensors_mutex;
std::vector<GuardedGlobal>& tensors() {
  static std::vector<GuardedGlobal> all;
  return all;
}

}  // namespace

GlobalGuard::GlobalGuard(const GuardedGlobal& tensor) : begin_(tensor.begin) {
  const std::lock_guard lock(tensors_mutex);
  tensors().push_back(tensor);
}

GlobalGuard::~GlobalGuard() {
  if (begin_ == nullptr) return;
  const std::lock_guard lock(tensors_mutex);
  std::erase_if(tensors(), [this](const GuardedGlobal& tensor) { return tensor.begin == begin_; });
}

GlobalGuard::GlobalGuard(GlobalGuard&& other) noexcept : begin_(std::exchange(other.begin_, nullptr)) {}

GlobalGuard& GlobalGuard::operator=(GlobalGuard&& other) noexcept {
  std::swap(begin_, other.begin_);
  return *this;
}

namespace executor {

std::vector<GuardedGlobal> guarded_globals() {
  const std::lock_guard lock(tensors_mutex);
  return tensors();
}

std::string describe(const GuardedGlobal& tensor, const void* address, std::size_t bytes) {
  const auto at = static_cast<const std::byte*>(address) - tensor.begin;
  const auto size = static_cast<std::ptrdiff_t>(tensor.bytes);
  if (at < 0) return fmt::format("{} bytes that begin {} bytes before a tensor of {} bytes", bytes, -at, size);
  if (at >= size)
    return fmt::format("{} bytes that begin {} bytes past the end of a tensor of {} bytes", bytes, at - size, size);
  return fmt::format("{} bytes that begin {} bytes before the end of a tensor of {} bytes", bytes, size - at, size);
}

}  // namespace executor
}  // namespace kernelgate::simt
