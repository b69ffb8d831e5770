// scripts/new_kernel: what it makes compiles, and is told apart from what it was copied from.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "harness/base/paths_for_test.h"
#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// The script, and the kernels that it copies, in a folder of their own.
class NewKernel : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "new_kernel_test_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fs::create_directories(folder_ / "scripts");
    fs::create_directories(folder_ / "kernels");
    fs::copy(source_folder() / "scripts/new_kernel", folder_ / "scripts");
    for (const std::string& op : all_ops())
      fs::copy(source_folder() / "kernels" / op, folder_ / "kernels" / op, fs::copy_options::recursive);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// The exit code, and what was written to both streams.
  std::pair<int, std::string> shell(const std::string& command) const {
    std::FILE* const pipe = popen(("cd '" + folder_.string() + "' && " + command + " 2>&1").c_str(), "r");
    std::string text;
    for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    const int status = pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
  }

  std::string text_of(const std::string& file) const {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  void expect_refusal(const std::string& arguments, const std::string& why) const {
    SCOPED_TRACE(arguments);
    const auto [code, text] = shell("scripts/new_kernel " + arguments);
    EXPECT_EQ(code, 1);
    EXPECT_THAT(text, testing::StartsWith("new_kernel: "));
    EXPECT_THAT(text, HasSubstr(why));
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line: " << text;
  }

  fs::path folder_;
};

class NewKernelOf : public NewKernel, public testing::WithParamInterface<std::string> {};

TEST_P(NewKernelOf, CompilesUnderItsOwnName) {
  const std::string& op = GetParam();
  const auto [code, said] = shell("scripts/new_kernel " + op + " sm90a_idea");
  ASSERT_EQ(code, 0) << said;
  const std::string file = "kernels/" + op + "/sm90a_idea.cu", text = text_of(file);
  EXPECT_THAT(text, ContainsRegex("registered\\{[[:space:]]*\\{(\\.name = )?\"sm90a_idea\""));
  EXPECT_THAT(text, HasSubstr("compute_capability != 90)"));
  EXPECT_THAT(text, HasSubstr("needs compute capability 9.0"));
  EXPECT_THAT(text, Not(HasSubstr("\"sm75_")));
  const auto [failed, errors] =
      shell("${CXX:-c++} -std=c++20 -fsyntax-only -x c++ -I '" + source_folder().string() + "' " + file);
  EXPECT_EQ(failed, 0) << errors;
}

INSTANTIATE_TEST_SUITE_P(Ops, NewKernelOf, testing::ValuesIn(all_ops()), [](const auto& one) { return one.param; });

TEST_F(NewKernel, AsksForItsGpusAndAllLaterOnes) {
  ASSERT_EQ(shell("scripts/new_kernel matmul sm80_idea").first, 0);
  EXPECT_THAT(text_of("kernels/matmul/sm80_idea.cu"), HasSubstr("compute_capability < 80)"));
  EXPECT_THAT(text_of("kernels/matmul/sm80_idea.cu"), HasSubstr("needs compute capability 8.0"));
}

TEST_F(NewKernel, RefusesInOneLine) {
  ASSERT_EQ(shell("scripts/new_kernel matmul sm80_idea").first, 0);
  const std::string before = text_of("kernels/matmul/sm80_idea.cu");
  std::ofstream(folder_ / "kernels/matmul/sm80_idea.cu") << before << "// mine";
  expect_refusal("matmul sm80_idea", "kernels/matmul/sm80_idea.cu is there already");
  EXPECT_EQ(text_of("kernels/matmul/sm80_idea.cu"), before + "// mine");
  expect_refusal("matmull sm80_idea", "no op is named 'matmull'; there are conv2d, matmul, mel");
  for (const char* name : {"idea", "sm80_", "sm80", "sm80_Idea", "sm70_idea", "sm80a_idea", "sm80_../idea"})
    expect_refusal(std::string("matmul ") + name, "must be sm80_IDEA");
  expect_refusal("matmul", "NAME");
  expect_refusal("", "OP, NAME");
}

TEST_F(NewKernel, HasHelp) {
  const auto [code, text] = shell("scripts/new_kernel --help");
  EXPECT_EQ(code, 0);
  EXPECT_THAT(text, HasSubstr("scripts/new_kernel matmul sm80_swizzled"));
}

}  // namespace
}  // namespace kernelgate
