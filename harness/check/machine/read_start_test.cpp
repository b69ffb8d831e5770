// The beginning of a file that may be anything.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/check/machine/system_probe.h"

namespace kernelgate {
namespace {

class ReadStart : public testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("kernelgate_read_start_{}", getpid());
  SystemProbe probe_{SystemProbeOptions{.sysroot = folder_.string()}};
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(ReadStart, IsNoLongerThanAsked) {
  std::ofstream(folder_ / "file") << "0123456789";
  EXPECT_EQ(probe_.read_start("/file", 4), "0123");
  EXPECT_EQ(probe_.read_start("/file", 10), "0123456789");
  EXPECT_EQ(probe_.read_start("/file", 100), "0123456789");
  std::ofstream(folder_ / "empty") << "";
  EXPECT_EQ(probe_.read_start("/empty", 100), "");
}

TEST_F(ReadStart, TakesRegularFilesOnly) {
  EXPECT_FALSE(probe_.read_start("/absent", 4));
  EXPECT_FALSE(probe_.read_start("/", 4));
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(probe_.read_start("/pipe", 4));  // opening it would wait for a writer
}

}  // namespace
}  // namespace kernelgate
