// Temporary folders are there, and gone.
#include "harness/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

namespace kernelgate {
namespace {

TEST(TemporaryFolder, IsFreshPrivateAndGoneWithAllThatIsInIt) {
  std::filesystem::path path;
  {
    const TemporaryFolder one, other;
    path = one.path();
    EXPECT_NE(path, other.path());
    EXPECT_TRUE(std::filesystem::is_empty(path));
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
    std::filesystem::create_directories(path / "a/b");
    std::ofstream(path / "a/b/file") << "text";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(TemporaryFolder, GoesElsewhereWhereItsPlaceTakesNothing) {
  const char* named = std::getenv("TMPDIR");
  const std::string before = named != nullptr ? named : "";
  const TemporaryFolder home;
  std::ofstream(home.path() / "file") << "text";
  const std::string file = (home.path() / "file").string();
  for (const std::string& bad :
       {std::string("/nonexistent"), file, std::string("/dev/full"), std::string("/proc"), std::string()}) {
    setenv("TMPDIR", bad.c_str(), 1);
    const TemporaryFolder one;
    EXPECT_TRUE(std::filesystem::is_directory(one.path())) << bad;
    EXPECT_FALSE(one.path().string().starts_with("/proc"));
  }
  setenv("TMPDIR", home.path().c_str(), 1);
  EXPECT_EQ(TemporaryFolder().path().parent_path(), home.path()) << "where it takes something it is believed";
  before.empty() ? unsetenv("TMPDIR") : setenv("TMPDIR", before.c_str(), 1);
}

}  // namespace
}  // namespace kernelgate
