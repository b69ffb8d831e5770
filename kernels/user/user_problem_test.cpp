// Ops that a user says in a few lines: what the program sees of them, and what is refused.
#include "kernels/user/user_problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "kernels/op/bf16.h"
#include "kernels/op/verify.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

UserOp scale_op() {
  return {.name = "scale_rows",
          .inputs = {{"x", Type::f32, {"rows", "2 * half"}}, {"w", Type::bf16, {"rows"}, true, 1, 2}},
          .output = {"y", Type::f32, {"rows", "2 * half"}},
          .problems = {{.sizes = {{"rows", 6}, {"half", 5}}}},
          .expected =
              [](const UserInputs& in, std::int64_t i) {
                const double value = in("x", i) * in("w", i / (2 * in.size("half")));
                return Expected{value, 1e-6 * std::abs(value)};
              },
          .flop = "rows * 2 * half"};
}

/// `wrong_row`: left out, or none where it is below 0.
UserKernel scale_kernel(const char* name, std::int64_t wrong_row = -1) {
  return {"scale_rows", name, DeviceKind::cpu, [wrong_row](const UserCall& call) {
            const auto* x = call.get<const float>("x");
            const auto* w = call.get<const bf16>("w");
            auto* y = call.get<float>("y");
            const std::int64_t rows = call.size("rows"), columns = 2 * call.size("half");
            return Launch([=](Stream) {
              for (std::int64_t i = 0; i < rows * columns; ++i)
                if (i / columns != wrong_row) y[i] = x[i] * to_float(w[i / columns]);
            });
          }};
}

std::shared_ptr<const UserProblem> problem(UserOp op, std::vector<UserKernel> kernels = {}) {
  const auto shared = std::make_shared<const UserOp>(std::move(op));
  return std::make_shared<UserProblem>(shared, shared->problems.front(),
                                       std::make_shared<const std::vector<UserKernel>>(std::move(kernels)));
}

TEST(UserProblem, IsWhatTheProgramSeesOfAnOp) {
  const auto one = problem(scale_op());
  EXPECT_EQ(one->op(), "scale_rows");
  EXPECT_EQ(one->name(), "half:5/rows:6");
  EXPECT_EQ(one->suites(), (std::vector<std::string>{"smoke", "default", "verify"}));
  EXPECT_EQ(one->work().flop, 60);
  EXPECT_EQ(one->work().bytes, 60 * 4 + 6 * 2 + 60 * 4);
  ASSERT_EQ(one->inputs().size(), 2u);
  EXPECT_EQ(one->inputs()[1].count, 6);
  EXPECT_TRUE(one->inputs()[1].constant);
  EXPECT_EQ(one->output().rows, 6);
  EXPECT_EQ(one->output().columns, 10);
}

TEST(UserProblem, FillsWithWhatItsTensorsSay) {
  const auto one = problem(scale_op());
  const Inputs a(*one, 1), same(*one, 1), other(*one, 2);
  EXPECT_EQ(a.bytes(0), same.bytes(0));
  EXPECT_NE(a.bytes(0), other.bytes(0));
  Inputs inputs(*one, 3);
  const auto* w = static_cast<const bf16*>(inputs.pointers()[1]);
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 6; ++i) {
    EXPECT_GE(to_float(w[i]), 1);
    EXPECT_LE(to_float(w[i]), 2);
    seen.insert(w[i].bits);
  }
  EXPECT_GT(seen.size(), 1u);
}

TEST(UserProblem, ProvesAKernelRightOrWrong) {
  const auto one = problem(scale_op(), {scale_kernel("good"), scale_kernel("bad", 3)});
  Device cpu;
  Proof proof(one, cpu);
  std::map<std::string, Verification> found;
  for (const auto& candidate : one->implementations()) found[candidate.name] = proof.verify(proof.prepare(candidate));
  EXPECT_TRUE(found["good"].right) << found["good"].describe();
  EXPECT_FALSE(found["bad"].right);
  EXPECT_THAT(found["bad"].describe(), HasSubstr("left 10 of 60 outputs unwritten"));
}

TEST(UserProblem, SaysWhichNamesAKernelMayAskFor) {
  const auto one =
      problem(scale_op(), {{"scale_rows", "lost", DeviceKind::cpu,
                            [](const UserCall& call) {
                              call.get<float>("z");
                              return Launch([](Stream) {});
                            }},
                           {"scale_rows", "idle", DeviceKind::cpu, [](const UserCall&) { return Launch(); }}});
  Proof proof(one, Device{});
  EXPECT_THAT([&] { proof.prepare(one->implementations()[1]); },
              ThrowsMessage<Error>(HasSubstr("there is no tensor 'z'; there are: w, x, y")));
  EXPECT_THAT([&] { proof.prepare(one->implementations()[0]); },
              ThrowsMessage<Error>(HasSubstr("prepare returned no launch")));
}

TEST(UserProblem, RefusesWhatNoProblemIs) {
  const auto refuses = [](const std::function<void(UserOp&)>& change, const char* said) {
    UserOp op = scale_op();
    change(op);
    EXPECT_THAT([&] { problem(op); }, ThrowsMessage<InvalidProblem>(HasSubstr(said)));
  };
  refuses([](UserOp& op) { op.name = "../matmul"; }, "op '../matmul': a name is made of letters, digits and _");
  refuses([](UserOp& op) { op.name = std::string(65, 'a'); }, "at most 64");
  refuses([](UserOp& op) { op.name = ""; }, "op ''");
  refuses([](UserOp& op) { op.inputs[0].name = "x\n"; }, "tensor 'x");
  refuses([](UserOp& op) { op.inputs[1].name = "x"; }, "two tensors are named x");
  refuses([](UserOp& op) { op.problems[0].sizes["rows"] = -1; }, "size rows is -1, below 0");
  refuses([](UserOp& op) { op.problems[0].sizes["1"] = 1; }, "size '1'");
  refuses([](UserOp& op) { op.problems[0].sizes["rows"] = std::int64_t{1} << 62; }, "more than 2^40 elements");
  refuses(
      [](UserOp& op) {
        op.output.shape = {"rows * rows * rows", "9223372036854775807"};
      },
      "more than 2^40 elements");
  refuses([](UserOp& op) { op.output.shape = {"rows - 10"}; }, "'rows - 10' is -4, below 0");
  refuses([](UserOp& op) { op.output.shape = {"lines"}; }, "the shape of y: 'lines': there is no size 'lines'");
  refuses([](UserOp& op) { op.output.shape = {}; }, "y has no shape");
  refuses([](UserOp& op) { op.inputs[0].high = -1; }, "the values of x: low must not be above high");
  refuses([](UserOp& op) { op.inputs[0].high = 1e300; }, "f32 must hold both");
  refuses([](UserOp& op) { op.inputs[0] = {"x", Type::i16, {"rows"}, false, 0, 40000}; }, "i16 must hold both");
  refuses([](UserOp& op) { op.output.type = Type::i16; }, "the output is i16");
  refuses([](UserOp& op) { op.flop = "1 / 0 - 1 / 0"; }, "no number of operations");
  refuses([](UserOp& op) { op.flop = "-1"; }, "no number of operations");
  refuses([](UserOp& op) { op.expected = nullptr; }, "says nothing of what is right");
}

TEST(UserProblem, DeclinesWhatTheHostCanNotHold) {
  UserOp op = scale_op();
  op.problems[0].sizes = {{"rows", std::int64_t{1} << 20}, {"half", std::int64_t{1} << 18}};
  const auto one = problem(op, {scale_kernel("good")});
  const Support support = one->supports(one->implementations()[0], Device{});
  EXPECT_FALSE(support);
  EXPECT_THAT(support.reason, HasSubstr("GB of the host's memory"));
}

}  // namespace
}  // namespace kernelgate
