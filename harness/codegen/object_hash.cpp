#include "harness/codegen/object_hash.h"

#include <elf.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/stable_hash.h"
#include "harness/codegen/elf_image.h"

namespace kernelgate {
namespace {

bool all_of_class(std::string_view text, int (*is)(int)) {
  return std::ranges::all_of(text, [is](unsigned char c) { return is(c) != 0; });
}

/// nvcc names what is local to a file after hashes of its path, and where the file has no other name to give, after the
/// compiler's process too: `57_GLOBAL__N__842a5582_18_sm75_multistage_cu_31b5eb98_2136311make_launch`, of the process
/// 21363. Those go, and the lengths beside them.
std::string without_path_hashes(std::string_view name) {
  constexpr std::string_view of_file = "_cu_";
  constexpr std::size_t digits = 8;
  const auto digits_at = [&](std::size_t at) {
    return at + digits <= name.size() && all_of_class(name.substr(at, digits), std::isxdigit);
  };
  std::string text;
  for (std::size_t i = 0; i < name.size();) {
    std::string_view found;
    for (std::string_view one : {std::string_view("_GLOBAL__N__"), std::string_view("_INTERNAL_"), of_file})
      if (name.substr(i).starts_with(one)) found = one;
    const std::size_t hash = i + found.size();
    if (found.empty() || !digits_at(hash)) {
      text += name[i++];
      continue;
    }
    const bool is_of_file = found == of_file;
    while (!is_of_file && !text.empty() && std::isdigit(static_cast<unsigned char>(text.back())) != 0) text.pop_back();
    text += found;
    i = hash + digits;
    if (is_of_file && i < name.size() && name[i] == '_')
      for (++i; i < name.size() && std::isdigit(static_cast<unsigned char>(name[i])) != 0;) ++i;
  }
  return text;
}

/// ".text" of ".text._Z4kernPf": which kind of section, without whose.
std::string_view kind_of(std::string_view name) {
  const auto dot = name.find('.', name.starts_with(".nv.") ? 4 : 1);
  return name.substr(0, dot);
}

/// Of parts whose order says nothing: kernels stand in the order of their names, path hashes and all.
class UnorderedHash {
 public:
  void add(const StableHash& part) { parts_.push_back(part.value()); }
  bool empty() const { return parts_.empty(); }
  std::string text() {
    std::ranges::sort(parts_);
    StableHash whole;
    for (std::uint64_t part : parts_) whole.add(fmt::format("{:016x}", part));
    return whole.text();
  }

 private:
  std::vector<std::uint64_t> parts_;
};

void add_section(UnorderedHash& hash, const ElfImage& image, std::size_t index, std::string_view registers) {
  const ImageSection& section = image.sections()[index];
  StableHash part;
  part.add(kind_of(section.name)).add(std::to_string(section.size)).add(section.bytes).add(registers);
  for (const ElfRelocation& one : image.relocations(index)) {
    // Where among the text literals one stands depends on the length of those before it, paths too.
    const bool literal = one.symbol.starts_with(".rodata.str");
    part.add(
        fmt::format("{} {} {} {}", one.offset, one.type, literal ? 0 : one.addend, without_path_hashes(one.symbol)));
  }
  hash.add(part);
}

std::string hash_of_cubin(std::string_view bytes, const std::string& where) {
  const ElfImage image(bytes, where);
  UnorderedHash hash;
  for (std::size_t i = 0; i < image.sections().size(); ++i) {
    const ImageSection& section = image.sections()[i];
    const std::string_view kind = kind_of(section.name);
    if (kind == ".text")
      add_section(hash, image, i, std::to_string(section.info >> 24));  // there a cubin has the registers
    else if (kind.starts_with(".nv.constant") || kind == ".nv.shared" || kind == ".nv.global")
      add_section(hash, image, i, "");
  }
  return hash.text();
}

constexpr std::uint32_t fat_magic = 0xba55ed50;
constexpr std::uint16_t cubin_kind = 2;
constexpr std::uint64_t architecture_specific = 0x100000;  // of an entry's flags: the "a" of sm_90a

/// Every cubin of a section .nv_fatbin, which holds one fat binary after another.
void add_cubins(std::map<std::string, UnorderedHash>& hashes, std::string_view section, const std::string& where) {
  for (std::uint64_t begin = 0; begin + 16 <= section.size();) {
    if (read_number<std::uint32_t>(section, begin) != fat_magic) {
      begin += 8;  // filled up to the next
      continue;
    }
    const std::uint64_t end = begin + read_number<std::uint16_t>(section, begin + 6) +
                              std::min<std::uint64_t>(read_number<std::uint64_t>(section, begin + 8), section.size());
    std::uint64_t entry = begin + read_number<std::uint16_t>(section, begin + 6);
    while (entry < end) {
      const auto header = read_number<std::uint32_t>(section, entry + 4);
      const auto size = read_number<std::uint64_t>(section, entry + 8);
      if (header == 0 || entry + header > section.size() || size > section.size() - entry - header)
        throw HarnessError(ExitCode::usage, fmt::format("{}: its fat binary is truncated; build it again", where));
      if (read_number<std::uint16_t>(section, entry) == cubin_kind) {
        const auto arch = read_number<std::uint32_t>(section, entry + 28);
        const auto flags = read_number<std::uint64_t>(section, entry + 40);
        const std::string_view cubin = section.substr(entry + header, size);
        const std::string name = fmt::format("sm_{}{}", arch, (flags & architecture_specific) != 0 ? "a" : "");
        if (!ElfImage::is_elf(cubin))
          throw HarnessError(ExitCode::usage, fmt::format("{}: its code for {} is compressed; compile it with "
                                                          "-no-compress and without -G",
                                                          where, name));
        hashes[name].add(StableHash().add(hash_of_cubin(cubin, where + ", " + name)));
      }
      entry += header + size;
    }
    begin = end;
  }
}

}  // namespace

std::map<std::string, std::string> object_hashes(std::string_view bytes, const std::string& where) {
  const ElfImage image(bytes, where);
  std::map<std::string, UnorderedHash> hashes;
  // There nvcc puts a text of the file's path and the compiler's process among the constants.
  const bool of_nvcc = std::ranges::any_of(
      image.sections(), [](const ImageSection& section) { return section.name.starts_with(".nv_fatbin"); });
  try {
    for (std::size_t i = 0; i < image.sections().size(); ++i) {
      const std::string_view name = image.sections()[i].name;
      if (name.starts_with(".nv_fatbin"))
        add_cubins(hashes, image.sections()[i].bytes, where);
      else if (name.starts_with(".text") || name.starts_with(".rodata.cst") || (name == ".rodata" && !of_nvcc))
        add_section(hashes["host"], image, i, "");
    }
  } catch (const std::out_of_range&) {
    throw HarnessError(ExitCode::usage, fmt::format("{}: its fat binary is truncated; build it again", where));
  }
  std::map<std::string, std::string> texts;
  for (auto& [arch, hash] : hashes)
    if (!hash.empty()) texts[arch] = hash.text();
  return texts;
}

}  // namespace kernelgate
