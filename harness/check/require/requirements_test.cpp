// What --require accepts, refuses, and finds.
#include "harness/check/require/requirements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/error.h"
#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

bool met(const std::string& text, const FakeProbe& probe = healthy_h200()) {
  bool all = true;
  for (const RequirementOutcome& outcome :
       evaluate(parse_requirements(text), read_environment(probe), CompatDb::shipped(), "2026-11-22")) {
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
                           "runtime=13.0",
                           "driver_branch=long_term",
                           "driver_branch=production|long_term",
                           "driver_branch=supported",
                           "driver_branch=580",
                           "driver_branch=535|580",
                           "module=open",
                           "cores>=96",
                           "ram>=16MiB",
                           "gpu=NVIDIA H200",
                           "gpu=h200",
                           "gpu=H100 | H200",
                           "gpu!=H100|A100",
                           "vram_free>=100GiB",
                           "sms=132",
                           "compute_mode=default",
                           "pcie=5x16",
                           "pcie>=4x16",
                           "pcie=5x8",
                           "power_limit>=700W",
                           "power_limit>=default",
                           "power_limit=default",
                           "temperature<=85",
                           "temperature<=31C",
                           "processes=0",
                           "vbios=96.00.A5.00.01",
                           " driver >= 580.65.06 , vram >= 16GiB,cc>=8.0,count>=1"}) {
    EXPECT_TRUE(met(text)) << text;
  }
  for (const char* text : {"driver>=580.105.01",
                           "driver>580.95.05",
                           "driver<580.95.05",
                           "driver==580.95.06",
                           "driver!=580.95.05",
                           "cuda>=13.1",
                           "cc>=10.0",
                           "cc!=9.0",
                           "vram>=141GiB",
                           "count>=2",
                           "count==0",
                           "ecc=off",
                           "mig=on",
                           "persistence!=on",
                           "count>=1,cc>=10.0",
                           "runtime>13.0",
                           "driver_branch=production",
                           "driver_branch=new_feature",
                           "driver_branch=535|550",
                           "module=proprietary",
                           "cores>96",
                           "ram>=1TiB",
                           "gpu=H100",
                           "gpu!=H200|A100",
                           "vram_free>200GB",
                           "sms>132",
                           "compute_mode=prohibited|exclusive_process",
                           "pcie=6x16",
                           "pcie=5x32",
                           "power_limit>700W",
                           "power_limit<700W",
                           "temperature<31",
                           "processes>0",
                           "vbios=96.00.A5.00.02"}) {
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

RequirementOutcome outcome(const std::string& text, const FakeProbe& probe, const std::string& today = "2026-11-22") {
  return evaluate(parse_requirements(text), read_environment(probe), CompatDb::shipped(), today).at(0);
}

TEST(Requirements, TellUnknownFromNotMet) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].ecc = {std::nullopt, "not supported by this GPU"};
  EXPECT_FALSE(outcome("ecc=on", probe).known);
  EXPECT_STREQ(state_text(outcome("ecc=on", probe)), "UNKNOWN");
  EXPECT_THAT(outcome("ecc=on", probe).actual, testing::HasSubstr("not supported by this GPU"));
  EXPECT_TRUE(outcome("mig=on", probe).known);
  EXPECT_STREQ(state_text(outcome("mig=on", probe)), "NOT MET");
  EXPECT_FALSE(outcome("cc>=8.0", bare_machine()).known);
  EXPECT_FALSE(outcome("framework_cuda>=11.8", probe).known);
  EXPECT_THAT(outcome("framework_cuda>=11.8", probe).actual, testing::HasSubstr("no framework"));
}

TEST(Requirements, VersionsAreThoseOfTheFrameworks) {
  FakeProbe probe = healthy_h200();
  EXPECT_FALSE(outcome("versions=native", probe).known);
  EXPECT_FALSE(outcome("is_available=true", probe).known);
  probe.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cu130'\ncuda = '13.0'\n";
  for (const char* text :
       {"versions=native", "versions=mvc|native", "versions!=mvc|forward_compat", "is_available=true"}) {
    EXPECT_TRUE(outcome(text, probe).met) << text;
  }
  for (const char* text : {"versions=mvc", "versions!=native|mvc", "is_available=false", "is_available!=true"}) {
    EXPECT_FALSE(outcome(text, probe).met) << text;
  }
  probe.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cpu'\ncuda = None\n";
  for (const char* text : {"versions=native|mvc", "is_available=true", "framework_cuda>=11.8"}) {
    EXPECT_FALSE(outcome(text, probe).met) << text;
    EXPECT_TRUE(outcome(text, probe).known) << text;
    EXPECT_THAT(outcome(text, probe).breaks, testing::ElementsAre("PyTorch 2.9.0+cpu")) << text;
  }
}

TEST(Requirements, OneGpuThatFallsShortDecidesWhateverTheOthersAre) {
  FakeProbe probe = healthy_h200();
  Gpu second = fake_h200_by_cuda();
  second.cuda_ordinal = {1, ""};
  second.pci_bus_id = {"0000:3b:00.0", ""};
  second.uuid = {"GPU-2", ""};
  second.compute_capability = {std::nullopt, "not told"};
  probe.cuda_view.gpus.push_back(second);
  EXPECT_FALSE(outcome("cc>=8.0", probe).known);
  EXPECT_TRUE(outcome("cc>=10.0", probe).known);
  EXPECT_FALSE(outcome("cc>=10.0", probe).met);
  // Named are those that break it alone.
  EXPECT_EQ(outcome("cc>=8.0", probe).actual, "GPU 1 NVIDIA H200 (0000:3b:00.0): unknown: not told (1 other met)");
  EXPECT_THAT(outcome("cc>=8.0", probe).breaks, testing::ElementsAre("GPU 1 NVIDIA H200 (0000:3b:00.0)"));
  EXPECT_EQ(outcome("vram>=100GiB", probe).breaks.size(), 0U);
  EXPECT_EQ(outcome("count=1", probe).breaks.size(), 0U);
}

TEST(Requirements, ABranchIsSupportedUntilItsLastDay) {
  FakeProbe probe = healthy_h200();
  EXPECT_TRUE(outcome("driver_branch=supported", probe, "2028-06-30").met);
  EXPECT_FALSE(outcome("driver_branch=supported", probe, "2028-07-01").met);
  EXPECT_FALSE(outcome("driver_branch=supported", probe, "").known);
  set_driver(probe, "575.57.08", 12090);  // over, day not known
  EXPECT_TRUE(outcome("driver_branch=supported", probe).known);
  EXPECT_FALSE(outcome("driver_branch=supported", probe).met);
  set_driver(probe, "590.48.01", 13010);  // its end is not known
  EXPECT_FALSE(outcome("driver_branch=new_feature", probe).known);
  set_driver(probe, "700.10", 14000);  // newer than the tables
  EXPECT_FALSE(outcome("driver_branch=supported", probe).known);
  EXPECT_TRUE(outcome("driver_branch=700", probe).met);
  probe = healthy_h200();
  probe.files["/dev/dxg"] = "";
  EXPECT_FALSE(outcome("driver_branch=580", probe).known);  // Windows' branches have other numbers
}

TEST(Requirements, ALinkAtRestIsNoFaultButOneThatCannotIs) {
  FakeProbe probe = healthy_h200();
  Gpu& gpu = probe.nvml_view.gpus[0];
  gpu.pcie_generation = {1, ""};
  EXPECT_TRUE(outcome("pcie=5x16", probe).met);
  EXPECT_THAT(outcome("pcie=5x16", probe).actual, testing::HasSubstr("at most gen 5 x16, now gen 1 x16"));
  gpu.pcie_width_max = {8, ""};
  EXPECT_FALSE(outcome("pcie=5x16", probe).met);
  gpu.pcie_width_max = {std::nullopt, "no permission"};
  EXPECT_FALSE(outcome("pcie=5x16", probe).known);
}

TEST(Requirements, APowerLimitMayBeRequiredToBeTheDefault) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].power_limit_w = {500, ""};
  EXPECT_FALSE(outcome("power_limit>=default", probe).met);
  probe.nvml_view.gpus[0].power_limit_default_w = {std::nullopt, "not supported"};
  EXPECT_FALSE(outcome("power_limit>=default", probe).known);
  EXPECT_TRUE(outcome("power_limit>=500W", probe).met);
}

TEST(Requirements, FrameworksCompareByTheCudaThatTheyWereBuiltFor) {
  FakeProbe probe = healthy_h200();
  const std::string packages = "/usr/local/lib/python3.11/site-packages";
  probe.files[packages + "/torch/version.py"] = "__version__ = '2.6.0+cu124'\ncuda: Optional[str] = '12.4'\n";
  EXPECT_TRUE(outcome("framework_cuda>=11.8", probe).met);
  EXPECT_TRUE(outcome("framework_cuda=12.1|12.4", probe).met);
  EXPECT_FALSE(outcome("framework_cuda>=12.6", probe).met);
  probe.files.clear();
  probe.files[packages + "/jax_cuda12_plugin-0.4.30.dist-info/METADATA"] = "";
  EXPECT_TRUE(outcome("framework_cuda>=11.8", probe).met);
  EXPECT_FALSE(outcome("framework_cuda>=12.6", probe).known);  // only the major is
  EXPECT_TRUE(outcome("framework_cuda<13.0", probe).met);
  // One without CUDA has no version to compare: W-FRAMEWORK tells of it.
  probe.files["/usr/lib/python3/dist-packages/onnxruntime-1.23.0.dist-info/METADATA"] = "";
  EXPECT_TRUE(outcome("framework_cuda<13.0", probe).met);
}

TEST(Requirements, ReadBackAsTheSame) {
  for (const char* text : {"driver>=580.65.06", "pcie=5x16", "gpu = NVIDIA H200 | H100", "count=8", "ecc!=off"}) {
    const Requirement once = parse_requirements(text).at(0);
    const Requirement twice = parse_requirements(once.text()).at(0);
    EXPECT_EQ(once.text(), twice.text()) << text;
  }
  EXPECT_EQ(parse_requirements("pcie=5x16")[0].text(), "pcie>=5x16");
  EXPECT_EQ(parse_requirements(" gpu = NVIDIA H200 | H100 ")[0].text(), "gpu==NVIDIA H200|H100");
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
                           "count>=1 count>=2",
                           "cc>=8.0|9.0",
                           "ecc=on|",
                           "ecc=|on",
                           "pcie=16",
                           "pcie=5x3",
                           "pcie=0x16",
                           "pcie<5x16",
                           "pcie!=5x16",
                           "power_limit>=700",
                           "power_limit>=W",
                           "temperature<=hot",
                           "temperature<=85F",
                           "compute_mode=1",
                           "driver_branch=lts",
                           "driver_branch!=535",
                           "driver_branch>=535",
                           "versions=NATIVE",
                           "gpu=",
                           "gpu>H100",
                           "processes=none",
                           "framework_cuda>=12"}) {
    try {
      parse_requirements(text);
      FAIL() << text;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), testing::HasSubstr("write, for example,")) << text;
    }
  }
}

TEST(Requirements, ErrorsNameTheNearestKeyAndStayShort) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      parse_requirements(text);
    } catch (const HarnessError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("persistance=on"), testing::HasSubstr("did you mean persistence?"));
  EXPECT_THAT(message("dirver>=580.65"), testing::HasSubstr("did you mean driver?"));
  EXPECT_THAT(message("colour=red"), testing::HasSubstr("the keys are driver, cuda"));
  for (const std::string& text :
       {std::string(100000, 'x'), "x>=" + std::string(1000, '\n'), "vram>=" + std::string(1000, '\xff'),
        std::string(5000, '<'), "driver" + std::string(5000, '>')}) {
    EXPECT_LT(message(text).size(), 500U);
    EXPECT_EQ(message(text).find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace kernelgate
