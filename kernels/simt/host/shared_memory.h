#pragma once
// A block's dynamic shared memory on the host: poisoned at first, between two guard bands.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace kernelgate::simt::executor {

class SharedMemory {
 public:
  static constexpr std::size_t alignment = 1024;
  static constexpr std::size_t guard_bytes = 1024;
  static constexpr std::uint8_t poison = 0xff;  // NaN as f16 and f32, -1 as an integer

  SharedMemory() = default;
  ~SharedMemory() { release(); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  /// Fresh memory for a block: exactly `bytes`, all poison.
  void begin_block(std::size_t bytes);
  /// What was written outside it, if anything was.
  std::optional<std::string> guard_damage();

  std::byte* data() const { return data_; }
  std::size_t size() const { return bytes_; }
  bool contains(const void* begin, std::size_t bytes) const {
    const auto offset = reinterpret_cast<std::uintptr_t>(begin) - reinterpret_cast<std::uintptr_t>(data_);
    return offset <= bytes_ && bytes <= bytes_ - offset;
  }
  /// "24 bytes into its 4096 bytes of shared memory"
  std::string locate(const void* address) const;

 private:
  void release();

  std::byte* allocation_ = nullptr;
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace kernelgate::simt::executor
