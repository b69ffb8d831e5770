// What `kernelgate check` leaves behind: no process and no file, however a driver behaves.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "bench/commands/check_for_test.h"

namespace kernelgate {
namespace {

// What is left running would become a child of this process, and what is left behind would be in one of two folders.
class Leftovers : public CheckTest {
 protected:
  void SetUp() override {
    CheckTest::SetUp();
    ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    rlimit cores{};  // what crashes may leave its core file, as far as the machine lets it
    ASSERT_EQ(getrlimit(RLIMIT_CORE, &cores), 0);
    cores.rlim_cur = cores.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_CORE, &cores), 0);
  }
  /// One that was killed may need a moment to go.
  static void expect_no_process() {
    int status = 0;
    pid_t left = 0;
    for (int tries = 0; tries < 200 && (left = waitpid(-1, &status, WNOHANG)) >= 0; ++tries) usleep(10000);
    EXPECT_TRUE(left < 0 && errno == ECHILD) << "a process is left";
  }
};

class LeftoversOf : public Leftovers, public ::testing::WithParamInterface<const char*> {};

bool ends_badly(const std::string& setting) { return setting.starts_with("cuInit") || setting.starts_with("nvmlInit"); }

TEST_P(LeftoversOf, ADriver) {
  const std::string line = GetParam();
  machine_->driver[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
  machine_->settings_file();
  const auto files = everything();
  check(line.ends_with("hang") ? "--timeout 0.7" : "");
  EXPECT_EQ(everything(), files);
  expect_no_process();
  EXPECT_EQ(causes().empty(), !ends_badly(line)) << report_["findings"].dump(1);
}

INSTANTIATE_TEST_SUITE_P(Check, LeftoversOf,
                         ::testing::Values("gpus=1", "cuInit=hang", "nvmlInit_v2=hang", "cuInit=crash", "cuInit=802",
                                           "leaves_a_process=1"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::ranges::replace(name, '=', '_');
                           return name;
                         });

TEST_F(Leftovers, AreNoneWhenTheProgramIsInterrupted) {
  machine_->driver["nvmlInit_v2"] = "hang";
  EXPECT_EQ(run(fmt::format("check --sysroot '{}'", machine_->path("")), clean_environment() + " timeout 0.5"), 124);
  expect_no_process();
}

}  // namespace
}  // namespace kernelgate
