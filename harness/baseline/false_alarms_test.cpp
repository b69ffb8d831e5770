#include "harness/baseline/false_alarms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <vector>

#include <fmt/format.h>

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

class FalseAlarmsFile : public ::testing::Test {
 protected:
  fs::path folder_ =
      fs::temp_directory_path() / fmt::format("kernelgate_alarms_{}_{}", ::getpid(),
                                              ::testing::UnitTest::GetInstance()->current_test_info()->name());
  fs::path file_ = folder_ / "cpu_test" / "false_alarms.json";
  void SetUp() override { fs::create_directories(folder_ / "cpu_test"); }
  void TearDown() override { fs::remove_all(folder_); }
  FalseAlarms add(const KnownEqual& report, const std::string& utc = "2026-02-03T00:00:00Z") const {
    return add_false_alarms(folder_, "cpu_test", report, utc);
  }
  FalseAlarms read() const { return read_false_alarms(folder_, "cpu_test"); }
};

TEST_F(FalseAlarmsFile, CountsAddUpOverReports) {
  EXPECT_EQ(read().compared, 0);
  EXPECT_EQ(read().trouble, "") << "a missing file is no trouble";
  add({200, 1, 0});
  const FalseAlarms second = add({100, 0, 2}, "2026-02-04T00:00:00Z");
  for (const FalseAlarms& counted : {second, read()}) {
    EXPECT_EQ(counted.compared, 300);
    EXPECT_EQ(counted.slower, 1);
    EXPECT_EQ(counted.faster, 2);
    EXPECT_EQ(counted.reports, 2);
    EXPECT_EQ(counted.reports_with_alarm, 2);
    EXPECT_EQ(counted.first_utc, "2026-02-03T00:00:00Z");
    EXPECT_EQ(counted.last_utc, "2026-02-04T00:00:00Z");
    EXPECT_EQ(counted.trouble, "");
  }
  EXPECT_EQ(add({50, 0, 0}).reports_with_alarm, 2);
}

TEST_F(FalseAlarmsFile, NothingComparedWritesNothing) {
  add({});
  EXPECT_FALSE(fs::exists(file_));
  add_false_alarms(folder_ / "new", "cpu_test", {}, "2026-02-03T00:00:00Z");
  EXPECT_FALSE(fs::exists(folder_ / "new"));
}

TEST_F(FalseAlarmsFile, ItsFolderIsMadeWhenNeeded) {
  const fs::path state = folder_ / "state" / "kernelgate";
  const FalseAlarms counted = add_false_alarms(state, "never_seen", {10, 0, 0}, "2026-02-03T00:00:00Z");
  EXPECT_EQ(counted.trouble, "");
  EXPECT_EQ(read_false_alarms(state, "never_seen").compared, 10);
}

TEST_F(FalseAlarmsFile, NoFolderIsSaidInOneLineAndFailsNothing) {
  const fs::path file = folder_ / "a_file";
  std::ofstream(file) << "x";
  for (const fs::path& state : {fs::path(), file}) {
    const FalseAlarms counted = add_false_alarms(state, "cpu_test", {10, 1, 0}, "2026-02-03T00:00:00Z");
    EXPECT_EQ(counted.compared, 10);
    EXPECT_THAT(counted.trouble, HasSubstr("set KERNELGATE_STATE"));
    EXPECT_THAT(counted.trouble, Not(HasSubstr("\n")));
  }
}

TEST_F(FalseAlarmsFile, ABrokenFileIsSaidInOneLineAndPutAside) {
  for (const char* broken :
       {"", "{\"kernelgate_false_alarms\": ", "[]", R"({"kernelgate_false_alarms": {"schema_version": 7}})",
        R"({"kernelgate_false_alarms": {"schema_version": 1, "compared": 1}})",
        R"({"kernelgate_false_alarms": {"schema_version": 1, "compared": 1, "slower": 2, "faster": 0,
                                 "reports": 1, "reports_with_alarm": 1, "first_utc": "", "last_utc": ""}})"}) {
    SCOPED_TRACE(broken);
    std::ofstream(file_) << broken;
    EXPECT_THAT(read().trouble, HasSubstr("false_alarms.json"));
    const FalseAlarms counted = add({10, 1, 0});
    EXPECT_EQ(counted.compared, 10);
    EXPECT_THAT(counted.trouble, HasSubstr("anew"));
    EXPECT_THAT(counted.trouble, Not(HasSubstr("\n")));
    EXPECT_TRUE(fs::exists(file_.string() + ".broken"));
    EXPECT_EQ(read().compared, 10);
    EXPECT_EQ(read().trouble, "");
  }
}

TEST_F(FalseAlarmsFile, WhatCantBeWrittenFailsNothing) {
  add({10, 1, 0});
  fs::remove(folder_ / "cpu_test" / ".false_alarms.lock");
  fs::create_directory(folder_ / "cpu_test" / ".false_alarms.lock");  // can't be opened for writing, even by root
  const FalseAlarms counted = add({5, 0, 0});
  EXPECT_EQ(counted.compared, 15) << "what is said of this run is right";
  EXPECT_THAT(counted.trouble, HasSubstr("not counted"));
  EXPECT_EQ(read().compared, 10);
}

TEST_F(FalseAlarmsFile, RunsAtTheSameTimeLoseNoCounts) {
  constexpr int processes = 6, reports = 15;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (int k = 0; k < reports; ++k) add({2, 1, 0});
      _exit(0);
    }
    children.push_back(child);
  }
  for (pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(read().compared, 2 * processes * reports);
  EXPECT_EQ(read().reports, processes * reports);
}

TEST(FalseAlarmsText, IsOneLineWithItsInterval) {
  FalseAlarms counted;
  EXPECT_EQ(text_of(counted), "");
  counted.compared = 1234;
  counted.slower = 1;
  EXPECT_EQ(text_of(counted),
            "known A/A (equal code on both sides): 1 of 1,234 called so far: 0.08 % (95 %: 0.002 to 0.45 %)");
  counted = {};
  counted.compared = 1000000;
  EXPECT_EQ(text_of(counted),
            "known A/A (equal code on both sides): 0 of 1,000,000 called so far: 0 % (95 %: 0 to 0.0004 %)");
  counted.compared = 10;
  counted.faster = 5;
  EXPECT_THAT(text_of(counted), HasSubstr("5 of 10 called so far: 50 % (95 %: 19 to 81 %)"));
}

}  // namespace
}  // namespace kernelgate
