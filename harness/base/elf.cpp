#include "harness/base/elf.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace kernelgate {
namespace {

Elf64_Ehdr read_header(const ByteSource& bytes) {
  Elf64_Ehdr header{};
  // The first bytes are the same in both sizes: a short file of the other kind is named as what it is.
  if (!bytes(0, EI_NIDENT, reinterpret_cast<char*>(header.e_ident)) ||
      std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    throw ElfError("not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64) throw ElfError("not an ELF file of 64 bits");
  if (header.e_ident[EI_DATA] != ELFDATA2LSB) throw ElfError("an ELF file of the other byte order");
  if (!bytes(0, sizeof header, reinterpret_cast<char*>(&header)))
    throw ElfError("an ELF file that ends within its header");
  return header;
}

ElfSection section_of(const Elf64_Shdr& header) {
  return {"", header.sh_type, header.sh_link, header.sh_info, header.sh_offset, header.sh_size};
}

}  // namespace

ByteSource bytes_in(std::string_view memory) {
  return [memory](std::uint64_t offset, std::size_t size, char* into) {
    if (offset > memory.size() || size > memory.size() - offset) return false;
    std::memcpy(into, memory.data() + offset, size);
    return true;
  };
}

std::vector<ElfSection> read_elf_sections(const ByteSource& bytes, const ElfLimits& limits) {
  const Elf64_Ehdr header = read_header(bytes);
  if (header.e_shnum == 0 || header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum)
    throw ElfError("an ELF file without usable section headers");
  if (header.e_shnum > limits.sections)
    throw ElfError(fmt::format("an ELF file of more than {} sections", limits.sections));
  std::vector<Elf64_Shdr> headers(header.e_shnum);
  if (!bytes(header.e_shoff, headers.size() * sizeof(Elf64_Shdr), reinterpret_cast<char*>(headers.data())))
    throw ElfError("an ELF file whose section headers are beyond its end");
  std::string names;
  try {
    names = read_elf_section(bytes, section_of(headers[header.e_shstrndx]), limits.name_bytes);
  } catch (const ElfError& error) {
    throw ElfError(fmt::format("an ELF file whose section of names {}", error.what()));
  }
  std::vector<ElfSection> sections;
  for (const Elf64_Shdr& one : headers) {
    sections.push_back(section_of(one));
    const std::size_t begin = std::min<std::size_t>(one.sh_name, names.size());
    sections.back().name = names.substr(begin, names.find('\0', begin) - begin);
  }
  return sections;
}

std::string read_elf_section(const ByteSource& bytes, const ElfSection& section, std::size_t most) {
  if (section.size > most) throw ElfError(fmt::format("has {} bytes; at most {} are read", section.size, most));
  std::string content(section.size, '\0');
  if (!content.empty() && !bytes(section.offset, content.size(), content.data()))
    throw ElfError("ends beyond the file");
  return content;
}

}  // namespace kernelgate
