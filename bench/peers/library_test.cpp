// The loader of vendors' libraries: finds, remembers, and says what it tried.

#include "bench/peers/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kernelgate {
namespace {

using testing::HasSubstr;

TEST(Library, LoadsWhatTheLoaderFinds) {
  const Library& libm = Library::open("the C mathematics library", {"libm.so.6"});
  EXPECT_EQ(libm.path(), "libm.so.6");
  EXPECT_DOUBLE_EQ(libm.symbol<double (*)(double)>("cbrt")(27.0), 3.0);
  EXPECT_EQ(&libm, &Library::open("again", {"libm.so.6"}));
}

TEST(Library, TakesTheFirstSonameThatLoads) {
  EXPECT_EQ(Library::open("either", {"libno_such_thing.so.9", "libm.so.6"}).path(), "libm.so.6");
}

TEST(Library, NamesWhatIsMissing) {
  const Support support = Library::probe("nothing", {"libno_such_thing.so.9", "libno_such_thing.so.8"});
  EXPECT_FALSE(support.yes);
  EXPECT_THAT(support.reason, HasSubstr("nothing not found: no libno_such_thing.so.9 or libno_such_thing.so.8 in"));
  EXPECT_THAT(support.reason, HasSubstr("KERNELGATE_LIBRARY_PATH"));
  EXPECT_THROW(Library::open("nothing", {"libno_such_thing.so.9", "libno_such_thing.so.8"}), Unsupported);
}

TEST(Library, NamesAMissingSymbol) {
  const Library& libm = Library::open("the C mathematics library", {"libm.so.6"});
  try {
    libm.symbol<void (*)()>("no_such_function");
    FAIL() << "expected Unsupported";
  } catch (const Unsupported& why) {
    EXPECT_STREQ(why.what(), "libm.so.6 has no no_such_function");
  }
}

class LibraryFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "kernelgate_library_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ::setenv("KERNELGATE_LIBRARY_PATH", ("/no/such/folder:" + folder_.string()).c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("KERNELGATE_LIBRARY_PATH");
    std::filesystem::remove_all(folder_);
  }
  std::filesystem::path folder_;
};

TEST_F(LibraryFolder, SearchesTheUsersFoldersFirst) {
  const auto folders = library_folders();
  ASSERT_FALSE(folders.empty());
  EXPECT_EQ(folders.front(), folder_.string());  // the one that does not exist is left out
}

TEST_F(LibraryFolder, SaysWhyAFileThatIsThereDoesNotLoad) {
  std::ofstream(folder_ / "libgarbage.so.1") << "not a library";
  const Support support = Library::probe("garbage", {"libgarbage.so.1"});
  EXPECT_FALSE(support.yes);
  EXPECT_THAT(support.reason, HasSubstr("garbage does not load"));
  EXPECT_THAT(support.reason, HasSubstr("libgarbage.so.1"));
}

TEST_F(LibraryFolder, LoadsFromTheUsersFolder) {
  // A copy of a library of the system, under a name that the loader can't know.
  const Library& libm = Library::open("the C mathematics library", {"libm.so.6"});
  ASSERT_NE(libm.symbol<double (*)(double)>("cbrt"), nullptr);
  std::filesystem::path original;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("libm.so.6") != std::string::npos) original = line.substr(line.find('/'));
  if (original.empty()) GTEST_SKIP() << "no libm.so.6 among this process's files";
  std::filesystem::copy_file(original, folder_ / "libkernelgate_copy.so.6");
  const std::string copy = (folder_ / "libkernelgate_copy.so.6").string();
  EXPECT_EQ(Library::open("copy", {"libkernelgate_copy.so.6"}).path(), copy);
  std::filesystem::remove(copy);
  EXPECT_EQ(Library::open("copy", {"libkernelgate_copy.so.6"}).path(), copy);  // remembered, not searched again
}

}  // namespace
}  // namespace kernelgate
