#pragma once
// ELF files made for a test: a header, note sections, their names.

#include <elf.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kernelgate {

struct ElfSectionForTest {
  std::string name, content;
  std::uint64_t alignment = 4;
  std::uint32_t type = SHT_NOTE;
};

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// `padded`: the content is filled up to the alignment, too, as compilers do and one library of NVIDIA's does not.
inline std::string elf_note(const std::string& owner, std::uint32_t type, const std::string& content,
                            std::size_t alignment = 4, bool padded = true) {
  const auto pad = [alignment](std::string& text) {
    text.resize((text.size() + alignment - 1) / alignment * alignment);
  };
  std::string note =
      bytes_of(Elf64_Nhdr{static_cast<Elf64_Word>(owner.size() + 1), static_cast<Elf64_Word>(content.size()), type});
  note += owner + '\0';
  pad(note);
  note += content;
  if (padded) pad(note);
  return note;
}

inline std::string build_id_note(const std::string& bytes) { return elf_note("GNU", NT_GNU_BUILD_ID, bytes); }
inline std::string compat_note(const std::string& json) { return elf_note("NVIDIA Corporation", 0, json); }

inline std::string elf_file(const std::vector<ElfSectionForTest>& sections) {
  std::string names(1, '\0'), content;
  std::vector<Elf64_Shdr> headers(1);
  const auto add = [&](const ElfSectionForTest& section) {
    Elf64_Shdr header{};
    header.sh_name = static_cast<Elf64_Word>(names.size());
    names += section.name + '\0';
    header.sh_type = section.type;
    header.sh_offset = sizeof(Elf64_Ehdr) + content.size();
    header.sh_size = section.content.size();
    header.sh_addralign = section.alignment;
    content += section.content;
    headers.push_back(header);
  };
  for (const ElfSectionForTest& section : sections) add(section);
  const std::string own_name = ".shstrtab";
  add({own_name, names + own_name + '\0', 1, SHT_STRTAB});
  Elf64_Ehdr header{};
  for (std::size_t i = 0; i < SELFMAG; ++i) header.e_ident[i] = static_cast<unsigned char>(ELFMAG[i]);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_shoff = sizeof header + content.size();
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = static_cast<Elf64_Half>(headers.size());
  header.e_shstrndx = static_cast<Elf64_Half>(headers.size() - 1);
  std::string file = bytes_of(header) + content;
  for (const Elf64_Shdr& one : headers) file += bytes_of(one);
  return file;
}

}  // namespace kernelgate
