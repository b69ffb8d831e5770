// The form on disk: schema 1 is read, what is stored twice is checked, what can't be is refused.

#include "harness/baseline/baseline_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/base/atomic_file.h"
#include "harness/baseline/acceptance.h"
#include "harness/baseline/baseline_folder_for_test.h"
#include "harness/baseline/false_alarms.h"

namespace kernelgate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;
using nlohmann::json;

class BaselineJson : public BaselineFolder {
 protected:
  json stored() const { return read_json(matmul()); }
  std::string error_of(const json& document) const {
    try {
      baseline_from_json(document, "it");
    } catch (const ResultError& error) {
      return error.what();
    }
    return "read";
  }
};

constexpr const char* schema_1 = R"({
 "kernelgate_baseline": {"schema_version": 1, "device": "cpu_test", "device_kind": "cpu", "op": "matmul",
  "suite": "smoke", "accepted_utc": "2026-01-03T00:00:00Z", "accepted_by": "tester", "reason": "first", "dirty": false,
  "build": {"version": "0.1.0", "commit": "0123456789ab", "dirty": false, "sanitizers": ""},
  "fingerprint": {"identity": {"cpu_model": "test", "cores": 2}}},
 "cases": [{"name": "matmul/f16_nt/256x256x256/onednn/hot", "problem": "f16_nt/256x256x256", "implementation": "onednn",
  "origin": "peer", "state": "hot", "label": "", "flop": 33554432, "bytes": 393216,
  "accepted_utc": "2026-01-03T00:00:00Z", "commit": "0123456789ab",
  "runs": [{"median_s": 0.001, "q1_s": 0.000999, "q3_s": 0.001001, "samples": 5},
           {"median_s": 0.001001, "q1_s": 0.001, "q3_s": 0.001002, "samples": 5, "control_s": 0.0001}]}]})";

TEST_F(BaselineJson, SchemaOneIsOneNightWithoutABoot) {
  const Baseline read = baseline_from_json(json::parse(schema_1), "old");
  ASSERT_EQ(read.cases.size(), 1u);
  EXPECT_EQ(read.segments.size(), 1u);
  EXPECT_EQ(read.segments[0].reason, "first");
  EXPECT_EQ(read.expires_utc, "2026-07-02T00:00:00Z");
  EXPECT_EQ(provisional(read).text, "1 of 5 nights, 0 of 2 boots");
  EXPECT_THAT(read.notes, Contains(HasSubstr("schema 1")));
  EXPECT_EQ(read.cases[0].measured.runs[1].control_s, 1e-4);
  EXPECT_EQ(read.cases[0].anchor.size(), 2u);
}

TEST_F(BaselineJson, SchemaOneIsNotLostButWrittenAsTwo) {
  fs::create_directories(matmul().parent_path());
  std::ofstream(matmul()) << schema_1;
  Result result = night(1);
  result.cases.resize(1);
  EXPECT_NEAR(*compare_with_baselines(folder_, result, {}).cases[0].ratio, 1, 0.002) << "it is compared";
  extend_baseline({result}, folder_, {});
  const Baseline read = read_baseline(matmul());
  EXPECT_THAT(read.notes, IsEmpty()) << "of schema 2 by now";
  EXPECT_EQ(stored()["kernelgate_baseline"]["schema_version"], 2);
  EXPECT_EQ(read.parent, "schema-1");
  ASSERT_EQ(read.cases[0].measured.runs.size(), 5u);
  EXPECT_EQ(read.cases[0].measured.runs[0].median_s, 0.001);
  EXPECT_EQ(read.cases[0].measured.runs[0].night, "");
  EXPECT_EQ(nights_of(read.cases[0].measured.runs).size(), 2u);
}

TEST_F(BaselineJson, ComesBackWhole) {
  Result result = night(1);
  result.cases[0].runs[1].sm_clock_hz.assign(5, 1.98e9);
  accept_baseline(result, folder_, because("first"));
  extend_baseline({night(2)}, folder_, {});
  accept_baseline(night(3, 0.5e-3), folder_, because("faster"));
  const Baseline read = read_baseline(matmul());
  EXPECT_EQ(dump_lines(baseline_to_json(read)), content(matmul()));
  EXPECT_THAT(read.notes, IsEmpty());
}

TEST_F(BaselineJson, TheStoredSpreadIsCheckedAndNeverBelieved) {
  accept_baseline(night(1), folder_, because("first"));
  json changed = stored();
  changed["cases"][0]["spread"]["run"][0] = 0.5;
  const Baseline read = baseline_from_json(changed, "it");
  EXPECT_THAT(read.notes, Contains(HasSubstr("the runs are believed")));
  EXPECT_LT(known_spread(read.cases[0]).run.sd, 0.01);
  EXPECT_THAT(side_of(read).notes, Contains(HasSubstr("the runs are believed"))) << "a comparison says so";
  changed = stored();
  changed["cases"].erase(0);
  EXPECT_THAT(baseline_from_json(changed, "it").notes, Contains(HasSubstr("suite_version")));
}

TEST_F(BaselineJson, WhatCantBeIsRefusedInOneLine) {
  accept_baseline(night(1), folder_, because("first"));
  const auto broken = [this](const std::function<void(json&)>& change) {
    json document = stored();
    change(document);
    return error_of(document);
  };
  EXPECT_EQ(broken([](json&) {}), "read");
  EXPECT_THAT(broken([](json& d) { d["cases"][0]["segment"] = "s9"; }), HasSubstr("'s9' is not among the segments"));
  EXPECT_THAT(broken([](json& d) { d["kernelgate_baseline"]["segments"] = json::array(); }), HasSubstr("no segments"));
  EXPECT_THAT(broken([](json& d) { d["cases"][0]["nights"] = json::array(); }), HasSubstr("no runs"));
  EXPECT_THAT(broken([](json& d) { d["cases"][0]["nights"][0]["runs"][0]["q1_s"] = 9; }), HasSubstr("can't be"));
  EXPECT_THAT(broken([](json& d) { d["cases"][0]["spread"]["run"][0] = -1; }), HasSubstr("can't be"));
  EXPECT_THAT(broken([](json& d) { d["cases"][0].erase("nights"); }), HasSubstr("nights"));
  EXPECT_THAT(broken([](json& d) { d["cases"][1] = d["cases"][0]; }), HasSubstr("twice"));
  EXPECT_THAT(broken([](json& d) { d["kernelgate_baseline"]["samples"]["file"] = "../../x"; }), HasSubstr("samples"));
  EXPECT_THAT(broken([](json& d) { d["kernelgate_baseline"].erase("id"); }), HasSubstr("id"));
}

TEST_F(BaselineJson, TheOtherFilesOfTheFolderAreNoBaselines) {
  accept_baseline(night(1), folder_, because("first"));
  add_false_alarms(folder_, "cpu_test", {10, 0, 0}, "2026-02-03T00:00:00Z");
  std::ofstream(folder_ / "cpu_test" / "calibration.json") << "{}";
  std::ofstream(folder_ / "cpu_test" / ".matmul.json.Xx") << "{";
  EXPECT_EQ(read_baselines(folder_, "cpu_test").size(), 2u);
}

}  // namespace
}  // namespace kernelgate
