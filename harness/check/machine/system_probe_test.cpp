// The probe of a machine whose files are in a folder: links, and the kernel log.
#include "harness/check/machine/system_probe.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "harness/check/machine/frameworks.h"
#include "harness/check/machine/kernel_log.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::SizeIs;

class Sysroot : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path.substr(1)).parent_path());
    std::ofstream(root_ / path.substr(1)) << text;
  }
  void link(const std::string& path, const std::string& target) const {
    fs::create_directories((root_ / path.substr(1)).parent_path());
    fs::create_symlink(target, root_ / path.substr(1));
  }
  SystemProbe probe() const {
    SystemProbeOptions options;
    options.sysroot = root_.string();
    return SystemProbe(options);
  }

  fs::path root_ = fs::temp_directory_path() / fmt::format("kernelgate_sysroot_{}", getpid());
};

TEST_F(Sysroot, AnAbsoluteLinkStaysWithinIt) {
  write("/opt/real/etc/hostname", "inside\n");
  link("/opt/link", "/opt/real/etc");
  link("/opt/real/up", "../../opt/real/etc/hostname");
  EXPECT_EQ(probe().read_file("/opt/link/hostname"), "inside\n");
  EXPECT_EQ(probe().read_start("/opt/real/up", 3), "ins");
  EXPECT_THAT(probe().list_directory("/opt/link"), ElementsAre("hostname"));
  EXPECT_TRUE(probe().exists("/opt/link"));
  EXPECT_EQ(probe().read_link("/opt/link"), "/opt/real/etc");  // as stored
  link("/opt/host", "/usr/bin/env");                           // is on this machine, and not in the folder
  EXPECT_FALSE(probe().exists("/opt/host"));
  link("/opt/out", "../../../../../../../../etc/passwd");  // no further up than its own root
  EXPECT_FALSE(probe().exists("/opt/out"));
}

TEST_F(Sysroot, LinksInACircleEnd) {
  link("/a", "/b");
  link("/b", "/a");
  EXPECT_FALSE(probe().exists("/a"));
  EXPECT_FALSE(probe().read_file("/a/file"));
}

TEST_F(Sysroot, FrameworksBehindALinkedFolderAreFound) {
  write("/srv/python/lib/python3.11/site-packages/torch/version.py", "__version__ = '2.9.0+cu130'\ncuda = '13.0'\n");
  link("/usr/local/lib/python3.11", "/srv/python/lib/python3.11");
  EXPECT_THAT(read_frameworks(probe()), SizeIs(1));
}

TEST_F(Sysroot, TheKernelLogIsOfThisBootAndOfTheDriver) {
  write("/var/log/kern.log",
        "Nov 1 host kernel: [0.0] Linux version 6.8.0\n"
        "Nov 1 host kernel: [9.9] NVRM: Xid (PCI:0000:19:00): 79, of the boot before\n"
        "Nov 2 host kernel: [0.0] Linux version 6.8.0\n"
        "Nov 2 host kernel: [1.0] usb 1-1: a mouse\n"
        "Nov 2 host kernel: [5.5] NVRM: GPU 0000:19:00.0: RmInitAdapter failed!\n");
  EXPECT_THAT(read_driver_log(probe()), ElementsAre("NVRM: GPU 0000:19:00.0: RmInitAdapter failed!"));
  write("/dev/kmsg", "6,1,2,-;NVRM: loading\n");  // the ring buffer goes before the files
  EXPECT_THAT(read_driver_log(probe()), ElementsAre("NVRM: loading"));
}

TEST_F(Sysroot, OfALongKernelLogTheNewestLinesAreKept) {
  std::string log = "Linux version 6.8.0\n";
  for (int i = 0; i < 200; ++i) log += fmt::format("NVRM: line {}\n", i);
  write("/var/log/messages", log);
  const std::vector<std::string> lines = read_driver_log(probe());
  EXPECT_THAT(lines, SizeIs(40));
  EXPECT_EQ(lines.back(), "NVRM: line 199");
}

}  // namespace
}  // namespace kernelgate
