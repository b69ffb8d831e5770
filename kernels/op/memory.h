#pragma once
// Memory of a device, with guard bands, so that reads and writes out of bounds are seen.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/op/device.h"
#include "kernels/simt/host/global_memory.h"

namespace kernelgate {

/// Host or GPU memory, freed with the object. Movable.
///
/// Errors  DeviceError when there is not enough of it, naming the size.
class Memory {
 public:
  Memory() = default;
  Memory(const Device& device, std::size_t bytes);
  ~Memory();
  Memory(Memory&& other) noexcept;
  Memory& operator=(Memory&& other) noexcept;

  std::byte* data() const { return data_; }
  std::size_t size() const { return bytes_; }

  void fill(std::uint8_t byte) const;
  void upload(std::size_t offset, std::span<const std::byte> from) const;
  void download(std::size_t offset, std::span<std::byte> to) const;
  /// In the stream's order on a GPU, at once elsewhere.
  void fill(std::uint8_t byte, Stream stream) const;
  void copy(std::size_t offset, const Memory& from, std::size_t from_offset, std::size_t bytes, Stream stream) const;

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  DeviceKind kind_ = DeviceKind::cpu;
};

/// While one lives, keeps which bytes of the host's memory were uploaded: tables that an implementation has prepared,
/// for whoever must know what its kernels read. One at a time.
class UploadLog {
 public:
  UploadLog();
  ~UploadLog();
  UploadLog(const UploadLog&) = delete;
  UploadLog& operator=(const UploadLog&) = delete;
  const std::vector<std::span<const std::byte>>& uploads() const { return uploads_; }

 private:
  friend class Memory;
  std::vector<std::span<const std::byte>> uploads_;
};

/// Waits for everything that was launched on the device and throws DeviceError if any of it failed.
void synchronize(const Device& device);

/// A tensor between two guard bands, `offset` bytes into its allocation, the first band that much larger. A multiple of
/// 256 keeps the allocation's alignment; anything else shifts the tensor off it.
class GuardedTensor {
 public:
  static constexpr std::size_t guard_bytes = 4096;
  static constexpr std::uint8_t guard_byte = 0xff;  // NaN as f16 and f32: a read out of bounds shows

  GuardedTensor(const Device& device, std::size_t bytes, std::size_t offset = 0);

  /// Null for an empty tensor.
  void* data() const { return bytes_ == 0 ? nullptr : memory_.data() + begin_; }
  std::size_t size() const { return bytes_; }
  std::size_t offset() const { return begin_ - guard_bytes; }  ///< as it was constructed with
  void poison() const { memory_.fill(guard_byte); }
  void poison(Stream stream) const { memory_.fill(guard_byte, stream); }
  void upload(std::span<const std::byte> from) const { memory_.upload(begin_, from); }
  void copy_from(const Memory& from, Stream stream) const { memory_.copy(begin_, from, 0, bytes_, stream); }
  void copy_to(const Memory& to, Stream stream) const { to.copy(0, memory_, begin_, bytes_, stream); }
  std::vector<std::byte> download() const;
  /// False if anything was written outside the tensor since `poison`.
  bool guards_intact() const;

 private:
  Memory memory_;
  std::size_t begin_ = 0;
  std::size_t bytes_ = 0;
  simt::GlobalGuard guard_;  // the host executor stops a kernel at the bands
};

}  // namespace kernelgate
