#pragma once
// A short code of a text, the same everywhere: not against forgers.

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace kernelgate {

/// 16 hexadecimal digits. Source  Fowler, Noll and Vo, FNV-1a of 64 bits.
inline std::string fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char byte : text) hash = (hash ^ byte) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace kernelgate
