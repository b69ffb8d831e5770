// What a build says of its sources: clean where they are those of a commit, and no others.

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

class BuildInfoFile : public ProgramTest {
 protected:
  bool shell(const std::string& line) const {
    return std::system(fmt::format("cd '{}' && ( {} ) >/dev/null 2>&1", folder_.string(), line).c_str()) == 0;
  }
  /// "false" or "true", as the build would say.
  std::string dirty() const {
    if (!shell(fmt::format("cmake -DSOURCE_DIR='{0}' -DOUT='{1}/info.cpp' -DVERSION=1 -DARCHS=80 -P "
                           "'{2}/cmake/write_build_info.cmake'",
                           folder_.string(), scratch_.string(), source_folder().string())))
      return "cmake failed";
    const std::string text = text_of(scratch_ / "info.cpp");
    return text.find("\", false, \"") != std::string::npos  ? "false"
           : text.find("\", true, \"") != std::string::npos ? "true"
                                                            : text;
  }
};

TEST_F(BuildInfoFile, ASourceThatNobodyHasIsAChange) {
  if (!shell("git --version && cmake --version")) GTEST_SKIP() << "git or cmake is not installed";
  ASSERT_TRUE(
      shell("git init . && mkdir -p kernels/mel docs && touch kernels/mel/mel.cpp CMakeLists.txt && git add . && "
            "git -c user.name=a -c user.email=a@b commit -m first"));
  EXPECT_EQ(dirty(), "false");
  ASSERT_TRUE(shell("mkdir results && touch results/a.json docs/notes.md"));
  EXPECT_EQ(dirty(), "false") << "what is not built changes nothing";
  ASSERT_TRUE(shell("touch kernels/mel/sm80_new.cu"));
  EXPECT_EQ(dirty(), "true") << "a kernel that the build finds by itself";
  ASSERT_TRUE(shell("git add kernels"));
  EXPECT_EQ(dirty(), "true");
  ASSERT_TRUE(shell("git -c user.name=a -c user.email=a@b commit -m second"));
  EXPECT_EQ(dirty(), "false");
  ASSERT_TRUE(shell("echo change >CMakeLists.txt"));
  EXPECT_EQ(dirty(), "true");
}

}  // namespace
}  // namespace kernelgate
