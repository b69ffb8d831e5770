#pragma once
// An ELF file in memory: its sections, and what relocations make of them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/elf.h"

namespace kernelgate {

struct ImageSection : ElfSection {
  std::string_view bytes;  ///< of the image; empty for sections that only take room, as .bss
};

/// What a relocation makes of some bytes of a section.
struct ElfRelocation {
  std::uint64_t offset = 0;
  std::uint32_t type = 0;
  std::int64_t addend = 0;
  std::string_view symbol;  ///< a section's name where the symbol has none
};

class ElfImage {
 public:
  /// Errors  HarnessError(usage) that names `where`.
  ElfImage(std::string_view bytes, std::string where);

  static bool is_elf(std::string_view bytes) {
    return bytes.starts_with(
        "\x7f"
        "ELF");
  }

  const std::vector<ImageSection>& sections() const { return sections_; }

  /// Those that apply to section `index`, in their order.
  std::vector<ElfRelocation> relocations(std::size_t index) const;

 private:
  std::string_view at(std::string_view bytes, std::uint64_t offset, std::uint64_t size) const;
  std::string_view text_at(std::string_view table, std::uint64_t offset) const;
  std::string where_;
  std::vector<ImageSection> sections_;
};

/// A number in the byte order of both sides, x86-64 and GPUs. Errors  std::out_of_range.
template <class T>
T read_number(std::string_view bytes, std::uint64_t offset) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value = static_cast<T>(value |
                           static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes.at(offset + i))) << (8 * i)));
  return value;
}

}  // namespace kernelgate
