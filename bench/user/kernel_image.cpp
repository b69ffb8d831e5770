#include "bench/user/kernel_image.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>

#include "harness/base/error.h"
#include "harness/base/printable.h"
#include "harness/codegen/elf_image.h"
#include "harness/codegen/kernel_name.h"

namespace kernelgate {
namespace {

constexpr std::uintmax_t largest = std::uintmax_t{512} << 20;
constexpr std::uint16_t machine_cuda = 190;  // EM_CUDA
constexpr std::string_view fat_binary("\x50\xed\x55\xba", 4);

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw HarnessError(ExitCode::usage, fmt::format("{}: {}", printable(file, 200), why));
}

std::string read(const std::string& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) refuse(file, "there is no such file; compile the kernel first");
  if (!std::filesystem::is_regular_file(file, failed)) refuse(file, "is no regular file; name a cubin or PTX");
  const auto size = std::filesystem::file_size(file, failed);
  if (failed || size > largest) refuse(file, "is larger than 512 MiB, or can't be read; name a cubin or PTX");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::ifstream in(file, std::ios::binary);
  if (!in.read(bytes.data(), static_cast<std::streamsize>(size))) refuse(file, "can't be read");
  return bytes;
}

/// What .nv.info.KERNEL says of its parameters. Source: the records that cuobjdump -elf prints as EIATTR_KPARAM_INFO;
/// each is a format, an attribute, a size, and what it says.
std::optional<std::vector<std::size_t>> parameters_in(std::string_view info) {
  constexpr unsigned char with_size = 4, parameter_info = 0x17;
  std::map<std::uint16_t, std::size_t> sizes;
  for (std::size_t at = 0; at + 4 <= info.size();) {
    const auto format = static_cast<unsigned char>(info[at]), attribute = static_cast<unsigned char>(info[at + 1]);
    const auto size = read_number<std::uint16_t>(info, at + 2);
    at += 4;
    if (format != with_size) continue;
    if (size > info.size() - at) return std::nullopt;
    // index: 4 bytes; ordinal, offset: 2 each; then 18 bits of other things below the size.
    if (attribute == parameter_info && size == 12)
      sizes[read_number<std::uint16_t>(info, at + 4)] = read_number<std::uint32_t>(info, at + 8) >> 18;
    at += size;
  }
  std::vector<std::size_t> all;
  for (const auto& [ordinal, bytes] : sizes) {
    if (ordinal != all.size()) return std::nullopt;
    all.push_back(bytes);
  }
  return all;
}

void read_cubin(KernelImage& image) {
  const std::string_view bytes = image.bytes;
  const ElfImage elf(bytes, image.file);
  if (read_number<std::uint16_t>(bytes, 18) != machine_cuda)
    refuse(image.file, "is an ELF file, but no machine code of a GPU; name a cubin (nvcc -cubin) or PTX (nvcc -ptx)");
  // Where the ABI is 8, which nvcc 13 writes, it is the second byte of e_flags; before that it was the first.
  const auto flags = read_number<std::uint32_t>(bytes, 0x30);
  image.architecture = static_cast<int>(static_cast<unsigned char>(bytes[8]) >= 8 ? flags >> 8 & 0xff : flags & 0xff);
  constexpr std::string_view bank = ".nv.constant0.";
  for (const ImageSection& section : elf.sections()) {
    if (!section.name.starts_with(bank)) continue;
    KernelImage::Entry entry{section.name.substr(bank.size()), std::nullopt};
    for (const ImageSection& info : elf.sections())
      if (info.name == ".nv.info." + entry.symbol) entry.parameters = parameters_in(info.bytes);
    image.entries.push_back(std::move(entry));
  }
}

/// Without comments.
std::string plain_ptx(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view left = text.substr(at);
    const bool line = left.starts_with("//"), block = left.starts_with("/*");
    if (!line && !block) {
      plain += text[at];
      continue;
    }
    const std::size_t end = text.find(line ? "\n" : "*/", at);
    if (end == std::string_view::npos) break;
    at = line ? end : end + 1;
    plain += ' ';
  }
  return plain;
}

/// The bytes of a parameter as PTX declares it: ".param .u64 .ptr name", ".param .align 8 .b8 name[24]".
std::size_t parameter_bytes(const std::string& text) {
  std::size_t each = 0;
  for (const std::size_t bits : {8, 16, 32, 64})
    for (const char* kind : {".b", ".u", ".s", ".f"}) {
      const std::size_t at = text.find(fmt::format("{}{}", kind, bits));
      if (at != std::string::npos && each == 0) each = bits / 8;
    }
  const std::size_t bracket = text.find('[');
  if (bracket == std::string::npos) return each;
  std::size_t count = 0;
  std::from_chars(text.data() + bracket + 1, text.data() + text.size(), count);
  return each * count;
}

void read_ptx(KernelImage& image) {
  image.ptx = true;
  const std::string text = plain_ptx(image.bytes);
  constexpr std::string_view target = ".target sm_";
  if (const std::size_t at = text.find(target); at != std::string::npos)
    std::from_chars(text.data() + at + target.size(), text.data() + text.size(), image.architecture);
  constexpr std::string_view word = ".entry";
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n", at + word.size());
    if (begin == std::string::npos) break;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n({", begin), text.size());
    KernelImage::Entry entry{text.substr(begin, end - begin), std::vector<std::size_t>{}};
    const std::size_t open = text.find_first_not_of(" \t\r\n", end);
    if (open != std::string::npos && text[open] == '(') {
      const std::string all = text.substr(open + 1, std::min(text.find(')', open), text.size()) - open - 1);
      for (std::size_t from = all.find(".param"); from != std::string::npos;) {
        const std::size_t next = all.find(".param", from + 1);
        entry.parameters->push_back(parameter_bytes(all.substr(from, next == std::string::npos ? next : next - from)));
        from = next;
      }
    }
    image.entries.push_back(std::move(entry));
  }
  image.bytes += '\0';
}

}  // namespace

const KernelImage::Entry& KernelImage::find(const std::string& name) const {
  std::vector<const Entry*> found;
  std::vector<std::string> known;
  for (const Entry& entry : entries) {
    if (entry.symbol == name) return entry;
    if (short_name(entry.symbol) == name) found.push_back(&entry);
    known.push_back(printable(entry.symbol, 200));
  }
  if (found.size() == 1) return *found.front();
  refuse(file,
         fmt::format("{} '{}'; its kernels: {}", found.empty() ? "there is no kernel" : "several kernels have the name",
                     printable(name), known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
}

std::string KernelImage::why_not_on(int capability) const {
  if (architecture == 0) return "";
  const bool fits =
      ptx ? architecture <= capability : architecture / 10 == capability / 10 && architecture <= capability;
  if (fits) return "";
  return fmt::format("{} is {} sm_{}, and this GPU is sm_{}; compile it for that", printable(file, 200),
                     ptx ? "PTX for" : "code of", architecture, capability);
}

KernelImage read_kernel_image(const std::string& file) {
  KernelImage image{file, read(file)};
  if (ElfImage::is_elf(image.bytes))
    read_cubin(image);
  else if (image.bytes.starts_with(fat_binary))
    return image;
  else if (image.bytes.find(".version") != std::string::npos && image.bytes.find('\0') == std::string::npos)
    read_ptx(image);
  else
    refuse(file, "is neither a cubin nor PTX nor a fat binary; make one with nvcc -cubin or nvcc -ptx");
  if (image.entries.empty()) refuse(file, "there is no kernel in it; compile a __global__ function");
  return image;
}

}  // namespace kernelgate
