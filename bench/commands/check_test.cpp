// The check through the program: what it reads and says of machines that are folders, with made-up driver libraries.
#include "bench/commands/check_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(CheckTest, AHealthyMachineIsReadWhole) {
  const int code = check();
  EXPECT_EQ(code, 0) << out_;
  EXPECT_THAT(causes(), IsEmpty());
  const json& environment = report_["environment"];
  EXPECT_EQ(environment["host"]["hostname"], "gpu-node");
  EXPECT_EQ(environment["host"]["kernel"], "6.1.0-38-amd64");
  EXPECT_EQ(environment["driver"], "580.95.05");
  EXPECT_EQ(environment["libcuda"]["path"], "/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05");
  EXPECT_EQ(environment["libcuda"]["build_id"].get<std::string>().size(), 40U);
  EXPECT_EQ(environment["libcuda"]["has_compat_note"], false);
  ASSERT_EQ(environment["gpus"].size(), 1U);
  EXPECT_EQ(environment["gpus"][0]["name"], "NVIDIA H200");
  EXPECT_EQ(environment["gpus"][0]["cuda_ordinal"], 0);
  EXPECT_EQ(environment["gpus"][0]["power_limit_w"], 700);
}

TEST_F(CheckTest, ACompatibilityLibraryIsShownWithWhatItSupports) {
  machine_->install_compat();
  check();
  const json& library = report_["environment"]["libcuda"];
  EXPECT_EQ(library["path"], "/usr/local/cuda-12.9/compat/libcuda.so.575.57.08");
  EXPECT_EQ(library["forward_compat"]["cuda_version"], "12.9");
  EXPECT_EQ(library["forward_compat"]["drivers"], json({535, 550, 560, 565, 570, 575}));
}

TEST_F(CheckTest, TheToolkitsOwnStubIsNamed) {
  if (!std::filesystem::exists(KERNELGATE_CUDA_STUB)) GTEST_SKIP() << "no toolkit with a stub here";
  const std::string folder = "/usr/local/cuda/lib64/stubs";
  std::filesystem::create_directories(machine_->path(folder));
  std::filesystem::copy_file(KERNELGATE_CUDA_STUB, machine_->path(folder + "/libcuda.so.1"));
  machine_->variables["LD_LIBRARY_PATH"] = machine_->path(folder);
  EXPECT_EQ(check(), 5);
  EXPECT_EQ(causes(), std::vector<std::string>{"D-LIB-STUB"});
  EXPECT_THAT(finding("D-LIB-STUB")["evidence"].dump(), HasSubstr("/stubs/libcuda.so.1"));
}

TEST_F(CheckTest, WslWithItsOwnLibrariesIsNoFailure) {
  machine_->without_driver();
  machine_->remove("/sys/bus/pci/devices/0000:19:00.0");
  machine_->write("/dev/dxg", "");
  machine_->install_libraries("/usr/lib/wsl/lib", "1.1");
  machine_->driver["driver"] = "581.15";
  const int code = check();
  EXPECT_EQ(report_["environment"]["host"]["wsl"], true);
  EXPECT_TRUE(finding("D-WSL-SHADOW").is_null());
  EXPECT_EQ(code, 0) << out_;
}

TEST_F(CheckTest, GVisorIsKnownByItsKernel) {
  machine_->write("/proc/sys/kernel/osrelease", "4.4.0\n");
  check();
  EXPECT_EQ(report_["environment"]["host"]["gvisor"], true);
}

TEST_F(CheckTest, CudasOrderAndNvmlsAreToldApart) {
  machine_->driver.merge(
      std::map<std::string, std::string>{{"gpus", "2"}, {"cuda_order", "1,0"}, {"0.temperature", "77"}});
  check();
  const json& gpus = report_["environment"]["gpus"];
  ASSERT_EQ(gpus.size(), 2U);
  EXPECT_EQ(gpus[0]["temperature_c"], 77);
  EXPECT_EQ(gpus[0]["cuda_ordinal"], 1);
  EXPECT_EQ(gpus[1]["cuda_ordinal"], 0);
}

TEST_F(CheckTest, WhatADriverPrintsIsNotOurOutput) {
  machine_->driver["prints"] = "driver says hello";
  check();
  EXPECT_EQ(out_.find("hello"), std::string::npos);
}

TEST_F(CheckTest, RefusesAFolderThatIsNotThere) {
  expect_refusal(1, "check --sysroot /no/such/root", "/no/such/root");
  EXPECT_EQ(run("check --timeout 0"), 1);
}

}  // namespace
}  // namespace kernelgate
