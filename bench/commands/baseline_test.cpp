// baseline through the program: nights join or are refused, what is kept is shown, noise is learnt.

#include <cmath>

#include "bench/commands/program_for_test.h"
#include "bench/commands/show_baseline.h"
#include "bench/run/sides/archived_build.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class BaselineCommand : public ProgramTest {
 protected:
  /// Of a night in January 2026; `runs` process runs.
  void night(const std::string& name, int day, double level = 1e-3, int runs = 3) const {
    std::vector<std::vector<double>> samples;
    for (int run = 0; run < runs; ++run) {
      const double at = level * (1 + 1e-3 * std::sin(7.0 * run + day));
      samples.push_back({at, 0.998 * at, 0.999 * at, 1.001 * at, 1.002 * at});
    }
    Result result =
        for_test::made_result({for_test::made_case("onednn", samples), for_test::made_case("naive", samples)});
    result.started_utc = fmt::format("2026-01-{:02}T22:00:00Z", day);
    for (CaseResult& one : result.cases)
      for (CaseRun& run : one.runs) run.boot_id = day < 4 ? "boot-a" : "boot-b";
    write_result(result, folder_ / name);
  }
  int accept(const std::string& more = "") {
    return run("baseline accept a.json --reason first --baselines stored " + more);
  }
  void SetUp() override {
    ProgramTest::SetUp();
    night("a.json", 1);
  }
};

TEST_F(BaselineCommand, NightsJoinUntilItIsSettled) {
  ASSERT_EQ(accept(), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("provisional: 1 of 5 nights, 1 of 2 boots"));
  EXPECT_EQ(run("compare stored/cpu_test/matmul.json a.json"), 0);
  EXPECT_THAT(out_, HasSubstr("PROVISIONAL"));
  for (int day = 2; day <= 5; ++day) {
    night("night.json", day);
    ASSERT_EQ(run("baseline extend night.json --baselines stored"), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("extended stored/cpu_test/matmul.json"));
    EXPECT_EQ(err_, "");
  }
  EXPECT_THAT(out_, Not(HasSubstr("provisional")));
  ASSERT_EQ(run("baseline list --baselines stored"), 0);
  EXPECT_THAT(out_, Not(HasSubstr("provisional")));
  ASSERT_EQ(run("baseline list --json --baselines stored"), 0);
  const json row = json::parse(out_)["baselines"][0];
  EXPECT_EQ(row["fewest_nights"], 5);
  EXPECT_EQ(row["fewest_boots"], 2);
  EXPECT_EQ(row["fewest_runs"], 15);
  EXPECT_EQ(row["provisional"], false);
  EXPECT_EQ(row["segments"].size(), 1U);
  ASSERT_EQ(row["noise"].size(), 2U);
  EXPECT_EQ(row["noise"][0]["night"]["df"], 3) << "five nights in two boots";
  EXPECT_EQ(row["noise"][0]["run"]["df"], 10);
  EXPECT_GT(row["noise"][0]["detectable_ratio"], 1);
}

TEST_F(BaselineCommand, ASlowerNightIsRefusedAndChangesNothing) {
  ASSERT_EQ(accept(), 0) << err_;
  night("slow.json", 2, 1.3e-3);
  expect_refusal(3, "baseline extend slow.json --baselines stored", "baseline accept");
  night("fast.json", 2, 0.7e-3);
  expect_refusal(1, "baseline extend fast.json --baselines stored", "FASTER");
  expect_refusal(1, "baseline extend a.json --baselines stored", "in it already");
  expect_refusal(1, "baseline extend a.json --baselines none", "no baseline of cpu_test");
  expect_refusal(1, "baseline extend missing.json --baselines stored", "missing.json");
}

TEST_F(BaselineCommand, ShowsAllThatItKnows) {
  ASSERT_EQ(accept("--expires 30"), 0) << err_;
  night("b.json", 2);
  ASSERT_EQ(run("baseline extend b.json --baselines stored"), 0) << err_;
  ASSERT_EQ(run("baseline show cpu_test matmul --baselines stored"), 0) << err_;
  for (const char* part :
       {"PROVISIONAL: 2 of 5 nights, 1 of 2 boots", "reason: first", "expires 20", "segment s1: since",
        "2 nights, 1 boots", "anchor s1 of 2 nights (+0.0 % since)", "sd (df): sample", "finds +",
        "raw samples: matmul.samples.gz, 12 runs", "git worktree add ../kernelgate-0123456789ab 0123456789ab"})
    EXPECT_THAT(out_, HasSubstr(part));
  std::filesystem::remove(folder_ / "stored/cpu_test/matmul.samples.gz");
  ASSERT_EQ(run("baseline show cpu_test matmul --baselines stored"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("are missing; comparisons don't need them"));
}

TEST_F(BaselineCommand, ShowsAllThatItKnowsToPrograms) {
  ASSERT_EQ(accept(), 0) << err_;
  ASSERT_EQ(run("baseline show cpu_test matmul --json --baselines stored"), 0) << err_;
  const json one = json::parse(out_)["baselines"][0];
  EXPECT_EQ(one["reason"], "first");
  EXPECT_EQ(one["file"], "stored/cpu_test/matmul.json");
  EXPECT_EQ(one["fingerprint"]["identity"]["cpu_model"], "test");
  ASSERT_EQ(one["cases"].size(), 2U);
  EXPECT_EQ(one["cases"][0]["runs"].size(), 3U);
  EXPECT_NEAR(one["cases"][0]["median_s"].get<double>(), 1e-3, 1e-5);
  EXPECT_TRUE(one["samples_trouble"].is_null());
  EXPECT_TRUE(one["gpu_uuid"].is_null());
  EXPECT_EQ(one["noise"].size(), 2U);
  std::filesystem::remove(folder_ / "stored/cpu_test/matmul.samples.gz");
  ASSERT_EQ(run("baseline show --json --baselines stored"), 0);
  EXPECT_THAT(json::parse(out_)["baselines"][0]["samples_trouble"].get<std::string>(), HasSubstr("are missing"));
}

TEST_F(BaselineCommand, ALoudRunAsksForAnyway) {
  json document = read_json_file("a.json");
  document["kernelgate"]["findings"] = {{{"id", "W-LOAD"}, {"summary", "the load is 33.50"}}};
  write("a.json", document.dump());
  expect_refusal(1, "baseline accept a.json --reason first --baselines stored", "accept it all the same: --anyway");
  EXPECT_EQ(accept("--anyway"), 0) << err_;
}

TEST_F(BaselineCommand, ArchivesTheBuildThatMeasured) {
  write("build.sh", "#!/bin/sh\necho 'kernelgate 0.1.0 (commit 0123456789ab, GNU 12.2.0, without CUDA)'\n");
  write("other.sh", "#!/bin/sh\necho 'kernelgate 0.1.0 (commit ba9876543210, GNU 12.2.0, without CUDA)'\n");
  write("dirty.sh", "#!/bin/sh\necho 'kernelgate 0.1.0 (commit 0123456789ab, modified, GNU 12.2.0, without CUDA)'\n");
  write("failing.sh", "#!/bin/sh\nexit 3\n");
  for (const char* name : {"build.sh", "other.sh", "dirty.sh", "failing.sh"})
    std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
  const std::string words = "baseline accept a.json --reason first --baselines stored --build ";
  expect_refusal(1, words + "./other.sh", "ba9876543210");
  expect_refusal(1, words + "./dirty.sh", "modified");
  expect_refusal(1, words + "./failing.sh", "does not answer --version");
  expect_refusal(1, words + "./missing.sh", "no kernelgate is there");
  ASSERT_EQ(run(words + "./build.sh"), 0) << err_;
  ASSERT_EQ(run("baseline show cpu_test matmul --baselines stored"), 0);
  EXPECT_THAT(out_, HasSubstr("archived build: " + (folder_ / "build.sh").string() + " (commit 0123456789ab)"));
}

TEST_F(BaselineCommand, ReadsTheProgramsOwnVersion) {
  ASSERT_EQ(run("--version"), 0);
  if (out_.find("modified") != std::string::npos || out_.find("unknown") != std::string::npos) {
    EXPECT_EQ(commit_in(out_), "");
  } else {
    EXPECT_THAT(commit_in(out_), MatchesRegex("[0-9a-f]+"));
  }
  EXPECT_EQ(commit_in("kernelgate 0.1.0 (commit 0123456789ab, modified, GNU 12.2.0, without CUDA)"), "");
  EXPECT_EQ(commit_in("kernelgate 0.1.0 (commit unknown, GNU 12.2.0, without CUDA)"), "");
  EXPECT_EQ(commit_in("kernelgate 0.1.0 (commit 0123456789ab, GNU 12.2.0, nvcc 13.0)\n"), "0123456789ab");
}

TEST_F(BaselineCommand, LearnsTheNoiseOfAResult) {
  night("many.json", 1, 1e-3, 20);
  ASSERT_EQ(run("baseline calibrate --from many.json"), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("median run sd: 0."), HasSubstr("pairs that share no run: 0 of 4 called"),
                          HasSubstr(fmt::format("written: {}/cpu_test/calibration.json", state_folder().string()))));
  const json document = json::parse(text_of(state_folder() / "cpu_test" / "calibration.json"));
  EXPECT_EQ(document["kernelgate_calibration"]["runs"], 20);
  EXPECT_EQ(document["cases"].size(), 2U);
  expect_refusal(1, "baseline calibrate --from a.json", "3 process runs");
  EXPECT_EQ(run("baseline calibrate --from many.json", "KERNELGATE_STATE=a.json"), 1) << err_;
  EXPECT_EQ(errors_said(), 1) << err_;
  EXPECT_THAT(err_, HasSubstr("set KERNELGATE_STATE to a folder that can be written"));
  EXPECT_THAT(out_, HasSubstr("median run sd")) << "what was learnt is printed all the same";
  expect_refusal(1, "baseline calibrate --runs 8 --op mel", "KERNELGATE_INJECT", "KERNELGATE_INJECT='slow:.*:1.1'");
}

TEST(RebuildRecipe, NamesCommitCompilerAndArchitectures) {
  const json build{{"commit", "0123456789ab"}, {"dirty", false},    {"build_type", "Release"},
                   {"compiler", "GNU 12.2.0"}, {"nvcc", "13.0.88"}, {"architectures", "80,90a"}};
  EXPECT_THAT(rebuild_recipe(build),
              AllOf(HasSubstr("git worktree add ../kernelgate-0123456789ab 0123456789ab"),
                    HasSubstr("'-DKERNELGATE_CUDA_ARCHS=80;90a'"), HasSubstr("GNU 12.2.0, nvcc 13.0.88")));
  json dirty = build;
  dirty["dirty"] = true;
  EXPECT_EQ(rebuild_recipe(dirty), "");
  EXPECT_EQ(rebuild_recipe(nullptr), "");
}

}  // namespace
}  // namespace kernelgate
