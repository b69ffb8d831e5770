#pragma once
// The sections of an ELF file of 64 bits. The file may be anything: every offset and size is checked.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kernelgate {

/// Copies `size` bytes from `offset` on; false if there are not as many.
using ByteSource = std::function<bool(std::uint64_t offset, std::size_t size, char* into)>;

ByteSource bytes_in(std::string_view memory);

/// What is wrong, to follow "it is": "not an ELF file".
struct ElfError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ElfSection {
  std::string name;
  std::uint32_t type = 0, link = 0, info = 0;
  std::uint64_t offset = 0, size = 0;
};

/// What keeps a damaged file from costing time and memory.
struct ElfLimits {
  std::size_t sections = std::numeric_limits<std::uint16_t>::max();
  std::size_t name_bytes = 0;  ///< of all names together
};

/// Reads the headers and the names, never the whole file: a libcuda has a hundred megabytes.  Errors  ElfError.
std::vector<ElfSection> read_elf_sections(const ByteSource& bytes, const ElfLimits& limits);

/// A section's bytes.  Errors  ElfError, to follow its name: "ends beyond the file", "has 9 bytes; at most 8 are read".
std::string read_elf_section(const ByteSource& bytes, const ElfSection& section, std::size_t most);

}  // namespace kernelgate
