#include "harness/codegen/elf_image.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "harness/base/error.h"

namespace kernelgate {

ElfImage::ElfImage(std::string_view bytes, std::string where) : where_(std::move(where)) {
  try {
    for (ElfSection& section : read_elf_sections(bytes_in(bytes), {.name_bytes = bytes.size()})) {
      const bool has_bytes = section.type != SHT_NOBITS && section.type != SHT_NULL;
      const std::string_view content = has_bytes ? at(bytes, section.offset, section.size) : std::string_view();
      sections_.push_back({std::move(section), content});
    }
  } catch (const ElfError& error) {
    throw HarnessError(ExitCode::usage, fmt::format("{}: is {}; build it again", where_, error.what()));
  }
}

std::vector<ElfRelocation> ElfImage::relocations(std::size_t index) const {
  std::vector<ElfRelocation> found;
  for (const ImageSection& section : sections_) {
    const bool with_addend = section.type == SHT_RELA;
    if ((!with_addend && section.type != SHT_REL) || section.info != index) continue;
    const std::size_t entry = with_addend ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);
    if (section.link >= sections_.size() || sections_[section.link].link >= sections_.size())
      throw HarnessError(ExitCode::usage, fmt::format("{}: its relocations have no symbols", where_));
    const ImageSection& symbols = sections_[section.link];
    for (std::uint64_t begin = 0; begin + entry <= section.bytes.size(); begin += entry) {
      const auto info = read_number<std::uint64_t>(section.bytes, begin + offsetof(Elf64_Rela, r_info));
      const std::string_view symbol = at(symbols.bytes, (info >> 32) * sizeof(Elf64_Sym), sizeof(Elf64_Sym));
      const auto of = read_number<std::uint16_t>(symbol, offsetof(Elf64_Sym, st_shndx));
      ElfRelocation one;
      one.offset = read_number<std::uint64_t>(section.bytes, begin);
      one.type = static_cast<std::uint32_t>(info);
      if (with_addend)
        one.addend = static_cast<std::int64_t>(
            read_number<std::uint64_t>(section.bytes, begin + offsetof(Elf64_Rela, r_addend)));
      one.symbol = text_at(sections_[symbols.link].bytes, read_number<std::uint32_t>(symbol, 0));
      if (one.symbol.empty() && of < sections_.size()) one.symbol = sections_[of].name;
      found.push_back(one);
    }
  }
  return found;
}

std::string_view ElfImage::at(std::string_view bytes, std::uint64_t offset, std::uint64_t size) const {
  if (offset > bytes.size() || size > bytes.size() - offset)
    throw HarnessError(ExitCode::usage, fmt::format("{}: is truncated; build it again", where_));
  return bytes.substr(offset, size);
}

std::string_view ElfImage::text_at(std::string_view table, std::uint64_t offset) const {
  const std::string_view from = at(table, offset, table.size() - std::min<std::uint64_t>(offset, table.size()));
  return from.substr(0, from.find('\0'));
}

}  // namespace kernelgate
