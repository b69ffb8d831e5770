#pragma once
// Global memory that stands between guard bands: a kernel that touches a band is stopped and told where.
//
// Without it a read out of bounds is found by what it does to the result, or by AddressSanitizer.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kernelgate::simt {

/// A tensor, and how many bytes before and after it nobody may touch.
struct GuardedGlobal {
  const std::byte* begin = nullptr;
  std::size_t bytes = 0;
  std::size_t before = 0;
  std::size_t after = 0;
};

/// While one lives, launches know its tensor. Movable.
class GlobalGuard {
 public:
  GlobalGuard() = default;
  explicit GlobalGuard(const GuardedGlobal& tensor);
  ~GlobalGuard();
  GlobalGuard(GlobalGuard&& other) noexcept;
  GlobalGuard& operator=(GlobalGuard&& other) noexcept;

 private:
  const std::byte* begin_ = nullptr;
};

namespace executor {

/// The tensors that live now: a launch takes a copy.
std::vector<GuardedGlobal> guarded_globals();

/// Whether the bytes begin within one of the tensors or its bands, and are not all within the tensor.
inline const GuardedGlobal* beside(const std::vector<GuardedGlobal>& tensors, const void* address, std::size_t bytes) {
  for (const GuardedGlobal& tensor : tensors) {
    const std::uintptr_t offset =
        reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(tensor.begin) + tensor.before;
    if (offset >= tensor.before + tensor.bytes + tensor.after) continue;
    const bool inside = offset >= tensor.before && offset + bytes <= tensor.before + tensor.bytes;
    return inside ? nullptr : &tensor;
  }
  return nullptr;
}

/// "16 bytes that begin 4 bytes past the end of a tensor of 512 bytes"
std::string describe(const GuardedGlobal& tensor, const void* address, std::size_t bytes);

}  // namespace executor
}  // namespace kernelgate::simt
