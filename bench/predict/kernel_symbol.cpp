#include "bench/predict/kernel_symbol.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>

#include "bench/program/program_file.h"
#include "harness/base/elf.h"
#include "harness/base/error.h"

namespace kernelgate {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 30;

std::uintptr_t load_bias() {
  std::uintptr_t bias = 0;
  // The first one is the program itself.
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* to) {
        *static_cast<std::uintptr_t*>(to) = info->dlpi_addr;
        return 1;
      },
      &bias);
  return bias;
}

std::map<std::uintptr_t, std::string> functions() {
  std::ifstream file(program_file(), std::ios::binary);
  const ByteSource bytes = [&](std::uint64_t offset, std::size_t size, char* into) {
    file.clear();
    return static_cast<bool>(
        file.seekg(static_cast<std::streamoff>(offset)).read(into, static_cast<std::streamsize>(size)));
  };
  std::map<std::uintptr_t, std::string> found;
  const auto sections = read_elf_sections(bytes, {.name_bytes = std::size_t{1} << 20});
  for (const ElfSection& table : sections) {
    if (table.type != SHT_SYMTAB || table.link >= sections.size()) continue;
    const std::string symbols = read_elf_section(bytes, table, most_bytes);
    const std::string names = read_elf_section(bytes, sections[table.link], most_bytes);
    for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.size(); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, symbols.data() + at, sizeof symbol);
      if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_name < names.size())
        found.emplace(symbol.st_value, names.c_str() + symbol.st_name);
    }
  }
  return found;
}

}  // namespace

std::string function_symbol(const void* function) {
  static const auto all = functions();
  static const std::uintptr_t bias = load_bias();
  const auto found = all.find(reinterpret_cast<std::uintptr_t>(function) - bias);
  if (found == all.end())
    throw HarnessError(
        ExitCode::nothing,
        all.empty() ? "this program was stripped of its symbols, by which kernels are found; use one that was not"
                    : "a kernel's function is not in this program's symbol table");
  return found->second;
}

}  // namespace kernelgate
