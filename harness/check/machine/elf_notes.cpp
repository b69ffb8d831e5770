// What a driver library's file says of itself. The file may be anything: every offset and size is checked.
#include "harness/check/machine/elf_notes.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "harness/base/json/fact_json.h"
#include "harness/base/version.h"

namespace kernelgate {
namespace {

// Far beyond what any library has; what keeps a damaged one from costing time and memory.
constexpr std::size_t most_sections = 4096, most_name_bytes = 1U << 18U, most_note_bytes = 1U << 16U;
constexpr const char* build_id_section = ".note.gnu.build-id";
constexpr const char* compat_section = ".note.cuda.fwd_compatibility";

struct Note {
  std::string owner, content;
  std::uint32_t type = 0;
  bool whole = false;  ///< the section has all of the content
};

ElfNotes all_missing(const std::string& reason) {
  ElfNotes notes;
  notes.build_id.reason = notes.has_compat_note.reason = notes.forward_compat.reason = reason;
  return notes;
}

// The first note of a section. Its content may say to be longer than the section is: Orin's library (13.2.1) does, by
// two bytes, and what counts is there. Both owners that are looked for end where
// an alignment of 4 and one of 8 agree.
std::optional<Note> first_note(std::string_view section, std::string& why) {
  why = "holds no whole note";
  Elf64_Nhdr header{};
  if (section.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, section.data(), sizeof header);
  const std::size_t owner_end = sizeof header + std::size_t{header.n_namesz};
  const std::size_t content_at = (owner_end + 3) / 4 * 4;
  if (content_at > section.size()) return std::nullopt;
  Note note;
  note.owner = section.substr(sizeof header, header.n_namesz);
  note.owner.erase(note.owner.find_last_not_of('\0') + 1);
  note.content = section.substr(content_at, header.n_descsz);
  note.type = header.n_type;
  note.whole = note.content.size() == header.n_descsz;
  return note;
}

Fact<std::string> build_id_of(const Note& note) {
  constexpr std::size_t longest = 64;
  if (note.owner != "GNU" || note.type != NT_GNU_BUILD_ID || !note.whole || note.content.empty() ||
      note.content.size() > longest)
    return missing<std::string>(std::string(build_id_section) + " holds something else");
  std::string text;
  for (const char byte : note.content) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return {text, ""};
}

bool read_numbers(const nlohmann::json& value, std::vector<int>& into) {
  constexpr std::size_t most = 1024;
  if (!value.is_array() || value.size() > most) return false;
  for (const nlohmann::json& number : value) {
    if (!number.is_number_integer() || number < 0 || number > 1000000) return false;
    into.push_back(number.get<int>());
  }
  return true;
}

Fact<ForwardCompat> forward_compat_of(const Note& note) {
  const auto refused = [](const char* why) {
    return missing<ForwardCompat>(fmt::format("{} is not understood: {}", compat_section, why));
  };
  if (note.owner != "NVIDIA Corporation") return refused("its owner is not NVIDIA Corporation");
  // Zero bytes may follow; to the parser they are the end.
  const nlohmann::json document = nlohmann::json::parse(note.content, nullptr, false);
  if (!document.is_object()) return refused("it holds no JSON object");
  ForwardCompat compat;
  for (const auto& [key, value] : document.items()) {
    std::string name = key;  // NVIDIA's own reader does not mind the case
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name == "cuda version" && value.is_string()) compat.cuda_version = value.get<std::string>();
    if (name == "driver" && !read_numbers(value, compat.drivers)) return refused("its drivers are no list of numbers");
    if (name == "device" && !read_numbers(value, compat.devices)) return refused("its devices are no list of numbers");
  }
  constexpr std::size_t longest = 16;
  if (compat.cuda_version.size() > longest || !Version::parse(compat.cuda_version))
    return refused("it names no CUDA version");
  return {compat, ""};
}

void read_note(const ByteSource& bytes, const ElfSection& section, ElfNotes& notes) {
  std::string content, why;
  std::optional<Note> note;
  try {
    content = read_elf_section(bytes, section, most_note_bytes);
    note = first_note(content, why);
  } catch (const ElfError& error) {
    why = error.what();
  }
  const std::string reason = fmt::format("{} {}", section.name, why);
  if (section.name == compat_section) {
    notes.has_compat_note = {true, ""};
    notes.forward_compat = note ? forward_compat_of(*note) : missing<ForwardCompat>(reason);
  } else {
    notes.build_id = note ? build_id_of(*note) : missing<std::string>(reason);
  }
}

}  // namespace

ElfNotes read_elf_notes(const ByteSource& bytes) {
  std::vector<ElfSection> sections;
  try {
    sections = read_elf_sections(bytes, {most_sections, most_name_bytes});
  } catch (const ElfError& error) {
    return all_missing(error.what());
  }
  ElfNotes notes;
  notes.build_id.reason = std::string("it has no ") + build_id_section;
  notes.has_compat_note = {false, ""};
  notes.forward_compat.reason = std::string("it has no ") + compat_section;
  for (const char* name : {build_id_section, compat_section}) {  // the first of each counts
    const auto found = std::ranges::find_if(
        sections, [&](const ElfSection& section) { return section.type == SHT_NOTE && section.name == name; });
    if (found != sections.end()) read_note(bytes, *found, notes);
  }
  return notes;
}

ElfNotes read_elf_notes(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return all_missing(fmt::format("{}: {}", path, std::strerror(errno)));
  ElfNotes notes = read_elf_notes([file](std::uint64_t offset, std::size_t size, char* into) {
    while (size > 0) {
      if (offset > static_cast<std::uint64_t>(INT64_MAX) - size) return false;
      const ssize_t n = pread(file, into, size, static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      offset += static_cast<std::uint64_t>(n);
      into += n;
      size -= static_cast<std::size_t>(n);
    }
    return true;
  });
  close(file);
  return notes;
}

}  // namespace kernelgate
