// A driver upgrade through the program: its steps, its exit codes, its page. The two drivers are made-up ones.

#include <cstdlib>

#include "bench/commands/program_for_test.h"
#include "harness/check/fake/machine_folder_for_test.h"
#include "harness/check/fingerprint.h"
#include "harness/check/machine/facts.h"
#include "harness/check/machine/system_probe.h"
#include "harness/judge/driver/simulated_upgrade_for_test.h"

namespace kernelgate {
namespace {

using for_test::SimulatedUpgrade;
using for_test::UpgradeModel;
using nlohmann::json;
using ::testing::HasSubstr;

class Driver : public ProgramTest {
 protected:
  /// What the program reads of a machine with this driver, by the made-up libraries of that version.
  json fingerprint_with(const std::string& driver, const std::map<std::string, std::string>& settings = {}) {
    MachineFolder machine(scratch_ / ("machine" + std::to_string(machines_++)), build_folder() / "fake_driver");
    machine.install(driver);
    for (const auto& [key, value] : settings) machine.driver[key] = value;
    ::setenv("KERNELGATE_FAKE_DRIVER", machine.settings_file().c_str(), 1);
    const SystemProbe probe({.sysroot = machine.path("")});
    json print = fingerprint(read_environment(probe), "cuda", 0);
    ::unsetenv("KERNELGATE_FAKE_DRIVER");
    EXPECT_EQ(print["identity"]["driver"], driver);
    return print;
  }

  /// Results of every boot, as files before0.json, after0.json, back0.json, ...
  void measured(const UpgradeModel& model, const std::map<std::string, std::string>& after_settings = {}) {
    DriverUpgrade upgrade = SimulatedUpgrade(model, 7).upgrade();
    const json before = fingerprint_with("580.95.05"), after = fingerprint_with("590.44.01", after_settings);
    write_boots("before", upgrade.before, before);
    write_boots("after", upgrade.after, after);
    write_boots("back", upgrade.back, before);
  }

  int step(const std::string& name, int boot, const std::string& more = "") {
    return run(
        fmt::format("driver {0} --result {0}{1}.json {2} {3}", name, boot, boot > 0 ? "--append-boot" : "", more));
  }
  void all_boots(const std::string& name, int boots, int code) {
    for (int boot = 0; boot + 1 < boots; ++boot) step(name, boot);
    EXPECT_EQ(step(name, boots - 1), code) << out_ << err_;
  }

 private:
  void write_boots(const std::string& name, std::vector<Result>& boots, const json& print) const {
    for (std::size_t i = 0; i < boots.size(); ++i) {
      boots[i].fingerprint = print;
      write_result(boots[i], folder_ / fmt::format("{}{}.json", name, i));
    }
  }
  int machines_ = 0;
};

TEST_F(Driver, FromTheFirstBootToADecision) {
  measured({.before_boots = 5, .after_boots = 5, .back_boots = 5, .slower = {{3, 1.05}, {11, 1.05}}});
  EXPECT_EQ(step("before", 0), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("NOT DECIDED YET: not decided yet: reboot and append; before has 1 boot of 2, after 0."));
  EXPECT_THAT(out_, HasSubstr("Next: reboot, then: kernelgate driver before --append-boot\n"));
  for (int boot = 1; boot < 5; ++boot) EXPECT_EQ(step("before", boot), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Next: install the new driver, reboot, then: kernelgate driver after\n"));
  EXPECT_EQ(step("after", 0, "--strict"), 4);
  EXPECT_THAT(out_, HasSubstr("Next: reboot, then: kernelgate driver after --append-boot\n"));
  for (int boot = 1; boot < 5; ++boot) step("after", boot);
  EXPECT_EQ(run("driver decide"), 3) << err_;
  EXPECT_THAT(out_, HasSubstr("SLOWER: with driver 590.44.01 instead of 580.95.05 2 of 40 cases are slower: "));
  EXPECT_THAT(out_, HasSubstr("kernel03"));
  EXPECT_THAT(out_, HasSubstr("kernel11"));
  EXPECT_THAT(out_, HasSubstr("the same machine code"));
  EXPECT_THAT(out_, HasSubstr("Geometric mean of 40 cases: +"));
  EXPECT_THAT(out_, HasSubstr("Next: is it the driver? Install 580.95.05 again"));
  all_boots("back", 5, 3);
  EXPECT_THAT(out_, HasSubstr("2 of 2 slower cases had their old speed again"));
  EXPECT_EQ(run("driver decide --json"), 3);
  const json document = json::parse(out_);
  EXPECT_EQ(document["word"], "SLOWER");
  EXPECT_EQ(document["exit_code"], 3);
  const std::string page = read("driver_upgrade/driver.html");
  EXPECT_THAT(page, HasSubstr("2 of 40 cases are slower"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy"));
  EXPECT_EQ(json::parse(read("driver_upgrade/driver.json")), document);
}

TEST_F(Driver, ACleanUpgradeIsPassedWithItsBound) {
  measured({.before_boots = 3, .after_boots = 3});
  all_boots("before", 3, 0);
  all_boots("after", 3, 0);
  EXPECT_THAT(out_, HasSubstr("NOT SLOWER: with driver 590.44.01 instead of 580.95.05 nothing is slower than +"));
  EXPECT_THAT(out_, HasSubstr("(sure to 95 %)"));
  EXPECT_THAT(out_, HasSubstr("Exit code 0."));
}

TEST_F(Driver, WhatTheRebootResetIsSaidFirst) {
  measured({.before_boots = 2, .after_boots = 2}, {{"persistence", "0"}, {"power_limit", "600000"}});
  all_boots("before", 2, 0);
  EXPECT_EQ(step("after", 0), 5) << err_;
  EXPECT_THAT(out_, HasSubstr("SETTINGS DIFFER: nothing is decided: "));
  EXPECT_THAT(out_, HasSubstr("persistence is false in after, boot 1, and was true: sudo nvidia-smi -pm 1"));
  EXPECT_THAT(out_, HasSubstr("power_limit_w is 600.0 in after, boot 1, and was 700.0: sudo nvidia-smi -pl 700"));
  // Put right, the step begins anew; what it had is kept aside.
  measured({.before_boots = 2, .after_boots = 2});
  EXPECT_EQ(run("driver after --anew --result after0.json"), 0) << out_ << err_;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "driver_upgrade/after.1/boot-1.json"));
}

TEST_F(Driver, TheWrongDriverOrBootIsRefusedAndNothingIsKept) {
  measured({.before_boots = 2, .after_boots = 2});
  expect_refusal(1, "driver after --result after0.json", "nothing was measured with the old driver");
  expect_refusal(1, "driver decide", "nothing is kept in 'driver_upgrade'");
  all_boots("before", 2, 0);
  expect_refusal(1, "driver after --result before0.json --folder driver_upgrade", "this boot is measured already");
}

TEST_F(Driver, AStepIsOfOneDriver) {
  measured({.before_boots = 3, .after_boots = 2, .back_boots = 1});
  all_boots("before", 2, 0);
  expect_refusal(5, "driver after --result before2.json", "driver 580.95.05 is still here");
  expect_refusal(5, "driver before --append-boot --result after0.json", "one step is of one driver");
  expect_refusal(5, "driver back --result after0.json", "and 580.95.05 was measured as the old one");
  expect_refusal(1, "driver before --result before2.json", "before has 2 boots already: --append-boot adds this one");
  expect_refusal(1, "driver before --append-boot --result before1.json",
                 "this boot is measured already, as boot 2 of before");
  expect_refusal(1, "driver before --append-boot --nonsense", "what is '--nonsense'?");
}

TEST_F(Driver, MeasuresThisBootByTheProgramItself) {
  const std::string one_case =
      "driver before --device cpu --suite full --runs 1 --benchmark_min_time=0.01 "
      "--benchmark_filter=matmul/f16_nt/512x512x512/ ";
  EXPECT_EQ(run(one_case), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("before has 1 boot of 2"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "driver_upgrade/before/boot-1.json"));
  EXPECT_THAT(read("driver_upgrade/plan.json"), HasSubstr("512x512x512"));
  expect_refusal(1, "driver before --append-boot", "this boot is measured already, as boot 1 of before: reboot");
  expect_refusal(1, "driver after", "this boot is measured already");
}

}  // namespace
}  // namespace kernelgate
