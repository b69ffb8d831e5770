// A fat binary's layout as nvcc 13.0.88 writes it: harness/codegen/object_hash.cpp.
#include "bench/accept/own_code.h"

#include <elf.h>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include "bench/program/program_file.h"
#include "harness/base/atomic_file.h"
#include "harness/base/error.h"
#include "harness/codegen/elf_image.h"

namespace kernelgate::accept {
namespace {

constexpr std::uint32_t fat_magic = 0xba55ed50;
constexpr std::uint16_t cubin_kind = 2;
constexpr std::uint64_t architecture_specific = 0x100000;

/// "sdc_f16" is within "_ZN...7sdc_f16ENS0_3RunE", and not within "..8sdc_bf16..": a name begins behind its length.
bool is_of(std::string_view symbol, std::string_view kernel) {
  const std::string with_length = std::to_string(kernel.size()) + std::string(kernel);
  return symbol.find(with_length) != std::string_view::npos;
}

std::vector<std::string> functions_of(std::string_view cubin, const std::vector<std::string_view>& kernels) {
  const ElfImage image(cubin, "the program");
  std::vector<std::string> found;
  for (const ImageSection& section : image.sections()) {
    if (section.type != SHT_SYMTAB || section.link >= image.sections().size()) continue;
    const std::string_view names = image.sections()[section.link].bytes;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.bytes.size(); at += sizeof(Elf64_Sym)) {
      const auto info = read_number<unsigned char>(section.bytes, at + offsetof(Elf64_Sym, st_info));
      const auto begin = read_number<std::uint32_t>(section.bytes, at);
      if (ELF64_ST_TYPE(info) != STT_FUNC || begin >= names.size()) continue;
      const std::string_view name = names.substr(begin, names.find('\0', begin) - begin);
      if (std::ranges::any_of(kernels, [&](std::string_view kernel) { return is_of(name, kernel); }))
        found.emplace_back(name);
    }
  }
  return found;
}

void add_images(std::vector<OwnImage>& images, std::string_view section, const std::vector<std::string_view>& kernels) {
  for (std::uint64_t begin = 0; begin + 16 <= section.size();) {
    if (read_number<std::uint32_t>(section, begin) != fat_magic) {
      begin += 8;  // filled up to the next
      continue;
    }
    std::uint64_t entry = begin + read_number<std::uint16_t>(section, begin + 6);
    const std::uint64_t end = entry + read_number<std::uint64_t>(section, begin + 8);
    while (entry < end) {
      const auto header = read_number<std::uint32_t>(section, entry + 4);
      const auto size = read_number<std::uint64_t>(section, entry + 8);
      if (header == 0 || entry + header > section.size() || size > section.size() - entry - header)
        throw std::out_of_range("fat binary");
      const std::string_view bytes = section.substr(entry + header, size);
      // What is compressed is of other files: ours are not (kernelgate_keep_ptxas_log).
      if (read_number<std::uint16_t>(section, entry) == cubin_kind && ElfImage::is_elf(bytes)) {
        OwnImage image;
        image.architecture = static_cast<int>(read_number<std::uint32_t>(section, entry + 28));
        image.that_alone = (read_number<std::uint64_t>(section, entry + 40) & architecture_specific) != 0;
        image.kernels = functions_of(bytes, kernels);
        if (!image.kernels.empty()) {
          image.bytes = bytes;
          images.push_back(std::move(image));
        }
      }
      entry += header + size;
    }
    begin = end;
  }
}

}  // namespace

bool OwnImage::fits(int compute_capability) const {
  if (that_alone) return architecture == compute_capability;
  return architecture / 10 == compute_capability / 10 && architecture <= compute_capability;
}

std::vector<OwnImage> images_in(std::string_view program, const std::vector<std::string_view>& kernels) {
  std::vector<OwnImage> images;
  try {
    const ElfImage elf(program, "the program");
    for (const ImageSection& section : elf.sections())
      if (section.name == ".nv_fatbin") add_images(images, section.bytes, kernels);
  } catch (const std::out_of_range&) {
    throw HarnessError(ExitCode::usage, "the program's own machine code is truncated; build or unpack it again");
  }
  return images;
}

std::vector<OwnImage> own_images(const std::vector<std::string_view>& kernels) {
  return images_in(read_text(program_file()), kernels);
}

OwnKernel find_kernel(const std::vector<OwnImage>& images, std::string_view name, int compute_capability) {
  OwnKernel best;
  for (const OwnImage& image : images) {
    if (!image.fits(compute_capability) || (best.image && best.image->architecture >= image.architecture)) continue;
    for (const std::string& symbol : image.kernels)
      if (is_of(symbol, name)) best = {&image, symbol};
  }
  return best;
}

}  // namespace kernelgate::accept
