#pragma once
// A hash that is the same on every machine, in every build and for ever: for what is written down.

#include <cstdint>
#include <string>
#include <string_view>

namespace kernelgate {

/// FNV-1a, 64 bits: tells apart what nobody forged.
///
/// Source  Fowler, Noll, Vo, "The FNV non-cryptographic hash algorithm" (IETF draft-eastlake-fnv).
class StableHash {
 public:
  /// Each part counts with its length, so that "ab" "c" is not "a" "bc".
  StableHash& add(std::string_view part) {
    const std::uint64_t size = part.size();
    for (int byte = 0; byte < 8; ++byte) eat(static_cast<unsigned char>(size >> (8 * byte)));
    for (const char c : part) eat(static_cast<unsigned char>(c));
    return *this;
  }

  std::uint64_t value() const { return state_; }

  /// 16 hexadecimal digits.
  std::string text() const {
    std::string digits(16, '0');
    for (int i = 0; i < 16; ++i) digits[15 - i] = "0123456789abcdef"[(state_ >> (4 * i)) & 15];
    return digits;
  }

 private:
  void eat(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3u; }
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace kernelgate
