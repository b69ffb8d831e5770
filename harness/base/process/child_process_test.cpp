// Other programs, run with a limit. What a forked child does is tested with the driver's libraries.

#include "harness/base/process/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "harness/base/error.h"

namespace kernelgate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

TEST(FollowChild, GivesEachLineWhenItIsThere) {
  std::vector<std::string> lines;
  const auto begin = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration first{};
  const ChildAnswer answer = follow_child(
      [](const SayLine& say) {
        say("one");
        std::this_thread::sleep_for(milliseconds(700));
        say("");
        say(std::string(200000, 'x'));
      },
      seconds(30),
      [&](const std::string& line) {
        if (lines.empty()) first = std::chrono::steady_clock::now() - begin;
        lines.push_back(line);
      });
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text, "");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "one");
  EXPECT_EQ(lines[1], "");
  EXPECT_EQ(lines[2].size(), 200000u);
  EXPECT_LT(first, milliseconds(700));
}

TEST(FollowChild, LimitsTheTimeBetweenLinesNotTheWhole) {
  int lines = 0;
  const auto slow = [](int first_pause_ms, int pause_ms) {
    return [=](const SayLine& say) {
      std::this_thread::sleep_for(milliseconds(first_pause_ms));
      for (int i = 0; i < 4; ++i) {
        say("x");
        std::this_thread::sleep_for(milliseconds(pause_ms));
      }
    };
  };
  const auto count = [&](const std::string&) { ++lines; };
  EXPECT_EQ(follow_child(slow(0, 400), milliseconds(1000), count).error, "");
  EXPECT_EQ(lines, 4);
  lines = 0;
  EXPECT_EQ(follow_child(slow(0, 60'000), milliseconds(1000), count).error, "no answer within 1 s");
  EXPECT_EQ(lines, 1);
  EXPECT_EQ(follow_child(slow(60'000, 0), milliseconds(500), count).error, "no answer within 0.5 s");
}

TEST(FollowChild, KeepsTheLinesOfOneThatDies) {
  std::vector<std::string> lines;
  const ChildAnswer answer = follow_child(
      [](const SayLine& say) {
        say("whole");
        _exit(9);
      },
      seconds(30), [&](const std::string& line) { lines.push_back(line); });
  EXPECT_EQ(answer.error, "exit code 9");
  EXPECT_THAT(lines, ::testing::ElementsAre("whole"));
}

TEST(RunProgram, GivesStdoutAndNoError) {
  const ChildAnswer answer =
      run_program({.words = {"sh", "-c", "echo \"$1 $THERE $HOME_LESS\"; echo talk >&2", "sh", "two words"},
                   .set = {{"THERE", "set"}}},
                  seconds(30));
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text, "two words set \n");
}

TEST(RunProgram, ReplacesAVariable) {
  EXPECT_EQ(run_program({.words = {"/bin/sh", "-c", "echo $PATH"}, .set = {{"PATH", "/x"}}}, seconds(30)).text, "/x\n");
}

TEST(RunProgram, LeavesAVariableOut) {
  setenv("KERNELGATE_TO_LEAVE_OUT", "x", 1);
  const ProgramCall program{.words = {"sh", "-c", "echo \"[$KERNELGATE_TO_LEAVE_OUT]\""},
                            .unset = {"KERNELGATE_TO_LEAVE_OUT"}};
  EXPECT_EQ(run_program(program, seconds(30)).text, "[]\n");
  unsetenv("KERNELGATE_TO_LEAVE_OUT");
}

TEST(RunProgram, StartsAFileUnderAnotherName) {
  EXPECT_EQ(run_program({.words = {"a name", "-c", "echo $0"}, .file = "/bin/sh"}, seconds(30)).text, "a name\n");
}

TEST(RunProgram, TakesMoreThanAPipeHolds) {
  EXPECT_EQ(run_program({{"head", "-c", "3000000", "/dev/zero"}}, seconds(30)).text.size(), 3000000U);
}

TEST(RunProgram, SaysHowItFailed) {
  EXPECT_EQ(run_program({{"sh", "-c", "echo first >&2; echo last >&2; exit 4"}}, seconds(30)).error,
            "last (exit code 4)");
  EXPECT_EQ(run_program({{"sh", "-c", "kill -9 $$"}}, seconds(30)).error, "ended by signal 9");
  EXPECT_THAT(run_program({{"/no/such/program"}}, seconds(30)).error, HasSubstr("No such file"));
}

TEST(RunProgram, DoesNotWaitForWhatTheProgramLeftRunning) {
  // It holds the pipe; before, that was a program that gave no answer.
  const ChildAnswer answer = run_program({{"sh", "-c", "sleep 1000 & echo done"}}, seconds(600));
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.text, "done\n");
}

TEST(RunProgram, EndsAllThatItStartedWhenTimeIsUp) {
  // The grandchild holds the pipe: left alive, it would keep a reader waiting.
  const ChildAnswer answer = run_program({{"sh", "-c", "sleep 1000 & echo $!; wait"}}, milliseconds(300));
  EXPECT_THAT(answer.error, HasSubstr("no answer within 0.3 s"));
  ASSERT_FALSE(answer.text.empty());
  const std::string grandchild = answer.text.substr(0, answer.text.find('\n'));
  // Its parent is gone, so init takes it away; until then it is a zombie.
  for (int tries = 0; tries < 200; ++tries) {
    std::ifstream stat("/proc/" + grandchild + "/stat");  // PID (NAME) STATE
    std::string words;
    std::getline(stat, words);
    if (words.empty() || words.find(") Z ") != std::string::npos) return;
    std::this_thread::sleep_for(milliseconds(50));
  }
  FAIL() << "process " << grandchild << " still runs";
}

TEST(RunToEnd, GivesTheExitCodeOrTheSignal) {
  EXPECT_EQ(run_to_end({{"sh", "-c", "exit 7"}}), 7);
  EXPECT_EQ(run_to_end({{"sh", "-c", "kill -9 $$"}}), 128 + 9);
}

TEST(RunToEnd, WritesBothStreamsToTheLog) {
  const std::filesystem::path log =
      std::filesystem::temp_directory_path() / ("kernelgate_run_to_end_" + std::to_string(getpid()));
  EXPECT_EQ(run_to_end({{"sh", "-c", "echo said; echo complained >&2"}}, log), 0);
  std::ifstream file(log);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "said\ncomplained\n");
  std::filesystem::remove(log);
}

TEST(RunToEnd, ThatCannotBeStartedIsAUsageError) {
  for (const std::filesystem::path& log : {std::filesystem::path(), std::filesystem::path("/no/such/folder/log")}) {
    try {
      run_to_end({{log.empty() ? "/no/such/program" : "true"}}, log);
      ADD_FAILURE() << log;
    } catch (const HarnessError& error) {
      EXPECT_EQ(error.code, ExitCode::usage);
      EXPECT_THAT(error.what(), HasSubstr("could not be started: No such file or directory"));
    }
  }
}

}  // namespace
}  // namespace kernelgate
