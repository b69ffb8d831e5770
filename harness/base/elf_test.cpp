// Sections and their names, of good files and of damaged ones. Notes and relocations have tests of their own.
#include "harness/base/elf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "harness/base/elf_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

constexpr ElfLimits limits{.sections = 8, .name_bytes = 64};

std::string refusal(const std::string& file) {
  try {
    read_elf_sections(bytes_in(file), limits);
  } catch (const ElfError& error) {
    return error.what();
  }
  return "accepted";
}

template <class Change>
std::string with_header(std::string file, Change change) {
  Elf64_Ehdr header{};
  std::memcpy(&header, file.data(), sizeof header);
  change(header);
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

TEST(Elf, GivesSectionsWithTheirNamesAndBytes) {
  const std::string file = elf_file({{".one", "first"}, {".two", "second", 1, SHT_PROGBITS}});
  const std::vector<ElfSection> sections = read_elf_sections(bytes_in(file), limits);
  ASSERT_EQ(sections.size(), 4U);  // the first is empty, the last has the names
  EXPECT_EQ(sections[1].name, ".one");
  EXPECT_EQ(sections[2].name, ".two");
  EXPECT_EQ(sections[2].type, static_cast<std::uint32_t>(SHT_PROGBITS));
  EXPECT_EQ(read_elf_section(bytes_in(file), sections[2], 6), "second");
}

TEST(Elf, ReadsNoMoreOfASectionThanItMay) {
  const std::string file = elf_file({{".one", "first"}});
  ElfSection one = read_elf_sections(bytes_in(file), limits).at(1);
  try {
    read_elf_section(bytes_in(file), one, 4);
    FAIL();
  } catch (const ElfError& error) {
    EXPECT_STREQ(error.what(), "has 5 bytes; at most 4 are read");
  }
  one.offset = file.size() - 4;
  try {
    read_elf_section(bytes_in(file), one, 5);
    FAIL();
  } catch (const ElfError& error) {
    EXPECT_STREQ(error.what(), "ends beyond the file");
  }
}

TEST(Elf, SaysWhatIsWrong) {
  const std::string good = elf_file({{".one", "first"}});
  EXPECT_EQ(refusal(good), "accepted");
  EXPECT_EQ(refusal("text"), "not an ELF file");
  EXPECT_THAT(refusal(with_header(good, [](Elf64_Ehdr& h) { h.e_shnum = 0; })), HasSubstr("usable section headers"));
  EXPECT_THAT(refusal(with_header(good, [](Elf64_Ehdr& h) { h.e_shentsize = 8; })),
              HasSubstr("usable section headers"));
  EXPECT_THAT(refusal(with_header(good, [](Elf64_Ehdr& h) { h.e_shstrndx = 7; })), HasSubstr("usable section headers"));
  EXPECT_THAT(refusal(with_header(good, [](Elf64_Ehdr& h) { h.e_shoff = ~0ULL; })), HasSubstr("beyond its end"));
  EXPECT_THAT(refusal(elf_file(std::vector<ElfSectionForTest>(9, {".x", ""}))), HasSubstr("more than 8 sections"));
  EXPECT_THAT(refusal(elf_file({{std::string(64, 'x'), ""}})), HasSubstr("section of names has 76 bytes; at most 64"));
}

TEST(Elf, ANameBeyondTheNamesIsEmpty) {
  std::string file = elf_file({{".one", "first"}});
  Elf64_Ehdr header{};
  std::memcpy(&header, file.data(), sizeof header);
  const std::uint32_t beyond = 0xffffff;
  std::memcpy(file.data() + header.e_shoff + sizeof(Elf64_Shdr), &beyond, sizeof beyond);
  EXPECT_EQ(read_elf_sections(bytes_in(file), limits).at(1).name, "");
}

}  // namespace
}  // namespace kernelgate
