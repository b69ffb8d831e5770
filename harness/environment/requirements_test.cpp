// What --require accepts, refuses, and finds.
#include "harness/environment/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/environment/fake_machines.h"
#include "harness/error.h"

namespace kernelgate {
namespace {

bool met(const std::string& text, const FakeProbe& probe = healthy_h200()) {
  bool all = true;
  for (const RequirementOutcome& outcome : evaluate(parse_requirements(text), read_environment(probe))) {
    EXPECT_FALSE(outcome.actual.empty()) << text;
    all = all && outcome.met;
  }
  return all;
}

TEST(Requirements, HoldOrNot) {
  for (const char* text : {"driver>=580.65.06",
                           "driver>=580.95.05",
                           "driver<=580.95.05",
                           "driver=580.95.5",
                           "driver>580.9.1",
                           "driver!=580.95.06",
                           "cuda>=12.8",
                           "cuda==13.0",
                           "cc>=8.0",
                           "cc==9.0",
                           "cc<10.0",
                           "vram>=140GiB",
                           "vram>=150GB",
                           "vram<0.2TB",
                           "count>=1",
                           "count<2",
                           "ecc=on",
                           "ecc!=off",
                           "mig=off",
                           "persistence==on",
                           " driver >= 580.65.06 , vram >= 16GiB,cc>=8.0,count>=1"}) {
    EXPECT_TRUE(met(text)) << text;
  }
  for (const char* text : {"driver>=580.105.01", "driver>580.95.05", "driver<580.95.05", "driver==580.95.06",
                           "driver!=580.95.05", "cuda>=13.1", "cc>=10.0", "cc!=9.0", "vram>=141GiB", "count>=2",
                           "count==0", "ecc=off", "mig=on", "persistence!=on", "count>=1,cc>=10.0"}) {
    EXPECT_FALSE(met(text)) << text;
  }
}

TEST(Requirements, WhatIsNotKnownIsNotMet) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].ecc = {std::nullopt, "not supported by this GPU"};
  EXPECT_FALSE(met("ecc=on", probe));
  EXPECT_FALSE(met("ecc!=on", probe));
  for (const char* text : {"driver>=1.0", "cuda>=1.0", "cc>=1.0", "vram>=1MB", "count>=1", "mig=off"}) {
    EXPECT_FALSE(met(text, bare_machine())) << text;
  }
}

TEST(Requirements, HoldForEveryVisibleGpu) {
  FakeProbe probe = healthy_h200();
  Gpu small = fake_h200_by_cuda();
  small.cuda_ordinal = {1, ""};
  small.pci_bus_id = {"0000:3b:00.0", ""};
  small.uuid = {"GPU-2", ""};
  small.compute_capability = {75, ""};
  probe.cuda_view.gpus.push_back(small);
  EXPECT_TRUE(met("count=2", probe));
  EXPECT_FALSE(met("cc>=8.0", probe));
  EXPECT_TRUE(met("cc>=7.5", probe));
}

TEST(Requirements, BadOnesAreUsageErrorsWithARemedy) {
  for (const char* text : {"",
                           ",",
                           "driver>=580.65.06,",
                           "driver",
                           "driver>=",
                           "driver>=abc",
                           "driver>=580",
                           "driver=>580.65",
                           "driver>>580.65",
                           "vram>=16",
                           "vram>=GiB",
                           "vram>=-1GiB",
                           "vram>=nanGiB",
                           "vram>=infGiB",
                           "cc>=8",
                           "cc>=8.0.1",
                           "cuda>=12",
                           "count>=one",
                           "count>=-1",
                           "ecc>=on",
                           "ecc=yes",
                           "colour=red",
                           ">=1",
                           "count>=1 count>=2"}) {
    try {
      parse_requirements(text);
      FAIL() << text;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), testing::HasSubstr("write, for example,")) << text;
    }
  }
}

}  // namespace
}  // namespace kernelgate
