// Each format of a check, of a machine that is well and of one that is not.
#include "harness/check/show/check_format.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
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

/// Eight GPUs, and `break_it` of the one that CUDA calls 2.
FakeProbe eight_gpus(const std::function<void(Gpu&)>& break_it) {
  FakeProbe probe = healthy_h200();
  probe.nvml_view.gpus.clear();
  probe.cuda_view.gpus.clear();
  probe.trials.assign(8, healthy_trial());
  for (int i = 0; i < 8; ++i) {
    Gpu by_nvml = fake_h200_by_nvml(), by_cuda = fake_h200_by_cuda();
    by_nvml.pci_bus_id = by_cuda.pci_bus_id = {fmt::format("0000:{:02x}:00.0", 0x19 + i), ""};
    by_nvml.uuid = by_cuda.uuid = {fmt::format("GPU-{}", i), ""};
    by_nvml.nvml_index = by_cuda.cuda_ordinal = {i, ""};
    if (i == 2) break_it(by_nvml);
    probe.nvml_view.gpus.push_back(by_nvml);
    probe.cuda_view.gpus.push_back(by_cuda);
  }
  return probe;
}

Check policed(const FakeProbe& probe, const char* policy, bool strict = false) {
  Check check = check_of(probe, "", strict);
  check.policy = evaluate_policy(load_policy(policy), check.report.environment, *check.options.compat, "2026-11-22");
  return check;
}

// A '|' begins performance data there.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '|', ' ');
  return text;
}

int failures_of(const Check& check) {
  const std::string text = shown("junit", check);
  return std::atoi(text.c_str() + text.find("failures=\"") + 10);
}

// Whatever refuses, every format says so, in its headline and by its own code.
TEST(CheckFormat, EveryFormatAgreesOnARefusal) {
  FakeProbe cpu_wheel = healthy_h200();
  cpu_wheel.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9.0+cpu'\ncuda = None\n";
  const auto without_ecc = [](Gpu& gpu) { gpu.ecc = {false, ""}; };
  const auto hot = [](Gpu& gpu) { gpu.temperature_c = {80, ""}; };
  const struct {
    const char* name;
    Check check;
    ExitCode code;
    int nagios;
    const char* headline;  ///< how it begins
  } rows[] = {
      {"well", check_of(healthy_h200()), ExitCode::good, 0, "GPU USABLE: GPU 0"},
      {"warned", check_of(without_persistence()), ExitCode::good, 1, "GPU USABLE: GPU 0"},
      {"strict", check_of(without_persistence(), "", true), ExitCode::refused, 2, "REFUSED: strict, W-PERSISTENCE"},
      {"broken", check_of(without_fabric()), ExitCode::refused, 2, "GPU NOT USABLE: "},
      {"required", check_of(healthy_h200(), "count=8"), ExitCode::refused, 2, "REFUSED: required count==8, there is 1"},
      {"of three GPUs", check_of(eight_gpus(hot), "temperature<=60C"), ExitCode::refused, 2,
       "REFUSED: required temperature<=60C, there is GPU 2 NVIDIA H200 (0000:1b:00.0): 80 C (7 others met)"},
      {"policy", policed(eight_gpus(without_ecc), "acceptance"), ExitCode::refused, 2,
       "REFUSED: policy acceptance, ecc: ecc==on is NOT MET (GPU 2 NVIDIA H200 (0000:1b:00.0): off (7 others met))"},
      {"policy that holds", policed(eight_gpus([](Gpu&) {}), "acceptance"), ExitCode::good, 0, "GPU USABLE: GPU 0"},
      {"policy that warns", policed(eight_gpus(hot), "acceptance"), ExitCode::good, 1, "GPU USABLE: GPU 0"},
      {"strict policy", policed(eight_gpus(hot), "acceptance", true), ExitCode::refused, 2,
       "REFUSED: policy acceptance, cool: "},
      {"heygem", policed(cpu_wheel, "heygem"), ExitCode::refused, 2, "REFUSED: policy heygem, S02: "},
      {"policy on a broken one", policed(without_fabric(), "acceptance"), ExitCode::refused, 2, "GPU NOT USABLE: "},
      {"none", check_of(bare_machine()), ExitCode::nothing, 3, "NO GPU HERE"},
      {"none, and required", check_of(bare_machine(), "count=1"), ExitCode::refused, 2, "REFUSED: required count==1"},
      {"none, and a policy", policed(bare_machine(), "acceptance"), ExitCode::refused, 2,
       "REFUSED: policy acceptance, count: "},
  };
  for (const auto& row : rows) {
    const bool refused = row.code == ExitCode::refused;
    EXPECT_EQ(row.check.exit_code(), row.code) << row.name;
    EXPECT_THAT(row.check.headline(), StartsWith(row.headline)) << row.name;
    EXPECT_THAT(shown("text", row.check), StartsWith(row.check.headline() + "\n")) << row.name;
    const nlohmann::json document = nlohmann::json::parse(shown("json", row.check));
    EXPECT_EQ(document["exit_code"], static_cast<int>(row.code)) << row.name;
    EXPECT_EQ(document["headline"], row.check.headline()) << row.name;
    EXPECT_EQ(find_check_format("nagios").status(row.check), row.nagios) << row.name;
    const char* words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    EXPECT_THAT(shown("nagios", row.check),
                StartsWith(fmt::format("KERNELGATE {} - {} | ", words[row.nagios], on_one_line(row.check.headline()))))
        << row.name;
    EXPECT_EQ(failures_of(row.check) > 0, refused) << row.name << shown("junit", row.check);
    EXPECT_THAT(shown("junit", row.check),
                HasSubstr("name=\"verdict\" value=\"" + std::string(row.headline).substr(0, 10)));
    // A usable GPU is never the headline of a refusal.
    EXPECT_EQ(row.check.headline().starts_with("GPU USABLE"), row.code == ExitCode::good) << row.name;
    for (const char* other : {"text", "json"}) {
      EXPECT_EQ(find_check_format(other).status(row.check), static_cast<int>(row.code)) << row.name;
    }
  }
}

TEST(CheckFormat, ARefusingPolicyIsAFailureOfItsLineInJunit) {
  const Check check = policed(eight_gpus([](Gpu& gpu) { gpu.ecc = {false, ""}; }), "acceptance");
  const std::string text = shown("junit", check);
  EXPECT_EQ(failures_of(check), 1);
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"kernelgate.policy.acceptance\" name=\"ecc\">\n      <failure "
                              "message=\"ecc==on is NOT MET (GPU 2 NVIDIA H200 (0000:1b:00.0): off (7 others met))\""));
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"kernelgate.policy.acceptance\" name=\"count\"/>"));
  EXPECT_THAT(shown("nagios", check), HasSubstr("\nREFUSED: policy acceptance, ecc: "));
  EXPECT_THAT(shown("text", check), HasSubstr("\nthe machine: GPU USABLE: GPU 0"));
  EXPECT_THAT(nlohmann::json::parse(shown("json", check))["policy"]["lines"].dump(),
              HasSubstr("\"breaks\":[\"GPU 2 NVIDIA H200 (0000:1b:00.0)\"]"));
}

// What the build lacks is said last, refuses nothing, and is seen in every format.
TEST(CheckFormat, WhatTheBuildLacksIsApart) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "570.211.01", 12080);
  const Check check = check_of(probe);
  EXPECT_EQ(check.exit_code(), ExitCode::good);
  EXPECT_THAT(check.headline(), testing::EndsWith("; but not by this build of kernelgate [D-VER-MAJOR]"));
  EXPECT_THAT(shown("text", check), HasSubstr("That is no fault of the machine:\nFAILURE D-VER-MAJOR: "));
  EXPECT_THAT(shown("nagios", check), HasSubstr("\nthis build, D-VER-MAJOR: "));
  EXPECT_EQ(find_check_format("nagios").status(check), 0);
  EXPECT_EQ(failures_of(check), 0);
  EXPECT_THAT(shown("junit", check), HasSubstr("classname=\"kernelgate.build\" name=\"D-VER-MAJOR\">\n      <skipped"));
  const nlohmann::json document = nlohmann::json::parse(shown("json", check));
  EXPECT_EQ(document["build"]["fits"], false);
  EXPECT_EQ(document["gpu_usable"], true);
  EXPECT_EQ(document["ladder"].back()["rung"], "this build");
  EXPECT_EQ(document["ladder"].back()["state"], "bad");
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
  FakeProbe with_framework = healthy_h200();
  set_driver(with_framework, "570.211.01", 12080);
  with_framework.files["/usr/lib/python3.11/site-packages/torch/version.py"] = "__version__ = '2.9'\ncuda = '13.0'\n";
  for (const FakeProbe& probe :
       {healthy_h200(), bare_machine(), without_fabric(), without_persistence(), hidden, hung, with_framework}) {
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
