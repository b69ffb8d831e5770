// The main job through the program: what it writes, what it says where, what it sees when a kernel is slow or wrong.

#include <fcntl.h>

#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* python = "/usr/bin/python3";  // the distribution's, whose packages are installed with it

// Two small cases, so that one can be disturbed and the other not.
constexpr const char* one_case =
    "run --device cpu --suite full --benchmark_min_time=0.02 "
    "--benchmark_filter=matmul/f16_nt/512x512x512/ ";
constexpr const char* two_cases =
    "run --device cpu --suite full --benchmark_min_time=0.02 "
    "--benchmark_filter='matmul/f16_nt/512x512x512/|mel/whisper80/200ms/kissfft/' ";

/// What `compare --json` says of the one case whose name has the text.
std::string verdict_of(const json& comparison, const std::string& text) {
  std::string found;
  for (const json& one : comparison.at("cases"))
    if (one.at("name").get<std::string>().find(text) != std::string::npos)
      found += one.at("verdict").get<std::string>();
  return found;
}

class Run : public ProgramTest {
 protected:
  void measure(const std::string& file, const std::string& before = "", int code = 0) {
    ASSERT_EQ(run(two_cases + ("--runs 2 --baselines none --out " + file), before), code) << err_;
  }
  /// Their names.
  std::set<std::string> files_in(const std::string& folder) const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / folder))
      names.insert(entry.path().filename().string());
    return names;
  }
  bool sanitized() const { return read_json_file("base.json")["kernelgate"]["build"]["sanitizers"] != ""; }
};

TEST_F(Run, WritesAResultAndKeepsTheTalkOffStdout) {
  measure("base.json");
  EXPECT_THAT(out_, HasSubstr("512x512x512"));
  EXPECT_THAT(out_, HasSubstr("NO_BASELINE"));
  EXPECT_THAT(out_, Not(HasSubstr("measuring on the CPU")));
  EXPECT_THAT(err_, HasSubstr("measuring on the CPU"));
  EXPECT_THAT(err_, HasSubstr("result: base.json"));
  EXPECT_EQ(errors_said(), 0);
  const json document = read_json_file("base.json");
  EXPECT_EQ(document["kernelgate"]["status"], "complete");
  EXPECT_EQ(document["kernelgate"]["device_kind"], "cpu");
  ASSERT_EQ(document["kernelgate"]["cases"].size(), 2U);
  for (const json& one : document["kernelgate"]["cases"]) {
    ASSERT_EQ(one["runs"].size(), 2U);
    EXPECT_NE(one["runs"][0]["run"], one["runs"][1]["run"]);
    EXPECT_EQ(one["verification"]["right"], true);
    EXPECT_EQ(one["injected"], false);
  }
}

TEST_F(Run, TellsTheMachineFromTheCode) {
  measure("base.json");
  measure("again.json");
  const json document = read_json_file("base.json")["kernelgate"], again = read_json_file("again.json")["kernelgate"];
  std::map<int, std::set<std::string>> names;
  for (const json& one : document["controls"]) {
    names[one["run"]].insert(one["name"]);
    EXPECT_GE(one["first_s"].size(), 5U);
    EXPECT_GE(one["last_s"].size(), 5U);
  }
  const std::set<std::string> all{"alu", "tensor_core", "dram_copy", "launch"};
  EXPECT_EQ(names, (std::map<int, std::set<std::string>>{{0, all}, {1, all}}));
  const std::string boot = text_of("/proc/sys/kernel/random/boot_id");
  for (std::size_t i = 0; i < document["cases"].size(); ++i) {
    const json& one = document["cases"][i];
    EXPECT_EQ(one["code_hash"].get<std::string>().size(), 16U) << one["name"];
    EXPECT_EQ(one["name"], again["cases"][i]["name"]);
    EXPECT_EQ(one["code_hash"], again["cases"][i]["code_hash"]);
    EXPECT_NE(one["code_hash"], document["cases"][1 - i]["code_hash"]) << "another library's";
    EXPECT_NE(one["runs"][0]["layout_seed"], one["runs"][1]["layout_seed"]);
    EXPECT_EQ(one["runs"][1]["layout_seed"], again["cases"][i]["runs"][1]["layout_seed"]);
    for (const json& process : one["runs"]) {
      EXPECT_EQ(process["boot_id"].get<std::string>() + "\n", boot);
      EXPECT_GE(process["started_utc"], document["started_utc"]);
    }
  }
  run("compare --threshold 100% --json base.json again.json");
  const json comparison = json::parse(out_);
  EXPECT_EQ(comparison["controls"].size(), 4U);
  EXPECT_EQ(comparison["controls_unknown"], "");
}

TEST_F(Run, TheResultFitsTheSchema) {
  if (std::system(fmt::format("{} -c 'import jsonschema' 2>/dev/null", python).c_str()) != 0)
    GTEST_SKIP() << "python3-jsonschema is not installed";
  measure("base.json");
  EXPECT_EQ(std::system(fmt::format("{} -W ignore -m jsonschema -i '{}' '{}/docs/result.schema.json'", python,
                                    (folder_ / "base.json").string(), source_folder().string())
                            .c_str()),
            0);
}

TEST_F(Run, JsonIsAloneOnStdout) {
  ASSERT_EQ(run(std::string(one_case) + "--runs 1 --json --baselines none --out a.json"), 0) << err_;
  json printed = json::parse(out_);
  EXPECT_EQ(printed["comparison"]["cases"][0]["verdict"], "NO_BASELINE");
  printed.erase("comparison");
  EXPECT_EQ(printed, read_json_file("a.json"));
  EXPECT_THAT(err_, HasSubstr("NO_BASELINE"));
}

TEST_F(Run, ASlowKernelIsSeenAndTheOtherIsNot) {
  measure("base.json");
  // The slowdown is far above what a busy machine does, and the threshold too, so that noise decides nothing.
  measure("slow.json", "KERNELGATE_INJECT='slow:mel/:30'");
  EXPECT_THAT(err_, HasSubstr("INJECTION is active: slow:mel/:30"));
  const json document = read_json_file("slow.json")["kernelgate"];
  EXPECT_EQ(document["injection"], "slow:mel/:30");
  for (const json& one : document["cases"]) EXPECT_EQ(one["injected"], one["op"] == "mel") << one["name"];

  EXPECT_EQ(run("compare --threshold 100% --json base.json slow.json"), 3) << out_ << err_;
  EXPECT_EQ(verdict_of(json::parse(out_), "mel/"), "SLOWER");
  EXPECT_THAT(verdict_of(json::parse(out_), "matmul/"), Not(HasSubstr("SLOWER")));
  EXPECT_EQ(run("compare base.json base.json"), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("SLOWER")));
  expect_refusal(1, "baseline accept slow.json --reason x --allow-dirty --baselines stored", "KERNELGATE_INJECT");
}

TEST_F(Run, AWrongKernelIsSeenAndTheOtherIsNot) {
  measure("wrong.json", "KERNELGATE_INJECT='wrong:matmul/'", 2);
  EXPECT_THAT(err_, HasSubstr("INJECTION is active: wrong:matmul/"));
  const json document = read_json_file("wrong.json")["kernelgate"];
  EXPECT_EQ(document["injection"], "wrong:matmul/");
  for (const json& one : document["cases"]) {
    const bool matmul = one["op"] == "matmul";
    EXPECT_EQ(one["injected"], matmul);
    EXPECT_EQ(one["status"], matmul ? "wrong" : "measured");
    EXPECT_EQ(one["verification"]["right"], !matmul);
    // The report names the wrong one.
    if (matmul) {
      EXPECT_THAT(out_, HasSubstr(one["problem"].get<std::string>()));
    }
  }
  expect_refusal(1, "baseline accept wrong.json --reason x --allow-dirty --baselines stored", "KERNELGATE_INJECT");
}

TEST_F(Run, AnInjectionThatIsNotUnderstoodIsRefused) {
  for (const char* rule : {"slow:mel", "slow:mel:0.5", "fast:mel:2", "wrong:", "wrong:("})
    expect_refusal(1, std::string(one_case) + "--out a.json", "KERNELGATE_INJECT",
                   fmt::format("KERNELGATE_INJECT='{}'", rule));
}

TEST_F(Run, ComparesWithWhatWasAccepted) {
  measure("base.json");
  if (sanitized()) GTEST_SKIP() << "a build with sanitizers makes no baseline";
  ASSERT_EQ(run("baseline accept base.json --reason test --allow-dirty --anyway --baselines stored"), 0) << err_;
  const std::string device = read_json_file("base.json")["kernelgate"]["device"];
  const auto accepted = files_in("stored/" + device);
  const std::string again = std::string(two_cases) + "--runs 2 --threshold 100% --baselines stored ";
  // A neighbour that takes a core may make one run look twice as slow; three in a row would be no neighbour.
  const auto eventually = [&](const std::string& out, const std::string& variables, int code) {
    for (int attempt = 0; attempt < 3; ++attempt)
      if (run(again + "--out " + out, variables) == code) return true;
    return false;
  };
  ASSERT_TRUE(eventually("b.json", "", 0)) << out_ << err_;
  EXPECT_THAT(out_, Not(HasSubstr("NO_BASELINE")));
  EXPECT_THAT(out_, AnyOf(HasSubstr("SAME"), HasSubstr("INCONCLUSIVE"), HasSubstr("FASTER")));
  EXPECT_THAT(out_, HasSubstr("called so far"));
  EXPECT_TRUE(std::filesystem::exists(state_folder() / device / "false_alarms.json"));
  EXPECT_EQ(files_in("stored/" + device), accepted) << "what it counts by itself would make their tree dirty";
  ASSERT_TRUE(eventually("b.json", "KERNELGATE_STATE=base.json", 0)) << "no place for its counts, and it goes on";
  EXPECT_EQ(errors_said(), 1) << err_;
  EXPECT_THAT(err_, HasSubstr("set KERNELGATE_STATE"));
  ASSERT_TRUE(eventually("c.json", "KERNELGATE_INJECT='slow:mel/:30'", 3)) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("SLOWER"));
}

TEST_F(Run, GoogleBenchmarksFlagsWork) {
  ASSERT_EQ(run("run --device cpu --suite smoke --benchmark_list_tests"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("mel/whisper80/"));
  EXPECT_THAT(out_, HasSubstr("matmul/"));
  ASSERT_EQ(run("run --device cpu --suite smoke --benchmark_list_tests --benchmark_filter=-^mel/"), 0) << err_;
  EXPECT_THAT(out_, Not(HasSubstr("mel/")));
  EXPECT_THAT(out_, HasSubstr("matmul/"));
  ASSERT_EQ(run(std::string(one_case) + "--runs 1 --baselines none --benchmark_format=json --benchmark_out=g.json "
                                        "--benchmark_repetitions=2 --out a.json"),
            0)
      << err_;
  const std::string name = "matmul/f16_nt/512x512x512/onednn/hot";
  for (const json& document : {json::parse(out_), read_json_file("g.json")}) {
    int repetitions = 0;
    for (const json& one : document["benchmarks"]) {
      EXPECT_EQ(one["run_name"], name);
      repetitions += one["run_type"] == "iteration" ? 1 : 0;
    }
    EXPECT_EQ(repetitions, 2);
  }
  EXPECT_EQ(read_json_file("a.json")["kernelgate"]["cases"].size(), 1U);
  expect_refusal(1, std::string(one_case) + "--benchmark_no_such=1 --out b.json", "benchmark_no_such");
  expect_refusal(1, std::string(one_case) + "--benchmark_format=xml --out b.json", "'xml'");
  expect_refusal(1, std::string(one_case) + "--benchmark_out=g.csv --benchmark_out_format=xml --out b.json",
                 "--benchmark_out_format: 'xml'");
  ASSERT_EQ(run(std::string(one_case) + "--runs 1 --baselines none --benchmark_out=g.csv --benchmark_out_format=csv "
                                        "--out a.json"),
            0)
      << err_;
  EXPECT_THAT(read("g.csv"), HasSubstr("\n\"" + name + "\","));
  expect_refusal(1, "run --device cpu --benchmark_min_time=soon --out b.json", "'soon'");
}

TEST_F(Run, GoogleBenchmarksTruthIsOurs) {
  for (const char* no : {"0", "false", "FALSE", "no", "off", "n", "f"}) {
    ASSERT_EQ(run(std::string(one_case) + "--runs 1 --baselines none --out a.json --benchmark_list_tests=" + no), 0)
        << err_;
    EXPECT_EQ(read_json_file("a.json")["kernelgate"]["cases"].size(), 1U) << no << ": measured, and not listed";
    std::filesystem::remove(folder_ / "a.json");
  }
  for (const char* yes : {"1", "true", "yes", "on", "anything"}) {
    ASSERT_EQ(run(std::string(one_case) + "--out a.json --benchmark_list_tests=" + yes), 0) << err_;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "a.json")) << yes;
    EXPECT_THAT(out_, HasSubstr("512x512x512"));
  }
  ASSERT_EQ(run(std::string(one_case) + "--runs 1 --baselines none --out a.json --benchmark_out=gb.csv "
                                        "--benchmark_out_format=csv"),
            0);
  EXPECT_THAT(read("gb.csv"), HasSubstr("\nname,iterations,real_time,cpu_time,time_unit"));
}

TEST_F(Run, JsonHasTheVerdicts) {
  measure("base.json");
  // As files from before there was a control: on a busy machine it would say, rightly, that this night decides nothing.
  json base = read_json_file("base.json");
  for (json& one : base["kernelgate"]["cases"])
    for (json& made : one["runs"]) made.erase("control_s");
  write("base.json", base.dump());
  ASSERT_EQ(run(std::string(two_cases) + "--runs 2 --json --base base.json --threshold 100% --out a.json",
                "KERNELGATE_INJECT='slow:mel/:30'"),
            3)
      << err_;
  const json document = json::parse(out_);
  EXPECT_EQ(document["comparison"]["exit_code"], 3);
  EXPECT_EQ(verdict_of(document["comparison"], "mel/"), "SLOWER");
  EXPECT_EQ(document["kernelgate"]["cases"].size(), 2U);
  EXPECT_FALSE(read_json_file("a.json").contains("comparison")) << "what is stored is what was measured";
}

TEST_F(Run, OneGpuIsANumber) {
  for (const char* bad : {"all", "-1", "0,1", "1.5", "99999999999999999999"})
    expect_refusal(1, fmt::format("run --gpu={} --out a.json", bad), "one GPU a run");
  EXPECT_LT(err_.size(), 200U);
}

/// Started in a process group of its own, as a shell does, so that Ctrl-C reaches its children too.
pid_t start(const std::filesystem::path& folder, const std::filesystem::path& err) {
  const pid_t child = fork();
  if (child != 0) return child;
  setpgid(0, 0);
  const int to = open(err.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  setenv("KERNELGATE_STATE", "state", 1);
  if (chdir(folder.c_str()) != 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0) _exit(126);
  execl(program().c_str(), "kernelgate", "run", "--device", "cpu", "--suite", "smoke", "--runs", "3", "--baselines",
        "none", "--out", "cut.json", static_cast<char*>(nullptr));
  _exit(127);
}

TEST_F(Run, CtrlCLeavesAReadableMarkedResult) {
  using std::chrono::steady_clock;
  const auto err = scratch_ / "interrupted.txt";
  const pid_t child = start(folder_, err);
  ASSERT_GT(child, 0);
  // Not before something is measured: the first case's line says so.
  const auto begin = steady_clock::now();
  while (text_of(err).find("[1/") == std::string::npos && steady_clock::now() - begin < std::chrono::seconds(60))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  kill(-child, SIGINT);
  int status = 0;
  bool ended = false;
  for (int i = 0; i < 1500 && !ended; ++i) {
    ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (!ended) {
    kill(-child, SIGKILL);
    waitpid(child, &status, 0);
  }
  ASSERT_TRUE(ended) << "it went on for half a minute";
  ASSERT_TRUE(WIFEXITED(status)) << text_of(err);
  EXPECT_EQ(WEXITSTATUS(status), 6) << text_of(err);
  EXPECT_EQ(read_json_file("cut.json")["kernelgate"]["status"], "interrupted");
  run("compare cut.json cut.json");
  EXPECT_THAT(out_, HasSubstr("interrupted"));
  expect_refusal(1, "baseline accept cut.json --reason x --allow-dirty --baselines stored", "interrupted");
}

}  // namespace
}  // namespace kernelgate
