#include "kernels/op/memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "kernels/op/error.h"
#include "kernels/op/memory_backend.h"

namespace kernelgate {
namespace {

UploadLog* living_log = nullptr;

constexpr std::size_t alignment = 256;  // what cudaMalloc gives; the host's memory gets the same

}  // namespace

UploadLog::UploadLog() {
  if (living_log != nullptr) throw std::logic_error("uploads are being kept already");
  living_log = this;
}

UploadLog::~UploadLog() { living_log = nullptr; }

Memory::Memory(const Device& device, std::size_t bytes) : bytes_(bytes), kind_(device.kind) {
  if (bytes == 0) return;
  if (kind_ == DeviceKind::cuda) {
    data_ = static_cast<std::byte*>(gpu_memory::allocate(device.ordinal, bytes));
    return;
  }
  data_ = static_cast<std::byte*>(std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment));
  if (data_ == nullptr) throw DeviceError("not enough memory for " + std::to_string(bytes) + " bytes");
}

Memory::~Memory() {
  if (data_ == nullptr) return;
  if (kind_ == DeviceKind::cuda)
    gpu_memory::release(data_);
  else
    std::free(data_);
}

Memory::Memory(Memory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)), kind_(other.kind_) {}

Memory& Memory::operator=(Memory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(kind_, other.kind_);
  return *this;
}

void Memory::fill(std::uint8_t byte) const {
  if (bytes_ == 0) return;
  if (kind_ == DeviceKind::cuda)
    gpu_memory::fill(data_, byte, bytes_);
  else
    std::memset(data_, byte, bytes_);
}

void Memory::upload(std::size_t offset, std::span<const std::byte> from) const {
  if (from.empty()) return;
  if (kind_ == DeviceKind::cuda) return gpu_memory::upload(data_ + offset, from.data(), from.size());
  std::memcpy(data_ + offset, from.data(), from.size());
  if (living_log != nullptr) living_log->uploads_.emplace_back(data_ + offset, from.size());
}

void Memory::download(std::size_t offset, std::span<std::byte> to) const {
  if (to.empty()) return;
  if (kind_ == DeviceKind::cuda)
    gpu_memory::download(to.data(), data_ + offset, to.size());
  else
    std::memcpy(to.data(), data_ + offset, to.size());
}

void Memory::fill(std::uint8_t byte, Stream stream) const {
  if (kind_ != DeviceKind::cuda) return fill(byte);
  if (bytes_ > 0) gpu_memory::fill(data_, byte, bytes_, stream);
}

void Memory::copy(std::size_t offset, const Memory& from, std::size_t from_offset, std::size_t bytes,
                  Stream stream) const {
  if (bytes == 0) return;
  if (kind_ == DeviceKind::cuda)
    gpu_memory::copy(data_ + offset, from.data_ + from_offset, bytes, stream);
  else
    std::memcpy(data_ + offset, from.data_ + from_offset, bytes);
}

void synchronize(const Device& device) {
  if (device.kind == DeviceKind::cuda) gpu_memory::synchronize();
}

GuardedTensor::GuardedTensor(const Device& device, std::size_t bytes, std::size_t offset)
    : memory_(device, bytes + offset + 2 * guard_bytes), begin_(guard_bytes + offset), bytes_(bytes) {
  poison();
  if (device.kind == DeviceKind::simt)
    guard_ = simt::GlobalGuard({memory_.data() + begin_, bytes_, begin_, guard_bytes});
}

std::vector<std::byte> GuardedTensor::download() const {
  std::vector<std::byte> bytes(bytes_);
  memory_.download(begin_, bytes);
  return bytes;
}

bool GuardedTensor::guards_intact() const {
  const auto intact = [this](std::size_t begin, std::size_t end) {
    std::vector<std::byte> band(end - begin);
    memory_.download(begin, band);
    return std::ranges::all_of(band, [](std::byte b) { return b == std::byte{guard_byte}; });
  };
  return intact(0, begin_) && intact(begin_ + bytes_, memory_.size());
}

}  // namespace kernelgate
