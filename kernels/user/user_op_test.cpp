// Registering before main, where nobody catches an exception: each in a process of its own.
#include "kernels/user/user_op.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "kernels/op/any_op.h"

namespace kernelgate {
namespace {

UserOp doubled(const std::string& name = "doubled") {
  return {.name = name,
          .inputs = {{"x", Type::f32, {"n"}}},
          .output = {"y", Type::f32, {"n"}},
          .problems = {{.sizes = {{"n", 4}}}, {.sizes = {{"n", 8}}}},
          .expected = [](const UserInputs& in, std::int64_t i) {
            return Expected{2 * in("x", i), 0};
          }};
}

UserKernel kernel(const std::string& name, DeviceKind device = DeviceKind::cpu, const std::string& op = "doubled") {
  return {op, name, device, [](const UserCall&) { return Launch([](Stream) {}); }};
}

/// Ends as the program would where an op is missing; else with the number of problems and of their implementations.
[[noreturn]] void end_with_counts() {
  try {
    expect_user_ops();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(1);
  }
  long problems = 0, implementations = 0;
  for (const auto& one : all_problems()) {
    if (one->op() != "doubled") continue;
    ++problems;
    implementations = std::ssize(one->implementations());
  }
  std::exit(static_cast<int>(10 * problems + implementations));
}

using ::testing::ExitedWithCode;

TEST(RegisterOp, AFileThatIsCompiledTwiceRegistersOnce) {
  EXPECT_EXIT(
      {
        RegisterKernel(kernel("early"), "/src/mine.cu");  // files register in any order
        RegisterOp(doubled(), "/src/mine.cu");
        RegisterOp(doubled(), "/src/mine.cu");
        RegisterKernel(kernel("early"), "/src/mine.cu");
        RegisterKernel(kernel("early", DeviceKind::simt), "mine.cu");
        end_with_counts();
      },
      ExitedWithCode(22), "");
}

TEST(RegisterOp, TwoOfOneNameEndTheProgramAndNameBothFiles) {
  EXPECT_EXIT(
      {
        RegisterOp(doubled(), "/src/a.cu");
        RegisterOp(doubled(), "/src/b.cu");
      },
      ExitedWithCode(1), "two ops are named doubled, in /src/a.cu and in /src/b.cu; rename one");
  EXPECT_EXIT(
      {
        RegisterKernel(kernel("fast"), "/src/a.cu");
        RegisterKernel(kernel("fast"), "/src/b.cu");
      },
      ExitedWithCode(1), "two kernels of doubled for cpu are named fast, in /src/a.cu and in /src/b.cu");
}

TEST(RegisterOp, AMistakeEndsTheProgramWithItsFile) {
  EXPECT_EXIT(
      {
        UserOp op = doubled();
        op.output.shape = {"m"};
        RegisterOp(op, "/src/mine.cu");
      },
      ExitedWithCode(1), "kernelgate: /src/mine.cu: doubled/n:4: the shape of y: 'm': there is no size 'm'");
  EXPECT_EXIT(
      {
        UserOp op = doubled();
        op.problems.clear();
        RegisterOp(op, "/src/mine.cu");
      },
      ExitedWithCode(1), "op doubled has no problems");
  EXPECT_EXIT(RegisterKernel(kernel("has space"), "/src/mine.cu"), ExitedWithCode(1), "a name is made of letters");
  EXPECT_EXIT(
      {
        RegisterOp(doubled(), "/src/mine.cu");
        RegisterKernel(kernel("fast", DeviceKind::cpu, "doubeld"), "/src/mine.cu");
        end_with_counts();
      },
      ExitedWithCode(1), "kernel fast is of op 'doubeld', which no file registers; there are: doubled");
}

}  // namespace
}  // namespace kernelgate
