// Each format of a check, of a machine that is well and of one that is not.
#include "harness/check/show/check_format.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "harness/base/paths_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"

namespace kernelgate {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Check check_of(const FakeProbe& probe, const std::string& require = "", bool strict = false) {
  Check check;
  check.options.built_with_cuda = true;
  check.options.architectures = {"80", "90a"};
  check.report = run_check(probe, check.options);
  check.strict = strict;
  if (!require.empty()) check.requirements = evaluate(parse_requirements(require), check.report.environment);
  return check;
}

std::string shown(const char* format, const Check& check) {
  std::ostringstream out;
  find_check_format(format).write(out, check);
  return out.str();
}

FakeProbe without_persistence() {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].persistence = {false, ""};
  return probe;
}

FakeProbe without_fabric() {
  FakeProbe probe = healthy_h200();
  cuda_answers(probe, 802);
  return probe;
}

TEST(CheckFormat, ThereAreFour) {
  EXPECT_EQ(check_formats().names(), "json, junit, nagios, text");
  for (const NamedCheckFormat& one : check_formats().all()) EXPECT_FALSE(one.description.empty()) << one.name;
}

TEST(CheckFormat, AnUnknownOneIsAUsageErrorThatListsThem) {
  try {
    find_check_format("yaml");
    FAIL();
  } catch (const HarnessError& error) {
    EXPECT_EQ(error.code, ExitCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("json, junit, nagios, text"));
  }
}

TEST(CheckFormat, AnUnmetRequirementRefuses) {
  EXPECT_EQ(check_of(healthy_h200(), "count=1").exit_code(), ExitCode::good);
  EXPECT_EQ(check_of(healthy_h200(), "count=8").exit_code(), ExitCode::refused);
}

TEST(TextFormat, SaysVerdictAndFirstRemedyFirst) {
  const std::string bad = shown("text", check_of(without_fabric()));
  EXPECT_THAT(bad, StartsWith("GPU NOT USABLE: The NVLink fabric is not initialised [D-FABRIC]\n"
                              "Do first: sudo systemctl start nvidia-fabricmanager, and wait a minute\n"
                              "  more: kernelgate check --explain D-FABRIC\n"));
  EXPECT_THAT(shown("text", check_of(without_persistence())), HasSubstr("\nTo improve: sudo nvidia-smi -pm 1\n"));
  const std::string well = shown("text", check_of(healthy_h200(), "count=8"));
  EXPECT_THAT(well, Not(HasSubstr("To improve")));
  EXPECT_THAT(well, HasSubstr("\nNOT MET: count==8; there is 1\n"));
}

TEST(TextFormat, ShowsTheLadder) {
  const std::string well = shown("text", check_of(healthy_h200()));
  EXPECT_THAT(well, HasSubstr("  ok  kernel module  kernel module 580.95.05 (open)\n"));
  EXPECT_THAT(well, HasSubstr("  ok  smoke kernel   sm_90a right, PTX 9.0 right, PTX 6.3 right\n"));
  EXPECT_THAT(well, HasSubstr("  ok  under load     PCIe gen 5 x16, 55.0 GB/s to the GPU, SM 1980 MHz\n"));
  EXPECT_THAT(well, Not(HasSubstr("BAD")));
  const std::string bad = shown("text", check_of(without_fabric()));
  EXPECT_THAT(bad, HasSubstr("  BAD libcuda        cuInit returned 802"));
  EXPECT_THAT(bad, HasSubstr("   -  context        not tried\n"));
  EXPECT_THAT(shown("text", check_of(bare_machine())), Not(HasSubstr("ladder")));
}

TEST(NagiosFormat, IsOneLineWithItsOwnStatus) {
  const CheckFormat& nagios = find_check_format("nagios");
  EXPECT_THAT(shown("nagios", check_of(healthy_h200())),
              StartsWith("KERNELGATE OK - GPU USABLE: GPU 0 NVIDIA H200 (0000:19:00.0), driver 580.95.05 | gpus=1 "
                         "gpu0_temperature=31 gpu0_memory_free=1.5e+11B"));
  EXPECT_EQ(nagios.status(check_of(healthy_h200())), 0);
  const Check warned = check_of(without_persistence());
  EXPECT_EQ(nagios.status(warned), 1);
  EXPECT_THAT(shown("nagios", warned), HasSubstr("\nW-PERSISTENCE: Persistence mode is off; remedy: sudo"));
  EXPECT_EQ(nagios.status(check_of(without_persistence(), "", true)), 2);
  EXPECT_EQ(nagios.status(check_of(without_fabric())), 2);
  EXPECT_EQ(nagios.status(check_of(healthy_h200(), "count=8")), 2);
  EXPECT_EQ(nagios.status(check_of(bare_machine())), 3);
}

TEST(NagiosFormat, NoFactBreaksTheLine) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus[0].name = probe.cuda_view.gpus[0].name = {"a|b\nc", ""};
  const std::string text = shown("nagios", check_of(probe));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_EQ(std::ranges::count(text, '|'), 1);
}

TEST(JUnitFormat, EachDiagnosisAndRequirementIsATestCase) {
  const std::string bad = shown("junit", check_of(without_fabric(), "cc>=8.0"));
  EXPECT_THAT(bad, HasSubstr(fmt::format("tests=\"{}\" failures=\"2\"", all_diagnoses().size() + 1)));
  EXPECT_THAT(bad, HasSubstr("<testcase classname=\"kernelgate.check\" name=\"D-FABRIC\">\n      <failure message="));
  EXPECT_THAT(bad, HasSubstr("name=\"cc&gt;=8.0\""));
  EXPECT_THAT(bad, HasSubstr("<testcase classname=\"kernelgate.check\" name=\"D-MIG\"/>"));
  // A warning is told and fails nothing, unless asked to.
  EXPECT_THAT(shown("junit", check_of(without_persistence())), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"0\""));
  EXPECT_THAT(shown("junit", check_of(without_persistence())), HasSubstr("<system-out>Persistence mode is off"));
  EXPECT_THAT(shown("junit", check_of(without_persistence(), "", true)), HasSubstr("failures=\"1\""));
  // No GPU is a skip that is seen, not a pass.
  EXPECT_THAT(shown("junit", check_of(bare_machine())), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"1\""));
}

TEST(JUnitFormat, IsXmlWhateverTheFactsAre) {
  FakeProbe probe = healthy_h200();
  probe.variables["LD_PRELOAD"] = "<&\">\x01\x1b]]>";
  const std::string text = shown("junit", check_of(probe, "", true));
  EXPECT_THAT(text, HasSubstr("LD_PRELOAD=&lt;&amp;&quot;&gt;??]]&gt;"));
  EXPECT_EQ(text.find('\x01'), std::string::npos);
}

TEST(JsonFormat, HasLadderFingerprintsAndExitCode) {
  nlohmann::json document = nlohmann::json::parse(shown("json", check_of(healthy_h200(), "count=8")));
  EXPECT_EQ(document["exit_code"], 5);
  EXPECT_EQ(document["ladder"].size(), 11U);
  ASSERT_EQ(document["fingerprints"].size(), 1U);
  EXPECT_EQ(document["fingerprints"][0]["identity"]["kind"], "cuda");
  document = nlohmann::json::parse(shown("json", check_of(bare_machine())));
  EXPECT_EQ(document["exit_code"], 77);
  EXPECT_EQ(document["fingerprints"][0]["identity"]["kind"], "cpu");
}

TEST(JsonFormat, KeepsItsSchema) {
  const std::string python = std::filesystem::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
  if (std::system((python + " -c 'import jsonschema' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  FakeProbe hidden = healthy_h200();
  hidden.unmasked_view = hidden.cuda_view;
  cuda_answers(hidden, 100);
  hidden.variables["CUDA_VISIBLE_DEVICES"] = "";
  FakeProbe hung = healthy_h200();
  hung.trials[0] = {};
  hung.trials[0].probe_error = "no answer within 60 s";
  int number = 0;
  for (const FakeProbe& probe :
       {healthy_h200(), bare_machine(), without_fabric(), without_persistence(), hidden, hung}) {
    const std::string file = testing::TempDir() + fmt::format("check_{}.json", number++);
    std::ofstream(file) << shown("json", check_of(probe, "count=8,cc>=8.0"));
    EXPECT_EQ(std::system(fmt::format("{} -W ignore -m jsonschema -i '{}' '{}/docs/check.schema.json'", python, file,
                                      source_folder().string())
                              .c_str()),
              0)
        << file;
  }
}

}  // namespace
}  // namespace kernelgate
