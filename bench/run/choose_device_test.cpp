// A run refuses what this build can't measure, and says that it is the build.
#include "bench/run/choose_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/check/fake/broken_machine_for_test.h"

namespace kernelgate {
namespace {

void expect_refusal(const CheckReport& report, ExitCode code, const char* says) {
  try {
    choose_device("auto", 0, report);
    FAIL() << says;
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, code);
    EXPECT_THAT(error.what(), testing::HasSubstr(says));
  }
}

TEST(ChooseDevice, AGpuThatThisBuildCannotMeasureIsRefusedForThatReason) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "550.144.03", 12040);
  const CheckReport report = run_check(probe, broken::usual_options());
  EXPECT_TRUE(report.gpu_usable);
  expect_refusal(report, ExitCode::refused, "the GPU is usable, but not by this build of kernelgate");
  EXPECT_EQ(choose_device("cpu", 0, report).device.kind, DeviceKind::cpu);
}

TEST(ChooseDevice, AMachineAtFaultIsRefusedForItsFault) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "550.144.03", 12040);
  cuda_answers(probe, 802);
  expect_refusal(run_check(probe, broken::usual_options()), ExitCode::refused, "there is a GPU, and it can't be used");
}

}  // namespace
}  // namespace kernelgate
