#include "harness/codegen/object_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/base/stable_hash.h"
#include "harness/codegen/codegen_for_test.h"

namespace kernelgate {
namespace {

using for_test::recorded;
using ::testing::HasSubstr;

std::map<std::string, std::string> hashes_of(const std::string& file) { return object_hashes(recorded(file), file); }

TEST(ObjectHash, NeitherFolderNorLinesOfTheSourceChangeIt) {
  const auto here = hashes_of("hashed_here.o");
  ASSERT_EQ(here.size(), 2u);
  EXPECT_NE(here.at("host"), here.at("sm_90a"));
  EXPECT_NE(recorded("hashed_here.o"), recorded("hashed_elsewhere.o"));
  EXPECT_EQ(hashes_of("hashed_elsewhere.o"), here);
}

TEST(ObjectHash, AnotherConstantChangesTheDevicesAlone) {
  const auto here = hashes_of("hashed_here.o"), constant = hashes_of("hashed_constant.o");
  EXPECT_NE(constant.at("sm_90a"), here.at("sm_90a"));
  EXPECT_EQ(constant.at("host"), here.at("host"));
}

TEST(ObjectHash, AnotherLaunchChangesTheHostsAlone) {
  const auto here = hashes_of("hashed_here.o"), launch = hashes_of("hashed_launch.o");
  EXPECT_EQ(launch.at("sm_90a"), here.at("sm_90a"));
  EXPECT_NE(launch.at("host"), here.at("host"));
}

TEST(ObjectHash, WhatIsNoWholeObjectIsRefusedWithItsName) {
  const auto text_of = [](const std::string& bytes) {
    try {
      object_hashes(bytes, "made.o");
    } catch (const HarnessError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(text_of(""), HasSubstr("made.o: is not an ELF file"));
  EXPECT_THAT(text_of("no object"), HasSubstr("made.o: is not an ELF file"));
  const std::string whole = recorded("hashed_here.o");
  for (std::size_t size : {std::size_t{4}, std::size_t{64}, whole.size() / 2, whole.size() - 1})
    EXPECT_THAT(text_of(whole.substr(0, size)), HasSubstr("made.o: is ")) << size;
  // The cubin inside is no ELF file any more: what a compressed one looks like.
  std::string compressed = whole;
  const auto cubin = compressed.find(
      "\x7f"
      "ELF",
      4);
  ASSERT_NE(cubin, std::string::npos);
  compressed[cubin] = 0;
  EXPECT_THAT(text_of(compressed), HasSubstr("sm_90a is compressed"));
}

TEST(StableHash, IsThePublishedFunctionAndKeepsPartsApart) {
  // FNV-1a of eight zero bytes, the length of the empty part, worked out from the published constants.
  std::uint64_t expected = 0xcbf29ce484222325u;
  for (int byte = 0; byte < 8; ++byte) expected *= 0x100000001b3u;
  EXPECT_EQ(StableHash().add("").value(), expected);
  EXPECT_EQ(StableHash().text(), "cbf29ce484222325");
  EXPECT_NE(StableHash().add("ab").add("c").text(), StableHash().add("a").add("bc").text());
}

}  // namespace
}  // namespace kernelgate
