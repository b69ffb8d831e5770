// Libraries with notes, without, and damaged ones.
#include "harness/check/machine/elf_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "harness/base/elf_for_test.h"

namespace kernelgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* compat_name = ".note.cuda.fwd_compatibility";
// As the libcuda of the package cuda-compat-12-9 has it. Source: NVIDIA/nvidia-container-toolkit, testdata/compat.
constexpr const char* of_575 =
    R"({"format":1,"CUDA version":"12.9","driver":[535,550,560,565,570,575],"device":[1,2,7,8,9,10,11,12,13,14]})";

ElfNotes notes_of(const std::string& file) { return read_elf_notes(bytes_in(file)); }

std::string library(const std::string& note, std::uint64_t alignment = 4) {
  return elf_file({{".note.gnu.build-id", build_id_note("\x30\x57\xdb\x9b")}, {compat_name, note, alignment}});
}

void expect_all_missing(const std::string& file, const std::string& reason) {
  const ElfNotes notes = notes_of(file);
  EXPECT_FALSE(notes.build_id.value || notes.has_compat_note.value || notes.forward_compat.value);
  EXPECT_THAT(notes.build_id.reason, HasSubstr(reason));
  EXPECT_THAT(notes.has_compat_note.reason, HasSubstr(reason));
  EXPECT_THAT(notes.forward_compat.reason, HasSubstr(reason));
}

TEST(ElfNotes, SayWhatACompatibilityLibrarySupports) {
  const ElfNotes notes = notes_of(library(compat_note(of_575)));
  EXPECT_EQ(notes.build_id.value, "3057db9b");
  EXPECT_EQ(notes.has_compat_note.value, true);
  ASSERT_TRUE(notes.forward_compat.value) << notes.forward_compat.reason;
  EXPECT_EQ(notes.forward_compat.value->cuda_version, "12.9");
  EXPECT_THAT(notes.forward_compat.value->drivers, ElementsAre(535, 550, 560, 565, 570, 575));
  EXPECT_THAT(notes.forward_compat.value->devices, ElementsAre(1, 2, 7, 8, 9, 10, 11, 12, 13, 14));
}

TEST(ElfNotes, MayNameNoDriverAndSayToBeLongerThanTheyAre) {
  // As the library for Orin, 13.2.1, has it: 34 bytes of JSON and 5 of zeros, in a note that counts 41.
  const std::string said = R"({"format":1,"CUDA version":"13.2"})";
  std::string note = elf_note("NVIDIA Corporation", 0, said + std::string(7, '\0'), 4, false);
  note.resize(note.size() - 2);
  const ElfNotes notes = notes_of(library(note));
  ASSERT_TRUE(notes.forward_compat.value) << notes.forward_compat.reason;
  EXPECT_EQ(notes.forward_compat.value->cuda_version, "13.2");
  EXPECT_THAT(notes.forward_compat.value->drivers, IsEmpty());
}

TEST(ElfNotes, AreFoundAtEitherAlignment) {
  const ElfNotes notes = notes_of(library(elf_note("NVIDIA Corporation", 0, of_575, 8), 8));
  EXPECT_EQ(notes.forward_compat.value.value_or(ForwardCompat{}).cuda_version, "12.9") << notes.forward_compat.reason;
}

TEST(ElfNotes, OfADriversOwnLibraryHaveABuildIdAlone) {
  const ElfNotes notes = notes_of(elf_file({{".note.gnu.build-id", build_id_note("\xab\x01")}}));
  EXPECT_EQ(notes.build_id.value, "ab01");
  EXPECT_EQ(notes.has_compat_note.value, false);
  EXPECT_EQ(notes.has_compat_note.reason, "");
  EXPECT_FALSE(notes.forward_compat.value);
  EXPECT_THAT(notes.forward_compat.reason, HasSubstr("has no .note.cuda"));
  EXPECT_THAT(notes_of(elf_file({})).build_id.reason, HasSubstr("has no .note.gnu.build-id"));
}

TEST(ElfNotes, ABuildIdIsWholeOrMissing) {
  std::string note = build_id_note(std::string(20, 'x'));
  note.pop_back();
  const ElfNotes notes = notes_of(elf_file({{".note.gnu.build-id", note}}));
  EXPECT_FALSE(notes.build_id.value);
  EXPECT_THAT(notes.build_id.reason, HasSubstr("holds something else"));
}

TEST(ElfNotes, ThatAreNotUnderstoodAreThereAllTheSame) {
  const std::string broken_json = R"({"format":1,"CUDA version":"13.2",})";
  const struct {
    std::string note, reason;
  } rows[] = {
      {compat_note(broken_json), "no JSON object"},
      {compat_note("[1]"), "no JSON object"},
      {compat_note(R"({"driver":[535]})"), "no CUDA version"},
      {compat_note(R"({"CUDA version":"new"})"), "no CUDA version"},
      {compat_note(R"({"CUDA version":"12.9","driver":["R535"]})"), "no list of numbers"},
      {compat_note(R"({"CUDA version":"12.9","device":7})"), "no list of numbers"},
      {elf_note("GNU", 0, of_575), "its owner"},
      {"short", "no whole note"},
      {bytes_of(Elf64_Nhdr{0xffffffff, 4, 0}), "no whole note"},
      {bytes_of(Elf64_Nhdr{4, 0xffffffff, 0}) + "abcdefgh", "its owner"},
      {std::string(70000, 'x'), "at most 65536"},
  };
  for (const auto& row : rows) {
    const ElfNotes notes = notes_of(library(row.note));
    EXPECT_EQ(notes.has_compat_note.value, true) << row.reason;
    EXPECT_FALSE(notes.forward_compat.value) << row.reason;
    EXPECT_THAT(notes.forward_compat.reason, HasSubstr(row.reason));
    EXPECT_EQ(notes.build_id.value, "3057db9b") << "one damaged note must not cost the other";
  }
}

TEST(ElfNotes, OtherFilesAreNamedAsWhatTheyAre) {
  const std::string good = library(compat_note(of_575));
  expect_all_missing("", "not an ELF file");
  expect_all_missing("GROUP ( /lib/libcuda.so.1 )  ", "not an ELF file");
  std::string other = good;
  other[EI_CLASS] = ELFCLASS32;
  expect_all_missing(other.substr(0, 52), "64 bits");
  other = good;
  other[EI_DATA] = ELFDATA2MSB;
  expect_all_missing(other, "byte order");
  expect_all_missing(good.substr(0, 60), "within its header");
  expect_all_missing(good.substr(0, good.size() - 1), "beyond its end");
}

TEST(ElfNotes, EveryPrefixOfALibraryIsRefusedOrRead) {
  const std::string good = library(compat_note(of_575));
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(notes_of(good.substr(0, size)).build_id.value);
}

TEST(ElfNotes, ManySectionsCostNoTime) {
  std::string file = elf_file({});
  Elf64_Ehdr header{};
  std::memcpy(&header, file.data(), sizeof header);
  header.e_shnum = 0xfffe;
  std::memcpy(file.data(), &header, sizeof header);
  expect_all_missing(file, "more than 4096 sections");
}

TEST(ElfNotes, AreReadFromAFile) {
  const ElfNotes own = read_elf_notes(std::filesystem::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(own.has_compat_note.value, false) << own.has_compat_note.reason;
  EXPECT_THAT(read_elf_notes("/no/such/file").build_id.reason, HasSubstr("No such file"));
  EXPECT_THAT(read_elf_notes("/proc").build_id.reason, HasSubstr("not an ELF file"));
}

}  // namespace
}  // namespace kernelgate
