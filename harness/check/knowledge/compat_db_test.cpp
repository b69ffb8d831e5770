// The shipped tables are well-formed, in order and true to their schema; they are read strictly.
#include "harness/check/knowledge/compat_db.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/json/strict_json.h"
#include "harness/base/paths_for_test.h"
#include "harness/base/utc_time.h"
#include "harness/check/knowledge/embedded_texts.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Version version(const std::string& text) { return Version::parse(text).value(); }
const CompatDb& shipped() { return CompatDb::shipped(); }

TEST(CompatDb, ToolkitsFallFromNewToOld) {
  const ToolkitDriver* newer = nullptr;
  for (const ToolkitDriver& row : shipped().toolkits()) {
    EXPECT_NE(row.cuda, 12070);  // there was none
    if (newer) {
      EXPECT_GT(std::pair(newer->cuda, newer->patch), std::pair(row.cuda, row.patch));
      EXPECT_GE(version(newer->on_linux), version(row.on_linux)) << row.cuda;
      if (!newer->on_windows.empty()) {
        EXPECT_GE(version(newer->on_windows), version(row.on_windows)) << row.cuda;
      }
    }
    // What a toolkit shipped with can't be below the least that its major works with; 11.0 came before the rule.
    if (row.cuda >= 11010) {
      EXPECT_GE(version(row.on_linux), shipped().major_floor(row.cuda, false).value()) << row.cuda;
    }
    newer = &row;
  }
  EXPECT_EQ(shipped().toolkits().size(), 60U);
}

TEST(CompatDb, FloorsAreThoseOfTheFirstRelease) {
  EXPECT_EQ(shipped().native_floor_text(13000, false), "580.65.06");  // not 13.0.2's 580.95.05
  EXPECT_EQ(shipped().native_floor_text(12080, true), "570.65");
  EXPECT_EQ(shipped().native_floor_text(11000, false), "450.51.05");  // its first release was 11.0.2
  EXPECT_EQ(shipped().native_floor_text(13000, true), "unknown");
  EXPECT_EQ(shipped().native_floor_text(12070, false), "unknown");
  EXPECT_EQ(shipped().major_floor_text(12040, false), "525.60.13");
  EXPECT_EQ(shipped().major_floor_text(10020, false), "unknown");
  EXPECT_FALSE(shipped().major_floor(13000, true));
}

TEST(CompatDb, BranchesRise) {
  int branch = 0, cuda = 0;
  for (const DriverBranch& row : shipped().branches()) {
    EXPECT_GT(row.branch, branch);
    EXPECT_GT(row.native_cuda, cuda);
    if (!row.last_linux.empty()) {
      EXPECT_EQ(version(row.last_linux).branch(), row.branch);
    }
    if (is_date(row.end_of_life) && !row.first_release.empty()) {
      EXPECT_GT(row.end_of_life, row.first_release);
    }
    branch = row.branch;
    cuda = row.native_cuda;
  }
  EXPECT_TRUE(is_date(shipped().as_of()));
}

TEST(CompatDb, EveryToolkitsDriverIsOfTheBranchThatIsNativeForIt) {
  for (const ToolkitDriver& row : shipped().toolkits()) {
    if (row.cuda < 11000) continue;  // branches before R450 are not listed
    const DriverBranch* branch = shipped().branch(version(row.on_linux).branch());
    ASSERT_TRUE(branch) << row.on_linux;
    EXPECT_EQ(branch->native_cuda, row.cuda) << row.on_linux;
  }
}

TEST(CompatDb, ArchitecturesRise) {
  int cc = 0;
  for (const Architecture& row : shipped().architectures()) {
    EXPECT_GT(row.compute_capability, cc);
    cc = row.compute_capability;
  }
  ASSERT_TRUE(shipped().architecture(90));
  EXPECT_EQ(shipped().architecture(70)->last_branch, 580);
  EXPECT_EQ(shipped().architecture(120)->least_linux, "570.26");
  EXPECT_FALSE(shipped().architecture(91));
}

TEST(CompatDb, KnowsTheNewestBranchesAndToolkits) {
  ASSERT_TRUE(shipped().branch(620));
  EXPECT_EQ(shipped().branch(620)->kind, BranchKind::long_term);
  EXPECT_EQ(shipped().branch(620)->end_of_life, "2029-09-30");
  EXPECT_EQ(shipped().branch(615)->kind, BranchKind::new_feature);
  EXPECT_EQ(shipped().native_floor_text(13050, false), "620.0");
  EXPECT_EQ(shipped().native_floor_text(13040, false), "615.0");
}

// The open module begins with Turing, the proprietary one ends before Blackwell.
TEST(CompatDb, EveryArchitectureHasAModule) {
  for (const Architecture& row : shipped().architectures()) {
    const ModuleNeed right = row.compute_capability < 75     ? ModuleNeed::proprietary
                             : row.compute_capability >= 100 ? ModuleNeed::open
                                                             : ModuleNeed::either;
    EXPECT_EQ(row.module, right) << row.compute_capability;
    EXPECT_EQ(row.last_branch == 0, row.compute_capability >= 75) << row.compute_capability;
  }
}

TEST(CompatDb, PciDevicesRiseAndAreOfKnownArchitectures) {
  int last = 0;
  for (const PciDevices& row : shipped().pci_devices()) {
    EXPECT_GT(row.first, last) << row.chip;
    EXPECT_GE(row.last, row.first) << row.chip;
    EXPECT_TRUE(shipped().architecture(row.compute_capability)) << row.chip;
    last = row.last;
  }
  // Of each generation one that is sold, by its id in pci.ids.
  const std::pair<int, int> known[] = {
      {0x102d, 37},  {0x13c2, 52},  {0x15f8, 60},  {0x1b06, 61},  {0x1c8d, 61},  {0x1db4, 70},  {0x1eb8, 75},
      {0x20b0, 80},  {0x2204, 86},  {0x2684, 89},  {0x2330, 90},  {0x2335, 90},  {0x2342, 90},  {0x2901, 100},
      {0x3182, 103}, {0x2b85, 120}, {0x2c02, 120}, {0x2f04, 120}, {0x2d04, 120}, {0x2e12, 121}, {0x2b00, 110}};
  for (const auto& [id, cc] : known) {
    ASSERT_TRUE(shipped().pci_device(id)) << std::hex << id;
    EXPECT_EQ(shipped().pci_device(id)->compute_capability, cc) << std::hex << id;
  }
  EXPECT_EQ(shipped().pci_device(0x2342)->module, ModuleNeed::open);
  EXPECT_FALSE(shipped().pci_device(0x2335)->module);
  EXPECT_FALSE(shipped().pci_device(0x22a3));  // an NVSwitch
  EXPECT_FALSE(shipped().pci_device(-1));
}

TEST(CompatDb, WheelsAreOfToolkitsThatThereAre) {
  for (const WheelIndex& row : shipped().wheels()) {
    EXPECT_NE(shipped().native_floor_text(row.cuda, false), "unknown") << row.index;
    EXPECT_THAT(row.install, HasSubstr("/" + row.index));
    for (const int cc : row.machine_code) {
      const Architecture* architecture = shipped().architecture(cc);
      ASSERT_TRUE(architecture) << row.index << " " << cc;
      EXPECT_LE(architecture->first_cuda, row.cuda) << row.index << " " << cc;
      EXPECT_TRUE(architecture->last_cuda == 0 || architecture->last_cuda >= row.cuda) << row.index << " " << cc;
    }
    for (const char* never : {"cu122", "cu123", "cu125", "cu131"}) {
      EXPECT_FALSE(row.framework == "PyTorch" && row.index == never);
    }
  }
}

TEST(CompatDb, EveryXidOfTheCatalogueThatIsUsedIsKnown) {
  // What the catalogue calls "Unused" is left out: it would say nothing.
  const int unused[] = {42, 47, 59, 61, 65, 73, 81, 87, 90, 91, 108};
  for (int number = 37; number <= 110; ++number) {
    const bool silent =
        (number >= 49 && number <= 53) || (number >= 55 && number <= 59) || std::ranges::count(unused, number) > 0;
    EXPECT_EQ(shipped().xid(number) != nullptr, !silent) << number;
  }
  for (int number = 139; number <= 173; ++number) EXPECT_TRUE(shipped().xid(number)) << number;
}

TEST(CompatDb, KnowsXids) {
  ASSERT_TRUE(shipped().xid(79));
  EXPECT_EQ(shipped().xid(79)->kind, XidClass::restart_machine);
  EXPECT_EQ(shipped().xid(31)->kind, XidClass::application);
  EXPECT_EQ(shipped().xid(94)->kind, XidClass::contained_memory);
  EXPECT_STREQ(to_string(shipped().xid(150)->kind), "nvlink");
  EXPECT_FALSE(shipped().xid(9998));
}

TEST(CompatDb, KnowsWhatGvisorSupports) {
  EXPECT_TRUE(shipped().gvisor_supports("580.159.04"));
  EXPECT_FALSE(shipped().gvisor_supports("580.95.05"));
  EXPECT_EQ(shipped().as_of("gvisor_drivers"), "2026-08-21");
  EXPECT_EQ(shipped().as_of("nothing"), "");
}

json one_row() {
  return json::parse(R"({"schema_version": 1, "branches": {"as_of": "2027-01-31", "page": "a page", "rows": [
    {"branch": 700, "cuda": "14.0", "kind": "production", "first_release": "2027-01", "end_of_life": "2028-01-31",
     "last_linux": "700.10", "last_windows": "701.20", "source": "nvidia", "where": "a page", "as_of": "2027-01-30"}]}})");
}

TEST(CompatDb, GivenTablesReplaceThoseBelowWhole) {
  const CompatDb db = CompatDb::parse(one_row().dump(), "mine.json", shipped());
  ASSERT_TRUE(db.branch(700));
  EXPECT_EQ(db.branch(700)->native_cuda, 14000);
  EXPECT_FALSE(db.branch(580));
  EXPECT_EQ(db.toolkits().size(), shipped().toolkits().size());
  EXPECT_EQ(db.as_of(), "2027-01-31");
}

struct BadDocument {
  const char* says;  ///< a part of the message
  std::function<void(json&)> break_it;
};

TEST(CompatDb, WhatIsWrongIsNamedByFileRowAndField) {
  const auto row = [](json& d) -> json& { return d["branches"]["rows"][0]; };
  const BadDocument documents[] = {
      {"mine.json, field \"schema_version\": is missing", [](json& d) { d.erase("schema_version"); }},
      {"must be 1; this program reads no other", [](json& d) { d["schema_version"] = 2; }},
      {"has no table", [](json& d) { d.erase("branches"); }},
      {"the field \"branchs\" is not known; did you mean \"branches\"?", [](json& d) { d["branchs"] = d["branches"]; }},
      {"mine.json: branches, field \"rows\": must be a list", [](json& d) { d["branches"]["rows"] = json::array(); }},
      {"mine.json: branches, field \"as_of\": '2027-02-30' is no date",
       [](json& d) { d["branches"]["as_of"] = "2027-02-30"; }},
      {"mine.json: branches, row 1, field \"branch\": must be a whole number, 1 to 99999",
       [&](json& d) { row(d)["branch"] = "580"; }},
      {"must be a whole number", [&](json& d) { row(d)["branch"] = 580.5; }},
      {"must be a whole number", [&](json& d) { row(d)["branch"] = -1; }},
      {"must be a whole number", [&](json& d) { row(d)["branch"] = 18446744073709551615U; }},
      {"field \"cuda\": '14' is no CUDA version; right is \"13.2\"", [&](json& d) { row(d)["cuda"] = "14"; }},
      {"field \"kind\": 'lts' is not known; right are long_term, production, new_feature",
       [&](json& d) { row(d)["kind"] = "lts"; }},
      {"field \"end_of_life\": must be a date", [&](json& d) { row(d)["end_of_life"] = "2028-01"; }},
      {"field \"first_release\": must be a month", [&](json& d) { row(d)["first_release"] = "January"; }},
      {"field \"last_linux\": '700' is no version; right is \"580.65.06\"",
       [&](json& d) { row(d)["last_linux"] = "700"; }},
      {"field \"note\": is missing; it says why a value of this row is null",
       [&](json& d) { row(d)["end_of_life"] = nullptr; }},
      {"field \"source\": is missing", [&](json& d) { row(d).erase("source"); }},
      {"field \"where\": must be a text, not empty", [&](json& d) { row(d)["where"] = ""; }},
      {"field \"as_of\": is later than the table's own as_of", [&](json& d) { row(d)["as_of"] = "2027-02-01"; }},
      {"row 1: the field \"nota\" is not known", [&](json& d) { row(d)["nota"] = "x"; }},
      {"row 2: is of the same thing as row 1", [&](json& d) { d["branches"]["rows"].push_back(row(d)); }},
      {"row 1: must be an object", [&](json& d) { d["branches"]["rows"][0] = 5; }},
  };
  EXPECT_NO_THROW(CompatDb::parse(one_row().dump(), "mine.json"));
  for (const BadDocument& bad : documents) {
    json document = one_row();
    bad.break_it(document);
    try {
      CompatDb::parse(document.dump(), "mine.json");
      ADD_FAILURE() << bad.says;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), HasSubstr(bad.says));
      EXPECT_THAT(error.what(), testing::StartsWith("mine.json"));
    }
  }
}

TEST(CompatDb, WhatIsNoStrictJsonIsRefused) {
  const std::pair<const char*, std::string> texts[] = {
      {"mine.json: no JSON: line 2, column 1", "{\n"},
      {"mine.json: no JSON: line 1, column 1", ""},
      {"mine.json: no JSON: line 2, column 4", "{\"a\":\n 1,, 2}"},
      {"the field \"schema_version\" is there twice", R"({"schema_version": 1, "schema_version": 1})"},
      {"nested deeper than 16", std::string(100000, '[')},
      {"larger than 4 MiB", std::string(5 << 20, ' ')},
      {"must be an object", "[]"},
      {"a number is out of range", R"({"schema_version": 1e999})"},
  };
  for (const auto& [says, text] : texts) {
    try {
      CompatDb::parse(text, "mine.json");
      ADD_FAILURE() << says;
    } catch (const HarnessError& error) {
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  }
}

// The distribution's Python, whose packages scripts/setup installs; another one may come first in PATH.
constexpr const char* validate =
    "/usr/bin/python3 -W ignore -m jsonschema -i '{}' '{}/harness/check/knowledge/data/compat.schema.json' >/dev/null "
    "2>&1";

TEST(CompatDb, TheSchemaHoldsForWhatIsShippedAndIsStrict) {
  if (std::system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("kernelgate_compat_{}.json", getpid());
  const auto valid = [&](std::string_view text) {
    std::ofstream(file) << text;
    return std::system(fmt::format(fmt::runtime(validate), file.string(), source_folder().string()).c_str()) == 0;
  };
  json broken_xids, broken_toolkits;
  for (const EmbeddedText& one : compat_texts()) {
    EXPECT_TRUE(valid(one.text)) << one.name;
    if (one.name == "xids") broken_xids = json::parse(one.text);
    if (one.name == "toolkits") broken_toolkits = json::parse(one.text);
  }
  broken_xids["xids"]["rows"][3]["nota"] = "x";
  EXPECT_FALSE(valid(broken_xids.dump()));
  broken_toolkits["toolkits"]["rows"][0]["linux"] = "615";
  EXPECT_FALSE(valid(broken_toolkits.dump()));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace kernelgate
