// Joining: with tools made of shell scripts that print what the real ones were recorded to print.

#include "harness/codegen/read_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/codegen/codegen_for_test.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using for_test::recorded;
using for_test::recorded_file;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ReadKernels : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / fmt::format("kernelgate_read_kernels_{}", ::getpid());
  fs::path object_ = folder_ / "spills.o";
  CudaTools none_;

  void SetUp() override {
    fs::create_directories(folder_);
    std::ofstream(object_) << "object";
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A cuobjdump that runs `body`; $1 is what it is asked for.
  CudaTools tools(const std::string& body) const {
    const fs::path path = folder_ / "cuobjdump";
    std::ofstream(path) << "#!/bin/sh\n" << body << '\n';
    fs::permissions(path, fs::perms::owner_all);
    return {path, path};
  }
  CudaTools recorded_tools(const std::string& stem) const {
    return tools(
        fmt::format("case $1 in -sass) cat '{0}.sass';; -res-usage) cat '{0}.res_usage';; "
                    "--version) echo 'tools, release 13.2, V13.2.86';; esac",
                    recorded_file(stem).string()));
  }
  CodeSource with_log() const { return {object_, recorded("spills.ptxas")}; }
};

TEST_F(ReadKernels, JoinsLogAndInstructions) {
  const auto codes = read_kernels({with_log()}, recorded_tools("spills"));
  ASSERT_EQ(codes.size(), 2U);
  EXPECT_EQ(codes[0].arch, "sm80");
  EXPECT_EQ(codes[1].arch, "sm90a");
  EXPECT_EQ(codes[1].nvcc, "13.0.88");
  EXPECT_EQ(codes[1].disassembler, "13.2.86");
  ASSERT_EQ(codes[1].kernels.size(), 5U);
  const KernelCode& spilling = codes[1].kernels[4];
  EXPECT_EQ(spilling.name, "harness/codegen/testdata/spills: spilling<Policy<16, true>, (Layout)1>");
  EXPECT_EQ(spilling.spill_store_bytes, 92);
  EXPECT_EQ((*spilling.instructions)["STL"], 21);
  EXPECT_EQ(read_kernels({with_log()}, recorded_tools("spills"), {"sm90a"}).size(), 1U);
}

TEST_F(ReadKernels, HasTheFiguresWithoutATool) {
  const auto codes = read_kernels({with_log()}, none_);
  ASSERT_EQ(codes.size(), 2U);
  EXPECT_THAT(codes[0].no_instructions, HasSubstr("cuobjdump and nvdisasm not found"));
  EXPECT_THAT(codes[0].no_instructions, HasSubstr("pip install"));
  EXPECT_FALSE(codes[0].kernels[0].instructions);
  EXPECT_EQ(codes[0].kernels[4].spill_store_bytes, 40);
}

TEST_F(ReadKernels, TakesWhatWasCountedBeforeWithoutATool) {
  CodeSource source = with_log();
  const auto read = read_kernels({source}, recorded_tools("spills"));
  CountedCode counted{{}, "13.2.86"};
  for (const ArchCode& code : read)
    for (const KernelCode& kernel : code.kernels)
      if (kernel.instructions) counted.counts[{kernel.arch, kernel.symbol}] = *kernel.instructions;
  source.counted = counted;
  const auto codes = read_kernels({source}, none_);
  ASSERT_EQ(codes.size(), 2U);
  EXPECT_EQ(codes[1].disassembler, "13.2.86");
  EXPECT_EQ(codes[1].no_instructions, "");
  EXPECT_EQ((*codes[1].kernels[4].instructions)["STL"], 21);
  source.counted->counts.erase(source.counted->counts.begin());
  EXPECT_THAT([&] { read_kernels({source}, none_); }, ThrowsMessage<ResultError>(HasSubstr("not of one build")));
}

TEST_F(ReadKernels, WithoutALogHasNoSpills) {
  const auto codes = read_kernels({{object_, std::nullopt}}, recorded_tools("spills"));
  ASSERT_EQ(codes.size(), 2U);
  EXPECT_EQ(codes[0].nvcc, "");
  EXPECT_EQ(codes[0].kernels[3].name, "spills: spilling<Policy<16, true>, (Layout)1>");
  EXPECT_FALSE(codes[0].kernels[3].spill_store_bytes);
  EXPECT_EQ((*codes[0].kernels[3].instructions)["LDL"], 10);
  EXPECT_EQ(read_kernels({{object_, std::nullopt}}, recorded_tools("wgmma"))[0].arch, "sm90a") << "a bare cubin";
  EXPECT_THAT(
      [&] {
        read_kernels({{object_, std::nullopt}}, none_);
      },
      ThrowsMessage<HarnessError>(HasSubstr("install")));
}

TEST_F(ReadKernels, FindsTheLogBesideAFile) {
  EXPECT_FALSE(code_source(object_).log);
  std::ofstream(object_.string() + ".ptxas") << recorded("spills.ptxas");
  EXPECT_EQ(code_source(object_).log, recorded("spills.ptxas"));
  EXPECT_THAT([&] { code_source(folder_); }, ThrowsMessage<HarnessError>(HasSubstr("is no file")));
}

TEST_F(ReadKernels, RefusesALogOfAnotherBuild) {
  EXPECT_THAT([&] { read_kernels({with_log()}, recorded_tools("wgmma")); },
              ThrowsMessage<ResultError>(HasSubstr("not of one build; build again")));
}

TEST_F(ReadKernels, RefusesTwoCompilersInOneBuild) {
  std::string other = recorded("wgmma.ptxas");
  other.replace(other.find("13.0.88"), 7, "13.1.10");
  EXPECT_THAT(
      [&] {
        read_kernels({with_log(), {object_, other}}, none_);
      },
      ThrowsMessage<ResultError>(HasSubstr("by two compilers")));
}

TEST_F(ReadKernels, RefusesAnArchitectureThatIsNotThere) {
  EXPECT_THAT([&] { read_kernels({with_log()}, none_, {"sm75"}); },
              ThrowsMessage<HarnessError>(HasSubstr("no kernels for sm75 here; configure with")));
}

TEST_F(ReadKernels, SaysWhatAToolSaidWhenItFails) {
  EXPECT_THAT([&] { read_kernels({with_log()}, tools("echo one >&2; echo 'two: broken' >&2; exit 3")); },
              ThrowsMessage<HarnessError>(HasSubstr("two: broken (exit code 3)")));
}

TEST(CudaTools, AreLookedForOnPathFirst) {
  ASSERT_FALSE(cuda_tool_folders().empty());
  const std::string path = std::getenv("PATH");
  EXPECT_EQ(cuda_tool_folders().front(), path.substr(0, path.find(':')));
  EXPECT_EQ(missing_for_instructions({"/a/cuobjdump", "/a/nvdisasm"}), "");
  EXPECT_THAT(missing_for_instructions({"/a/cuobjdump", ""}), HasSubstr("nvdisasm not found"));
}

}  // namespace
}  // namespace kernelgate
