// No write that fails and no signal loses a result: run, compare and baseline with their streams, folders and terminals
// taken away.

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "bench/commands/program_for_test.h"
#include "harness/result/result.h"
#include "harness/result/result_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* one_small_case =
    "run --device cpu --suite full --op mel --runs 2 --benchmark_min_time=0.02 "
    "--benchmark_filter=mel/whisper80/200ms/kissfft --baselines none --out out.json ";

class DisturbedRun : public ProgramTest {
 protected:
  /// The whole line of a shell, in the test's folder. Returns the exit code, or 128 + the signal.
  int shell(const std::string& line) const {
    const int status =
        std::system(fmt::format("cd '{}' && export OMP_NUM_THREADS=1 KERNELGATE_STATE='{}' && KG='{}'; {}",
                                folder_.string(), state_folder().string(), program(), line)
                        .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void expect_complete(const std::string& how) const {
    ASSERT_TRUE(fs::exists(folder_ / "out.json")) << how;
    EXPECT_EQ(read_json_file("out.json")["kernelgate"]["status"], "complete") << how;
    EXPECT_EQ(read_json_file("out.json")["kernelgate"]["cases"][0]["runs"].size(), 2U) << how;
    fs::remove(folder_ / "out.json");
  }
  void write_sides() const {
    using for_test::made_case, for_test::made_result;
    const auto side = [&](double level) {
      return made_result({made_case("onednn", std::vector<std::vector<double>>(5, std::vector<double>(9, level)))});
    };
    write_result(side(1e-3), folder_ / "a.json");
    write_result(side(2e-3), folder_ / "slow.json");
  }
};

TEST_F(DisturbedRun, StderrThatCantBeWrittenLosesNothing) {
  for (const char* where : {"2>/dev/full", "2>&-", "2>/dev/null", "2>&- <&-", ">/dev/null 2>&1 <&-"}) {
    EXPECT_EQ(shell(fmt::format("\"$KG\" {} >/dev/null {}", one_small_case, where)), 0) << where;
    expect_complete(where);
  }
  write_sides();
  for (const char* where : {"2>/dev/full", "2>&-"}) {
    EXPECT_EQ(shell(fmt::format("\"$KG\" compare a.json slow.json >/dev/null {}", where)), 3) << where;
    EXPECT_EQ(shell(fmt::format("\"$KG\" compare none.json none.json >/dev/null {}", where)), 1) << where;
    EXPECT_EQ(shell(fmt::format("\"$KG\" nonsense >/dev/null {}", where)), 1) << where;
  }
  EXPECT_EQ(text_of(folder_ / "a.json").find("kernelgate: "), std::string::npos)
      << "no message went into a file of ours";
}

TEST_F(DisturbedRun, AReaderThatLeavesLosesNothing) {
  // The code is kept apart, for a pipeline's own is its last command's.
  EXPECT_EQ(shell(fmt::format("{{ \"$KG\" {} 2>&1; echo $? >code; }} | head -c 1 >/dev/null", one_small_case)), 0);
  EXPECT_EQ(read("code"), "0\n");
  expect_complete("both streams into head");
  EXPECT_EQ(shell(fmt::format("{{ \"$KG\" {} 2>/dev/null; echo $? >code; }} | true", one_small_case)), 0);
  EXPECT_EQ(read("code"), "0\n");
  expect_complete("stdout into a reader that is gone");
  write_sides();
  shell("{ \"$KG\" compare a.json slow.json 2>err; echo $? >code; } | true");
  EXPECT_EQ(read("code"), "3\n");
  EXPECT_EQ(read("err"), "");
}

TEST_F(DisturbedRun, AFullDiskBehindStdoutIsSaidAndLosesNoResult) {
  write_sides();
  EXPECT_EQ(run("compare a.json a.json", "", "/dev/full"), 1);
  EXPECT_THAT(err_, HasSubstr("standard output could not be written"));
  EXPECT_EQ(run(one_small_case, "", "/dev/full"), 1);
  expect_complete("stdout on a full disk");
}

TEST_F(DisturbedRun, NoTemporaryFolderHomeOrLocaleIsNeeded) {
  write("file", "");
  for (const char* variables :
       {"TMPDIR=/nonexistent", "TMPDIR=file", "TMPDIR=/dev/full", "TMPDIR=/proc", "TMPDIR=", "HOME=/nonexistent",
        "env -u HOME", "env -u HOME -u KERNELGATE_STATE", "HOME=/dev/full KERNELGATE_STATE=", "LC_ALL=xx_XX.none",
        "LC_ALL=tr_TR.UTF-8 LANG=de_DE", "env -i OMP_NUM_THREADS=1"}) {
    EXPECT_EQ(run(one_small_case, variables), 0) << variables << err_;
    expect_complete(variables);
  }
}

TEST_F(DisturbedRun, ALimitOfFileSizesIsAnErrorOfThatWrite) {
  write_sides();
  EXPECT_EQ(shell("ulimit -f 1; \"$KG\" baseline accept a.json --reason first --baselines stored 2>err"), 1);
  EXPECT_THAT(read("err"), HasSubstr("can't write"));
  EXPECT_FALSE(fs::exists(folder_ / "stored/cpu_test/matmul.json"));
  EXPECT_EQ(shell("\"$KG\" baseline accept a.json --reason first --baselines stored >/dev/null"), 0);
}

TEST_F(DisturbedRun, TwoAtOnceAreBothKept) {
  using for_test::made_case, for_test::made_result;
  constexpr int count = 8;
  std::string together;
  for (int i = 0; i < count; ++i) {
    CaseResult one =
        made_case(fmt::format("kernel{}", i), std::vector<std::vector<double>>(3, std::vector<double>(9, 1e-3)));
    write_result(made_result({one}), folder_ / fmt::format("{}.json", i));
    together += fmt::format("\"$KG\" baseline accept {}.json --reason r --baselines stored >/dev/null & ", i);
  }
  ASSERT_EQ(shell(together + "wait"), 0);
  ASSERT_EQ(run("baseline show cpu_test matmul --json --baselines stored"), 0) << err_;
  const json stored = json::parse(out_)["baselines"][0];
  EXPECT_EQ(stored["cases"].size(), static_cast<std::size_t>(count));
  EXPECT_TRUE(stored["samples_trouble"].is_null()) << stored["samples_trouble"];
  // Nights, too: those that came before the last one stored are refused, and none is lost.
  std::string nights;
  for (int i = 0; i < 4; ++i) {
    Result night =
        made_result({made_case(fmt::format("kernel{}", i),
                               std::vector<std::vector<double>>(3, std::vector<double>(9, 1e-3 * (1 + 1e-5 * i))))});
    night.started_utc = "2026-02-01T22:00:00Z";
    write_result(night, folder_ / fmt::format("night{}.json", i));
    nights += fmt::format("\"$KG\" baseline extend night{}.json --baselines stored >/dev/null & ", i);
  }
  ASSERT_EQ(shell(nights + "wait"), 0);
  ASSERT_EQ(run("baseline show cpu_test matmul --json --baselines stored"), 0);
  const json later = json::parse(out_)["baselines"][0];
  std::size_t runs = 0;
  for (const json& one : later["cases"]) runs += one["runs"].size();
  EXPECT_EQ(runs, 3U * (count + 4));
  EXPECT_TRUE(later["samples_trouble"].is_null());
  EXPECT_EQ(fs::exists(folder_ / "stored/cpu_test/.lock"), false) << "nothing that makes their tree dirty";
}

/// Started in a process group of its own. `arguments` without the program's name.
pid_t start_run(const fs::path& folder, const fs::path& err, const fs::path& temporary,
                const std::string& launcher = "") {
  const pid_t child = fork();
  if (child != 0) return child;
  setpgid(0, 0);
  const int to = open(err.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
  setenv("KERNELGATE_STATE", "state", 1);
  setenv("TMPDIR", temporary.c_str(), 1);
  if (!launcher.empty()) setenv("KERNELGATE_LAUNCHER", launcher.c_str(), 1);
  if (chdir(folder.c_str()) != 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0) _exit(126);
  execl(program().c_str(), "kernelgate", "run", "--device", "cpu", "--suite", "smoke", "--runs", "3", "--baselines",
        "none", "--out", "cut.json", static_cast<char*>(nullptr));
  _exit(127);
}

/// The exit code; -1: it had to be killed after half a minute; 128 + the signal.
int ended(pid_t child) {
  int status = 0;
  for (int i = 0; i < 1500; ++i) {
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  kill(-child, SIGKILL);
  waitpid(child, &status, 0);
  return -1;
}

void wait_for_the_first_case(const std::function<std::string()>& text) {
  const auto begin = std::chrono::steady_clock::now();
  while (text().find("[1/") == std::string::npos && std::chrono::steady_clock::now() - begin < std::chrono::minutes(1))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

TEST_F(DisturbedRun, EverySignalThatAsksItToStopLeavesAMarkedResult) {
  const fs::path temporary = scratch_ / "temporary";
  fs::create_directories(temporary);
  // To the group as a terminal does, and to the first process alone as kill and docker stop do.
  for (const bool group : {true, false})
    for (const int signal : {SIGHUP, SIGTERM, SIGINT, SIGUSR1}) {
      if (!group && signal != SIGHUP && signal != SIGTERM) continue;
      SCOPED_TRACE(fmt::format("signal {} to {}", signal, group ? "the group" : "one process"));
      const fs::path err = scratch_ / "signalled.txt";
      fs::remove(err);
      const pid_t child = start_run(folder_, err, temporary);
      ASSERT_GT(child, 0);
      wait_for_the_first_case([&] { return text_of(err); });
      kill(group ? -child : child, signal);
      if (signal == SIGHUP) kill(group ? -child : child, signal);  // by the kernel and by the shell
      EXPECT_EQ(ended(child), 6) << text_of(err);
      ASSERT_TRUE(fs::exists(folder_ / "cut.json")) << text_of(err);
      const json document = read_json_file("cut.json")["kernelgate"];
      EXPECT_EQ(document["status"], "interrupted");
      EXPECT_FALSE(document["cases"].empty());
      EXPECT_TRUE(fs::is_empty(temporary)) << "nothing is left behind";
      fs::remove(folder_ / "cut.json");
    }
}

TEST_F(DisturbedRun, WhatNohupIgnoresIsIgnored) {
  EXPECT_EQ(shell(fmt::format("trap '' HUP; \"$KG\" {} >/dev/null 2>&1 & p=$!; sleep 0.2; kill -HUP $p; wait $p",
                              one_small_case)),
            0);
  expect_complete("nohup");
}

class LostWorker : public DisturbedRun {
 protected:
  /// A run of three processes, of which the second is started by `instead`. Returns its exit code.
  int with_second(const std::string& instead, const std::string& more = "") {
    write("launcher", fmt::format("#!/bin/sh\ncase \" $* \" in *' --worker-run 1 '*) {} ;; esac\nexec '{}' \"$@\"\n",
                                  instead, program()));
    fs::permissions(folder_ / "launcher", fs::perms::owner_all);
    return run("run --device cpu --suite smoke --runs 3 --baselines none --out cut.json " + more,
               fmt::format("KERNELGATE_LAUNCHER='{}'", (folder_ / "launcher").string()));
  }
};

TEST_F(LostWorker, ARunThatLostAProcessIsNotComplete) {
  EXPECT_EQ(with_second("kill -KILL $$", "--op matmul --benchmark_min_time=0.01"), 6) << err_;
  EXPECT_THAT(err_, HasSubstr("process run 2 of 3 ended with status 137 and left no result"));
  const json document = read_json_file("cut.json")["kernelgate"];
  EXPECT_EQ(document["status"], "interrupted");
  EXPECT_EQ(document["cases"][0]["runs"].size(), 2U) << "the others' parts are kept";
  expect_refusal(1, "baseline accept cut.json --reason x --allow-dirty --anyway --baselines stored", "interrupted");
}

TEST_F(LostWorker, AProcessThatWasInterruptedAloneMarksTheWhole) {
  // Some cases in, it alone is asked to stop.
  const std::string until_the_third = fmt::format(
      "'{}' \"$@\" 2>said & until grep -q '.2/' said; do sleep 0.02; done; kill -TERM $!; wait $!; exit $?", program());
  EXPECT_EQ(with_second(until_the_third, "--op mel --benchmark_min_time=0.02"), 6) << err_;
  const json document = read_json_file("cut.json")["kernelgate"];
  EXPECT_EQ(document["status"], "interrupted") << err_;
  std::size_t least = 9, most = 0;
  for (const json& one : document["cases"]) {
    least = std::min(least, one["runs"].size());
    most = std::max(most, one["runs"].size());
  }
  EXPECT_EQ(most, 3U) << "what it had measured counts: " << err_;
  EXPECT_EQ(least, 2U) << "and what it had not does not";
}

TEST_F(DisturbedRun, ResultsOfOneSecondDoNotMeet) {
  const std::string words =
      "run --device cpu --suite full --op mel --runs 1 --benchmark_min_time=0.02 "
      "--benchmark_filter=mel/whisper80/200ms/kissfft --baselines none";
  ASSERT_EQ(shell(fmt::format("for i in 1 2 3 4; do \"$KG\" {} >/dev/null 2>&1 & done; wait", words)), 0);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "results")) {
    EXPECT_EQ(read_result(entry.path()).cases.size(), 1U);
    ++files;
  }
  EXPECT_EQ(files, 4);
}

TEST_F(DisturbedRun, AResultWhosePlaceIsGoneIsElsewhere) {
  // Writable when it began, and a folder by the time it is done.
  const std::string words = std::string(one_small_case);
  EXPECT_EQ(shell(fmt::format(
                "mkdir there; ( sleep 1; rm -rf there; touch there ) & TMPDIR='{}' \"$KG\" {} --out "
                "there/out2.json >said 2>err",
                scratch_.string(),
                std::string(words).replace(words.find("--runs 2"), 8, "--runs 8").substr(0, words.find("--out")))),
            1);
  const std::string said = read("err");
  const auto at = said.find("the result is at ");
  ASSERT_NE(at, std::string::npos) << said;
  const std::string path = said.substr(at + 17, said.find(" instead", at) - at - 17);
  EXPECT_EQ(read_result(path).cases.size(), 1U);
  EXPECT_THAT(read("said"), HasSubstr("whisper80")) << "and the report is printed";
}

}  // namespace
}  // namespace kernelgate
