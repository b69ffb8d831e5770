#include "harness/measure/controls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace kernelgate {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::SizeIs;

/// Counts, and takes as many seconds as it was called.
class Counting final : public Controls {
 public:
  explicit Counting(bool right = true) : right_(right) {}
  ControlWork work(ControlKernel kernel) const override {
    return kernel == ControlKernel::dram_copy ? ControlWork{.bytes = 64} : ControlWork{};
  }
  double time(ControlKernel kernel) override {
    called.push_back(kernel);
    return static_cast<double>(called.size());
  }
  void verify() override {
    if (!right_) throw HarnessError(ExitCode::wrong, "the control alu ended elsewhere");
  }
  std::vector<ControlKernel> called;

 private:
  bool right_;
};

TEST(Controls, TakeTurnsAndLeaveTheFirstUntimed) {
  Counting controls;
  const auto times = time_controls(controls, 2);
  ASSERT_THAT(controls.called, SizeIs(12));
  EXPECT_EQ(std::vector(controls.called.begin(), controls.called.begin() + 4),
            std::vector(all_control_kernels.begin(), all_control_kernels.end()));
  EXPECT_THAT(times[0], ElementsAre(5, 9));
  EXPECT_THAT(times[3], ElementsAre(8, 12));
}

TEST(Controls, ABracketHasEachFirstAndLast) {
  ControlBracket bracket(std::make_unique<Counting>());
  const std::vector<ControlRun> runs = bracket.close();
  ASSERT_THAT(runs, SizeIs(4));
  EXPECT_EQ(runs[0].name, "alu");
  EXPECT_EQ(runs[1].name, "tensor_core");
  EXPECT_EQ(runs[2].name, "dram_copy");
  EXPECT_EQ(runs[3].name, "launch");
  EXPECT_EQ(runs[2].bytes, 64);
  EXPECT_EQ(runs[1].bytes, 0);
  for (const ControlRun& one : runs) {
    EXPECT_THAT(one.first_s, SizeIs(control_samples));
    EXPECT_THAT(one.last_s, SizeIs(control_samples));
    EXPECT_GT(one.first_s.front(), 4 + control_samples * 4) << "not warmed up";
    EXPECT_LT(one.first_s.back(), one.last_s.front());
  }
}

TEST(Controls, OneThatComputesWronglyIsNotTimed) {
  EXPECT_THROW(ControlBracket(std::make_unique<Counting>(false)), HarnessError);
}

/// What it takes is recorded, not judged.
void expect_works(Controls& controls) {
  const auto begin = std::chrono::steady_clock::now();
  controls.verify();
  const auto times = time_controls(controls);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ::testing::Test::RecordProperty("seconds", std::to_string(took.count()));
  for (const auto& samples : times) {
    EXPECT_THAT(samples, SizeIs(control_samples));
    EXPECT_THAT(samples, Each(Gt(0.0)));
  }
}

TEST(Controls, OfTheCpuComputeWhatTheyMust) {
  const auto controls = cpu_controls();
  expect_works(*controls);
}

TEST(Controls, OfTheGpuComputeWhatTheyMust) {
  std::unique_ptr<Controls> controls;
  try {
    controls = cuda_controls(0);
  } catch (const HarnessError& error) {
    GTEST_SKIP() << "no GPU: " << error.what();
  }
  expect_works(*controls);
}

}  // namespace
}  // namespace kernelgate
