// The check beside the real CUDA runtime, on the same made-up driver libraries.
#include <dlfcn.h>

#include <sstream>
#include <utility>

#include "bench/commands/check_for_test.h"
#include "harness/base/paths_for_test.h"

namespace kernelgate {
namespace {

struct Runtime {
  int count_code, version_code, version;
};

class CudaRuntime : public CheckTest {
 protected:
  void SetUp() override {
    if (!with_cuda) GTEST_SKIP() << "this build has no CUDA runtime";
    CheckTest::SetUp();
  }
  Runtime ask(const std::string& folder) const {
    const std::string command =
        fmt::format("{} LD_LIBRARY_PATH='{}' '{}/count_devices' >'{}'", clean_environment(), machine_->path(folder),
                    (build_folder() / "fake_driver").string(), (scratch_ / "codes").string());
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::istringstream text(text_of(scratch_ / "codes"));
    Runtime runtime{-1, -1, -1};
    text >> runtime.count_code >> runtime.version_code >> runtime.version;
    return runtime;
  }
  static constexpr const char* usual = "/usr/lib/x86_64-linux-gnu";
};

TEST_F(CudaRuntime, PassesTheDriversCodeOn) {
  const std::pair<int, const char*> rows[] = {{3, "D-CUDA-INIT"},   {34, "D-LIB-STUB"},    {46, "D-MODE"},
                                              {100, "D-CUDA-INIT"}, {101, "D-CUDA-INIT"},  {304, "D-CUDA-INIT"},
                                              {802, "D-FABRIC"},    {803, "D-COMPAT-803"}, {804, "D-COMPAT-804"},
                                              {805, "D-MPS"},       {999, "D-CUDA-INIT"}};
  for (const auto& [code, id] : rows) {
    machine_->driver["cuInit"] = std::to_string(code);
    EXPECT_EQ(ask(usual).count_code, code);
    EXPECT_EQ(check(), 5);
    EXPECT_EQ(causes(), std::vector<std::string>{id}) << code;
  }
}

TEST_F(CudaRuntime, Calls35WhatHasThreeCauses) {
  machine_->driver["cuda_version"] = "12090";
  const Runtime older = ask(usual);
  EXPECT_EQ(older.count_code, 35);
  EXPECT_EQ(older.version, 12090);
  EXPECT_EQ(check(), 0);
  EXPECT_FALSE(build_finding("D-VER-MAJOR").is_null());

  machine_->remove(std::string(usual) + "/libcuda.so.1");
  machine_->write(std::string(usual) + "/libcuda.so.1", "");
  const Runtime empty = ask(usual);
  EXPECT_EQ(empty.count_code, 35);
  EXPECT_EQ(empty.version, 0);
  check();
  EXPECT_EQ(causes(), std::vector<std::string>{"D-LIB-EMPTY"});

  machine_->remove(std::string(usual) + "/libcuda.so.1");
  check();
  EXPECT_EQ(causes(), std::vector<std::string>{"D-LIB-MISSING"});
  // The runtime, other than the check, would then find the driver of a machine that has one.
  if (!dlopen("libcuda.so.1", RTLD_LAZY)) {
    const Runtime none = ask(usual);
    EXPECT_EQ(none.count_code, 35);
    EXPECT_EQ(none.version, 0);
  }
}

}  // namespace
}  // namespace kernelgate
