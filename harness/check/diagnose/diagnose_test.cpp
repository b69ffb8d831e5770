// What the check makes of machines beyond the one finding of each: causes and context, limits, what is no finding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/check/fake/broken_machine_for_test.h"

namespace kernelgate {
namespace {

using namespace broken;
using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Diagnose, UnknownIdIsAUsageError) {
  try {
    explain("D-NOPE");
    FAIL();
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("D-VER-MAJOR"));
  }
}

TEST(Diagnose, AHealthyMachineHasNoFindings) {
  const CheckReport report = run_check(healthy_h200(), usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
  EXPECT_TRUE(report.gpu_usable);
  EXPECT_THAT(report.headline, HasSubstr("NVIDIA H200"));
  EXPECT_EQ(report.exit_code(true), ExitCode::good);
}

TEST(Diagnose, LaterFailuresAreContextOfTheFirst) {
  FakeProbe probe = healthy_h200();
  CheckOptions options = usual_options();
  cuda_answers(probe, 802);
  nvml_gpu(probe).compute_mode = {2, ""};
  options.architectures = {"80"};
  const std::vector<Finding> findings = diagnose(read_environment(probe), options);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].id, "D-FABRIC");
  EXPECT_EQ(findings[0].severity, Severity::failure);
  EXPECT_EQ(findings[1].id, "D-MODE");
  EXPECT_EQ(findings[1].severity, Severity::info);
}

// What this build needs is no fault of the machine, hides none, and is said all the same.
TEST(Diagnose, WhatThisBuildNeedsIsApart) {
  FakeProbe probe = healthy_h200();
  CheckOptions options = usual_options();
  options.architectures = {"80"};
  const CheckReport fit = run_check(probe, options);
  EXPECT_TRUE(fit.findings.empty()) << to_json(fit.findings).dump(1);
  EXPECT_TRUE(fit.gpu_usable);
  EXPECT_EQ(fit.exit_code(true), ExitCode::good);
  ASSERT_EQ(fit.build_findings.size(), 1U);
  EXPECT_EQ(fit.build_findings[0].id, "D-ARCH-BIN");
  cuda_answers(probe, 802);
  const CheckReport broken = run_check(probe, options);
  EXPECT_THAT(broken.headline, HasSubstr("[D-FABRIC]"));
  EXPECT_EQ(broken.exit_code(false), ExitCode::refused);
  EXPECT_FALSE(broken.build_fits());
  EXPECT_EQ(broken.all_findings().back().id, "D-ARCH-BIN");
  EXPECT_TRUE(run_check(bare_machine(), options).build_findings.empty());
}

const Finding& cause_of(const CheckReport& report) {
  return *std::ranges::find(report.findings, Severity::failure, &Finding::severity);
}

// As seen on an H200 with driver 580.159.04: its own libcuda has the note of a forward-compatibility library.
TEST(Diagnose, TheDriversOwnLibraryWithANoteIsNoFinding) {
  FakeProbe probe = healthy_h200();
  has_compat_note(probe, {535, 550, 580});
  EXPECT_TRUE(run_check(probe, usual_options()).findings.empty());
}

TEST(Diagnose, Error804HasTwoCausesThatFileAndFolderTellApart) {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, 804);
  probe.cuda_view.notes.has_compat_note = {false, ""};
  const CheckReport updated = run_check(probe, usual_options());
  EXPECT_THAT(cause_of(updated).summary, HasSubstr("reboot is pending"));
  EXPECT_THAT(cause_of(updated).remedies, testing::ElementsAre(HasSubstr("Reboot")));
  has_compat_note(probe, {535, 580});  // newer drivers' own libraries have it, too: both, the likelier first
  EXPECT_THAT(cause_of(run_check(probe, usual_options())).remedies,
              testing::ElementsAre(HasSubstr("Reboot"), HasSubstr("cuda-compat")));
  probe.cuda_view.notes = {};  // its file can't be read
  EXPECT_THAT(cause_of(run_check(probe, usual_options())).remedies,
              testing::ElementsAre(HasSubstr("Reboot"), HasSubstr("cuda-compat")));
  probe.cuda_view.path = "/usr/local/cuda-13.0/compat/libcuda.so.580.159.04";
  const CheckReport package = run_check(probe, usual_options());
  EXPECT_THAT(cause_of(package).remedies, testing::ElementsAre(HasSubstr("cuda-compat")));
}

TEST(Diagnose, Error803NamesBothSides) {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, 803);
  has_compat_note(probe, {535, 550});
  EXPECT_THAT(cause_of(run_check(probe, usual_options())).summary, HasSubstr("branch 535, 550, not 580"));
  has_compat_note(probe, {535, 580});
  EXPECT_THAT(cause_of(run_check(probe, usual_options())).summary, testing::Not(HasSubstr("not 580")));
}

// As seen on an H200: a package of the image beside a newer driver.
TEST(Diagnose, Error803OfAPackageOlderThanTheDriverSaysToDropIt) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "580.159.04", 13000);
  cuda_answers(probe, 803);
  has_compat_note(probe, {535, 550, 580});
  probe.cuda_view.path = "/usr/local/cuda-13.0/compat/libcuda.so.580.95.05";
  const CheckReport report = run_check(probe, usual_options());
  EXPECT_THAT(cause_of(report).summary, HasSubstr("580.95.05 is older than the driver 580.159.04"));
  EXPECT_THAT(cause_of(report).remedies, testing::ElementsAre(HasSubstr("LD_LIBRARY_PATH")));
}

TEST(Diagnose, AnUnknownNewerBranchOnlyWarns) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "700.10", 14000);
  EXPECT_TRUE(run_check(probe, usual_options()).gpu_usable);
}

TEST(Diagnose, BinariesRunOnTheirMajorFromTheirMinorOn) {
  const struct {
    const char* architecture;
    int cc;
    bool runs;
  } rows[] = {{"80", 80, true},   {"80", 86, true},    {"86", 80, false},    {"80", 90, false},
              {"90a", 90, true},  {"90", 90, true},    {"100a", 103, false}, {"100", 103, true},
              {"120", 121, true}, {"120", 100, false}, {"12", 120, false}};
  for (const auto& row : rows) {
    FakeProbe probe = healthy_h200();
    probe.trials.clear();
    probe.nvml_view.gpus[0].compute_capability = probe.cuda_view.gpus[0].compute_capability = {row.cc, ""};
    CheckOptions options = usual_options();
    options.architectures = {row.architecture};
    EXPECT_EQ(run_check(probe, options).build_fits(), row.runs) << row.architecture << " on " << row.cc;
  }
}

TEST(Diagnose, GpusCountedInOneOrderAreNoFinding) {
  FakeProbe probe = healthy_h200();
  add_gpu_before(probe);
  std::swap(probe.cuda_view.gpus[0].cuda_ordinal, probe.cuda_view.gpus[1].cuda_ordinal);
  EXPECT_TRUE(run_check(probe, usual_options()).findings.empty());
}

// Each at the last value that is still good.
TEST(Diagnose, WarningsHoldTheirLimits) {
  FakeProbe probe = healthy_h200();
  Gpu& gpu = nvml_gpu(probe);
  gpu.temperature_margin_c = {10, ""};
  gpu.power_w = {1050, ""};
  gpu.remapped_rows_uncorrected = {512, ""};
  gpu.retired_pages_corrected = {62, ""};
  gpu.pcie_generation = {1, ""};  // idle
  gpu.ecc_corrected = gpu.ecc_corrected_ever = {7, ""};
  const CheckReport report = run_check(probe, usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
}

TEST(Diagnose, OneUncorrectedErrorIsOneFinding) {
  FakeProbe probe = healthy_h200();
  nvml_gpu(probe).ecc_uncorrected = nvml_gpu(probe).ecc_uncorrected_ever = {1, ""};
  EXPECT_EQ(run_check(probe, usual_options()).findings.size(), 1U);
}

TEST(Diagnose, ALinkOfUnknownCapabilityIsNoFinding) {
  FakeProbe probe = healthy_h200();
  probe.files["/sys/bus/pci/devices/0000:19:00.0/max_link_width"] = "255\n";
  nvml_gpu(probe).pcie_width_max = {8, ""};
  nvml_gpu(probe).pcie_generation_gpu_max.value.reset();
  EXPECT_TRUE(run_check(probe, usual_options()).findings.empty());
}

TEST(Diagnose, LibrariesAndFrameworksThatGoTogetherAreNoFinding) {
  FakeProbe probe = healthy_h200();
  for (const char* library : {"libcublas.so.13.1.0.3", "libcudnn.so.9.17.0", "libcudart.so.13.0.96"}) {
    probe.files[std::string("/usr/lib64/") + library] = "";
  }
  probe.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cu130'\ncuda = '13.0'\n";
  const CheckReport report = run_check(probe, usual_options());
  EXPECT_TRUE(report.findings.empty()) << to_json(report.findings).dump(1);
  EXPECT_EQ(to_json(report)["frameworks"][0]["state"], "NATIVE");
  EXPECT_EQ(to_json(report)["environment"]["libraries"]["cudnn"]["version"], "9.17.0");
}

TEST(Diagnose, ABadPairHarmsOnlyTogetherAndOnlyOnItsMachines) {
  const auto found = [](const FakeProbe& probe) {
    const CheckReport report = run_check(probe, usual_options());
    return std::ranges::count(report.findings, std::string("W-LIB-BAD"), &Finding::id) > 0;
  };
  FakeProbe probe = healthy_h200();
  probe.files["/usr/lib64/libcublas.so.12.9.1.4"] = probe.files["/usr/lib64/libcudnn.so.9.8.0"] = "";
  EXPECT_FALSE(found(probe));  // one GPU, and not Blackwell
  Gpu second = fake_h200_by_cuda();
  second.cuda_ordinal = {1, ""};
  second.pci_bus_id = {"0000:3b:00.0", ""};
  second.uuid = {"GPU-2", ""};
  probe.cuda_view.gpus.push_back(second);
  EXPECT_TRUE(found(probe));
  probe.files.erase("/usr/lib64/libcublas.so.12.9.1.4");
  EXPECT_FALSE(found(probe));
  probe.files["/usr/lib64/libcublas.so.12.8.4.1"] = "";
  EXPECT_FALSE(found(probe));
  probe.files["/usr/lib64/libcublas.so.12.9.0.13"] = "";
  EXPECT_TRUE(found(probe));
  probe.files["/usr/lib64/libcudnn.so.9.10.1"] = "";
  EXPECT_FALSE(found(probe));
}

// A variable is to blame only for a GPU that would be there without it.
TEST(Diagnose, TheVariableIsNotBlamedWhereThereIsNoOtherGpu) {
  for (const char* value : {"0", "", "MIG-377e0049"}) {
    FakeProbe probe = healthy_h200();
    probe.variables["CUDA_VISIBLE_DEVICES"] = value;
    nvml_answers(probe, 999);
    cuda_answers(probe, 100);
    probe.unmasked_view = probe.cuda_view;
    const CheckReport asked_again = run_check(probe, usual_options());
    EXPECT_NE(cause_of(asked_again).id, "D-VIS") << value;
    probe.cuda_view.loaded = false;  // then nobody asks again, and NVML has no GPU either
    const CheckReport not_asked = run_check(probe, usual_options());
    EXPECT_NE(cause_of(not_asked).id, "D-VIS") << value;
  }
}

TEST(Diagnose, TheTablesDecide) {
  const CompatDb db = CompatDb::parse(
      R"({"schema_version": 1, "floors": {"as_of": "2027-05-01", "page": "p", "rows": [{"major": 13, "linux": "590.1",
          "windows": "591.1", "source": "nvidia", "where": "p", "as_of": "2027-05-01"}]}})",
      "mine.json", CompatDb::shipped());
  CheckOptions options = usual_options();
  options.compat = &db;
  FakeProbe probe = healthy_h200();
  probe.versions.compiled_with = {13010, ""};
  EXPECT_EQ(run_check(probe, usual_options()).versions.state, VersionState::minor_version);
  const CheckReport report = run_check(probe, options);
  EXPECT_EQ(report.versions.state, VersionState::too_old);
  EXPECT_THAT(report.headline, HasSubstr("D-VER-MAJOR"));
  options.today = "2027-05-28";  // the shipped ones would be old by now
  probe = healthy_h200();
  probe.versions.compiled_with = {12080, ""};
  EXPECT_TRUE(run_check(probe, options).findings.empty());
}

TEST(Diagnose, TablesOfHalfAYearAreNotOld) {
  CheckOptions options = usual_options();
  options.today = "2027-05-27";  // 180 days
  EXPECT_TRUE(run_check(healthy_h200(), options).findings.empty());
}

}  // namespace
}  // namespace kernelgate
