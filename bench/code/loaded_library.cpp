#include "bench/code/loaded_library.h"

#include <elf.h>
#include <link.h>

#include <cstring>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

namespace kernelgate {
namespace {

/// The build id in a segment of notes, in hexadecimal.
std::string build_id_in(const char* notes, std::size_t size) {
  const auto padded = [](std::size_t length) { return (length + 3) / 4 * 4; };
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof note);
    const char* name = notes + at + sizeof note;
    const char* value = name + padded(note.n_namesz);
    at += sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
    if (at > size) break;
    if (note.n_type != NT_GNU_BUILD_ID || std::string_view(name, note.n_namesz) != std::string_view("GNU\0", 4))
      continue;
    std::string text;
    for (std::size_t i = 0; i < note.n_descsz; ++i) text += fmt::format("{:02x}", static_cast<unsigned char>(value[i]));
    return text;
  }
  return {};
}

struct Search {
  std::string begin;  ///< of the file's name
  std::string found;
};

int look_at(dl_phdr_info* info, std::size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  const std::filesystem::path path = info->dlpi_name;
  const std::string name = path.filename();
  if (!name.starts_with(search.begin)) return 0;
  std::string id;
  for (int i = 0; i < info->dlpi_phnum && id.empty(); ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_NOTE)
      // NOLINTNEXTLINE(performance-no-int-to-ptr): the loader gives addresses as numbers
      id = build_id_in(reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
  }
  std::error_code unknown;
  const auto real = std::filesystem::canonical(path, unknown);
  if (id.empty() && !unknown) id = fmt::format("{} bytes", std::filesystem::file_size(real, unknown));
  if (id.empty()) return 0;
  search.found = fmt::format("{} {}", (real.empty() ? path : real).filename().string(), id);
  return 1;
}

}  // namespace

std::string loaded_library(const std::string& stem) {
  Search search{"lib" + stem + ".so", {}};
  dl_iterate_phdr(look_at, &search);
  return search.found;
}

}  // namespace kernelgate
