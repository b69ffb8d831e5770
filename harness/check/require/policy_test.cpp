// What a policy says of a machine, and what its reader refuses.
#include "harness/check/require/policy.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include <nlohmann/json.hpp>

#include "harness/base/paths_for_test.h"
#include "harness/check/fake/fake_machines_for_test.h"
#include "harness/check/knowledge/embedded_texts.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const today = "2026-11-22";

PolicyReport report_of(const Policy& policy, const FakeProbe& probe = healthy_h200()) {
  return evaluate_policy(policy, read_environment(probe), CompatDb::shipped(), today);
}

const PolicyOutcome& line_of(const PolicyReport& report, const std::string& id) {
  for (const PolicyOutcome& outcome : report.lines) {
    if (outcome.line.id == id) return outcome;
  }
  throw std::runtime_error("no line " + id);
}

FakeProbe with_pytorch(const char* version, const char* cuda) {
  FakeProbe probe = healthy_h200();
  probe.files["/usr/lib/python3.11/site-packages/torch/version.py"] =
      fmt::format("__version__ = '{}'\ncuda = '{}'\n", version, cuda);
  return probe;
}

TEST(Heygem, TakesAServerOfTodayAndWarnsOfWhatItRecommends) {
  const PolicyReport report = report_of(load_policy("heygem"), with_pytorch("2.9.0+cu130", "13.0"));
  const PolicyOutcome& branch = line_of(report, "S28");
  ASSERT_EQ(branch.required.size(), 1U);
  EXPECT_FALSE(branch.required[0].met);
  EXPECT_TRUE(branch.required[0].known);
  EXPECT_THAT(branch.required[0].actual, HasSubstr("R580"));
  EXPECT_FALSE(branch.holds());
  EXPECT_TRUE(line_of(report, "S11").holds());
  EXPECT_TRUE(line_of(report, "S31").holds());
  EXPECT_TRUE(line_of(report, "S08").holds());
  EXPECT_FALSE(line_of(report, "S07").holds());  // 12.1 or 12.2
  EXPECT_EQ(report.exit_code(false), ExitCode::good);
  EXPECT_EQ(report.exit_code(true), ExitCode::refused);
}

// Its lines are of the framework: where there is none, nothing is known, and an unknown does not hold.
TEST(Heygem, KnowsNothingWithoutAFramework) {
  const PolicyReport report = report_of(load_policy("heygem"));
  for (const char* id : {"S02", "S08", "S36"}) EXPECT_FALSE(line_of(report, id).holds()) << id;
  EXPECT_THAT(line_of(report, "S02").why(), HasSubstr("UNKNOWN (unknown: no framework was found"));
  EXPECT_EQ(report.exit_code(false), ExitCode::refused);
}

TEST(Heygem, JudgesTheFrameworkNotThisProgram) {
  FakeProbe probe = with_pytorch("2.3.1+cu121", "12.1");
  set_driver(probe, "550.144.03", 12040);  // this program's CUDA 13 would need 580
  const PolicyReport report = report_of(load_policy("heygem"), probe);
  EXPECT_TRUE(line_of(report, "S02").holds());
  EXPECT_TRUE(line_of(report, "S30").holds());
  EXPECT_TRUE(line_of(report, "S36").holds());
  EXPECT_EQ(report.exit_code(false), ExitCode::good);
  probe = with_pytorch("2.9.0+cu130", "13.0");
  set_driver(probe, "550.144.03", 12040);
  EXPECT_FALSE(line_of(report_of(load_policy("heygem"), probe), "S02").holds());
  EXPECT_FALSE(line_of(report_of(load_policy("heygem"), probe), "S36").holds());
}

// Beside PyTorch with CUDA an ONNX Runtime for the CPU is for other work.
TEST(Heygem, AsksPytorchWhetherItIsAvailable) {
  FakeProbe probe = with_pytorch("2.9.0+cu130", "13.0");
  probe.files["/usr/lib/python3.11/site-packages/onnxruntime-1.23.0.dist-info/METADATA"] = "";
  for (const char* id : {"S02", "S36"}) {
    EXPECT_TRUE(line_of(report_of(load_policy("heygem"), probe), id).holds()) << id;
  }
}

TEST(Heygem, RefusesADriverBelowItsFloor) {
  FakeProbe probe = healthy_h200();
  set_driver(probe, "520.61.05", 11080);
  const PolicyReport report = report_of(load_policy("heygem"), probe);
  EXPECT_FALSE(line_of(report, "S11").holds());
  EXPECT_FALSE(line_of(report, "S36").holds());
  EXPECT_EQ(report.exit_code(false), ExitCode::refused);
}

TEST(Acceptance, TakesAHealthyServerAndNoOther) {
  const Policy policy = load_policy("acceptance");
  EXPECT_EQ(report_of(policy).exit_code(true), ExitCode::good) << policy_text(report_of(policy));
  const std::pair<const char*, std::function<void(Gpu&)>> broken[] = {
      {"ecc",
       [](Gpu& gpu) {
         gpu.ecc = {false, ""};
       }},
      {"persistence",
       [](Gpu& gpu) {
         gpu.persistence = {false, ""};
       }},
      {"link",
       [](Gpu& gpu) {
         gpu.pcie_width_max = {8, ""};
       }},
      {"power",
       [](Gpu& gpu) {
         gpu.power_limit_w = {500, ""};
       }},
      {"alone",
       [](Gpu& gpu) {
         gpu.other_processes = {1, ""};
       }},
      {"cool",
       [](Gpu& gpu) {
         gpu.temperature_c = {80, ""};
       }},
  };
  for (const auto& [id, break_it] : broken) {
    FakeProbe probe = healthy_h200();
    break_it(probe.nvml_view.gpus[0]);
    const PolicyReport report = report_of(policy, probe);
    for (const PolicyOutcome& outcome : report.lines) EXPECT_EQ(outcome.holds(), outcome.line.id != id) << id;
    EXPECT_EQ(report.exit_code(true), ExitCode::refused) << id;
    const bool fails = line_of(report, id).line.severity == PolicySeverity::fail;
    EXPECT_EQ(report.exit_code(false), fails ? ExitCode::refused : ExitCode::good) << id;
  }
}

TEST(Policy, TheTextSaysWhatIsAskedAndWhatIsThere) {
  const std::string text = policy_text(report_of(load_policy("heygem"), with_pytorch("2.9.0+cu130", "13.0")));
  EXPECT_THAT(text, HasSubstr("NOT MET warn S28   Use the production branches 535 or 550\n"
                              "      driver_branch==535|550: NOT MET (R580)\n"));
  EXPECT_THAT(text, HasSubstr("met     fail S11   At least driver 525"));
  EXPECT_THAT(text, HasSubstr("14 lines; 0 refuse this machine, "));
}

TEST(Policy, TheJsonHasEveryLine) {
  const PolicyReport report = report_of(load_policy("heygem"));
  const json document = to_json(report);
  ASSERT_EQ(document["lines"].size(), report.lines.size());
  for (const json& line : document["lines"]) {
    if (line["id"] == "S28") {
      EXPECT_EQ(line["required"][0]["met"], false);
      EXPECT_EQ(line["holds"], false);
    }
    if (line["id"] == "S11") {
      EXPECT_EQ(line["required"][0]["met"], true);
      EXPECT_EQ(line["holds"], true);
    }
  }
}

TEST(Policy, EveryShippedOneIsReadUnderItsName) {
  EXPECT_EQ(shipped_policy_names(), "acceptance, heygem");
  for (const EmbeddedText& one : policy_texts()) EXPECT_EQ(load_policy(std::string(one.name)).name, one.name);
}

TEST(Policy, TheSchemaHoldsForWhatIsShipped) {
  if (std::system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const std::string folder = source_folder() / "harness/check/require/policies/";
  for (const EmbeddedText& one : policy_texts()) {
    const std::string command = fmt::format(
        "/usr/bin/python3 -W ignore -m jsonschema -i '{0}{1}.json' "
        "'{0}policy.schema.json' >/dev/null 2>&1",
        folder, one.name);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }
}

json small_policy() {
  return json::parse(R"({"schema_version": 1, "name": "site", "description": "ours", "as_of": "2026-11-22", "lines": [
    {"id": "a", "text": "a driver", "severity": "fail", "require": "driver>=580.65.06"},
    {"id": "b", "text": "a GPU of Ampere or later", "severity": "info", "require": "cc>=8.0"}]})");
}

TEST(Policy, WhatIsWrongIsNamedByFileLineAndField) {
  const auto line = [](json& d) -> json& { return d["lines"][0]; };
  const std::pair<const char*, std::function<void(json&)>> broken[] = {
      {"site.json, field \"schema_version\": must be 1", [](json& d) { d["schema_version"] = 7; }},
      {"site.json, field \"name\": is missing", [](json& d) { d.erase("name"); }},
      {"site.json, field \"lines\": must be a list", [](json& d) { d["lines"] = json::object(); }},
      {"site.json: line 1, field \"require\": 'drivr>=1.0': 'drivr' is not known; did you mean driver?",
       [&](json& d) { line(d)["require"] = "drivr>=1.0"; }},
      {"site.json: line 1, field \"require\": must be a text", [&](json& d) { line(d)["require"] = 5; }},
      {"site.json: line 1, field \"require\": must be a text, not empty",
       [&](json& d) { line(d)["require"] = nullptr; }},
      {"site.json: line 1, field \"require\": is missing", [&](json& d) { line(d).erase("require"); }},
      {"site.json: line 1: the field \"judgement\" is not known", [&](json& d) { line(d)["judgement"] = "wrong"; }},
      {"site.json: line 1, field \"severity\": 'error' is not known; right are info, warn, fail",
       [&](json& d) { line(d)["severity"] = "error"; }},
      {"site.json: line 1: the field \"requires\" is not known; did you mean \"require\"?",
       [&](json& d) { line(d)["requires"] = "cc>=8.0"; }},
      {"site.json: line 2, field \"id\": line 1 has the same", [](json& d) { d["lines"][1]["id"] = "a"; }},
  };
  EXPECT_EQ(parse_policy(small_policy().dump(), "site.json").lines.size(), 2U);
  for (const auto& [says, break_it] : broken) {
    json document = small_policy();
    break_it(document);
    try {
      parse_policy(document.dump(), "site.json");
      ADD_FAILURE() << says;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  }
}

TEST(Policy, AnUnknownNameIsAUsageErrorThatNamesTheKnownOnes) {
  for (const auto& [name, says] : {std::pair<std::string, const char*>{"heygam", "did you mean heygem?"},
                                   {"nothing-like-it", "there are acceptance, heygem"},
                                   {"absent.json", "absent.json: there is no such file"},
                                   {"/nowhere/at-all", "there is no such file"},
                                   {"/usr", "/usr: "},
                                   {"/dev/null", "/dev/null: "}}) {
    try {
      load_policy(name);
      ADD_FAILURE() << name;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  }
}

}  // namespace
}  // namespace kernelgate
