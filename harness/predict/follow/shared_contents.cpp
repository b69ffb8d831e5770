#include "harness/predict/follow/shared_contents.h"

#include <algorithm>

namespace kernelgate::predict {
namespace {

constexpr std::uint32_t most_bytes = 1 << 18;  // more than any multiprocessor has

}  // namespace

void SharedContents::store(std::uint32_t address, unsigned bytes, std::uint32_t value) {
  if (address >= most_bytes || bytes > most_bytes - address) return;
  if (known_.size() < address + bytes) {
    known_.resize(address + bytes);
    bytes_.resize(address + bytes);
  }
  for (unsigned i = 0; i < bytes; ++i) {
    bytes_[address + i] = static_cast<std::uint8_t>(value >> 8 * i);
    known_[address + i] = 1;
  }
}

void SharedContents::forget(std::uint32_t address, std::uint32_t bytes) {
  const auto size = static_cast<std::uint32_t>(known_.size());
  if (address >= size) return;
  const auto begin = known_.begin() + static_cast<std::ptrdiff_t>(address);
  std::fill(begin, begin + static_cast<std::ptrdiff_t>(std::min(bytes, size - address)), std::uint8_t{0});
}

bool SharedContents::load(std::uint32_t address, unsigned bytes, std::uint32_t& value) const {
  if (address >= known_.size() || bytes > known_.size() - address) return false;
  value = 0;
  for (unsigned i = 0; i < bytes; ++i) {
    if (known_[address + i] == 0) return false;
    value |= std::uint32_t{bytes_[address + i]} << 8 * i;
  }
  return true;
}

}  // namespace kernelgate::predict
