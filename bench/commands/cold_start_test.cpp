// kernelgate cold-start through the program: a fresh process, its steps, and what it says where there is no GPU.

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;

class ColdStartCommand : public ProgramTest {};

TEST_F(ColdStartCommand, TimesEachStepOfAFreshProcess) {
  ASSERT_EQ(run("cold-start --device cpu --levels 2 --warm-launches 3 --json"), 0) << err_;
  const auto found = nlohmann::json::parse(out_);
  EXPECT_EQ(found["device"], "cpu");
  EXPECT_EQ(found["trouble"], "");
  ASSERT_GE(found["steps"].size(), 5u);
  EXPECT_EQ(found["steps"].front()["name"], "process start");
  EXPECT_EQ(found["steps"].back()["name"], "first frame");
  double sum = 0;
  for (const auto& step : found["steps"]) {
    EXPECT_GE(step["seconds"].get<double>(), 0) << step;
    sum += step["seconds"].get<double>();
  }
  EXPECT_GT(found["steps"].front()["seconds"].get<double>(), 0);
  EXPECT_NEAR(found["first_frame_s"].get<double>(), sum, 1e-9);
  EXPECT_GT(found["warm_s"].get<double>(), 0);
  EXPECT_LT(found["warm_s"].get<double>(), sum);
}

TEST_F(ColdStartCommand, SaysWhyAGpuCanNotBeAsked) {
  EXPECT_EQ(run("cold-start --device cuda --levels 2"), 77);
  EXPECT_THAT(err_, HasSubstr("no GPU here"));
}

TEST_F(ColdStartCommand, RefusesWhatCanNotBe) {
  EXPECT_EQ(run("cold-start --device cpu --levels 12"), 1);
  EXPECT_EQ(run("cold-start --device cpu --frames 0"), 1);
}

}  // namespace
}  // namespace kernelgate
