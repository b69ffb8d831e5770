// compare and baseline through the program: exit codes, what is on stdout, what is on stderr.

#include "bench/commands/program_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using for_test::made_case;
using for_test::made_result;
using ::testing::HasSubstr;

class Program : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_result(result_at(1e-3), folder_ / "a.json");
    write_result(result_at(1.1e-3), folder_ / "slow.json");
  }
  static Result result_at(double level) {
    return made_result({made_case("onednn", std::vector<std::vector<double>>(3, std::vector<double>(5, level)))});
  }
};

TEST_F(Program, CompareGivesTheVerdictsExitCode) {
  EXPECT_EQ(run("compare a.json a.json"), 0);
  EXPECT_EQ(run("compare a.json slow.json"), 3);
  EXPECT_THAT(out_, HasSubstr("SLOWER"));
  EXPECT_EQ(err_, "");
  EXPECT_EQ(run("compare --threshold 20% a.json slow.json"), 0);
  EXPECT_EQ(run("compare --markdown a.json slow.json"), 3);
  EXPECT_THAT(out_, HasSubstr("| SLOWER |"));
}

TEST_F(Program, CompareJsonIsAloneOnStdout) {
  EXPECT_EQ(run("compare --json a.json slow.json"), 3);
  const nlohmann::json verdicts = nlohmann::json::parse(out_);
  EXPECT_EQ(verdicts["exit_code"], 3);
  EXPECT_EQ(verdicts["cases"][0]["verdict"], "SLOWER");
}

TEST_F(Program, CompareRefusesAnotherEnvironment) {
  Result other = result_at(1e-3);
  other.fingerprint["identity"]["cpu_model"] = "other";
  write_result(other, folder_ / "other.json");
  EXPECT_EQ(run("compare a.json other.json"), 5);
  EXPECT_THAT(err_, HasSubstr("cpu_model: test -> other; if that is what you compare, declare it: --vary cpu_model"));
  EXPECT_EQ(run("compare --vary cpu_model a.json other.json"), 0);
  EXPECT_EQ(run("compare --vary cpu_model --vary cores a.json other.json"), 0) << err_;
}

TEST_F(Program, CompareSaysWhatItCantUse) {
  std::ofstream(folder_ / "cut.json") << read("a.json").substr(0, 100);
  for (const auto& [arguments, text] : {std::pair{"compare a.json cut.json", "truncated"},
                                        {"compare none.json a.json", "No such file"},
                                        {"compare --threshold x a.json a.json", "write 0.5%"},
                                        {"compare --vary drvier a.json a.json", "no such field"}}) {
    EXPECT_EQ(run(arguments), 1) << arguments;
    EXPECT_THAT(err_, HasSubstr(text));
    EXPECT_EQ(out_, "");
  }
}

TEST_F(Program, BaselineIsAcceptedShownAndComparedWith) {
  EXPECT_EQ(run("baseline accept a.json --reason 'first of this machine' --baselines stored"), 0) << err_;
  EXPECT_EQ(run("baseline list --baselines stored"), 0);
  EXPECT_THAT(out_, HasSubstr("first of this machine"));
  EXPECT_EQ(run("baseline show cpu_test matmul --baselines stored"), 0);
  EXPECT_THAT(out_, HasSubstr("1.000 ms"));
  EXPECT_EQ(run("baseline show cpu_none --baselines stored"), 1);
  EXPECT_EQ(run("compare stored/cpu_test/matmul.json slow.json"), 3) << err_;
  Result injected = result_at(1e-3);
  injected.injection = "slow:.*:1.1";
  write_result(injected, folder_ / "injected.json");
  EXPECT_EQ(run("baseline accept injected.json --reason no --baselines stored"), 1);
  EXPECT_THAT(err_, HasSubstr("KERNELGATE_INJECT"));
}

}  // namespace
}  // namespace kernelgate
