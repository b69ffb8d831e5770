// Temporary folders are there, and gone.
#include "harness/base/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

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

}  // namespace
}  // namespace kernelgate
