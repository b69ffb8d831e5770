// scripts/on_gpu without a GPU: on programs in the bundle's place that fail, hang, are killed, or meet a full disk. The
// page is the real program's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "harness/base/paths_for_test.h"
#include "harness/base/temporary_folder.h"

namespace kernelgate {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// Both: what a step's own file in `behave` says, else success. Each call is a line of calls.txt.
constexpr const char* fake_kernelgate = R"sh(#!/bin/bash
[ "$1" = --version ] && { [ -f "$FAKE/broken" ] && { echo "no such libc" >&2; exit 1; }; echo "kernelgate $(cat "$FAKE/version")"; exit 0; }
key="$1"; out=""
while [ $# -gt 0 ]; do
  [ "$1" = --op ] && key="${key}_$2"
  [ "$1" = --out ] && out="$2"
  shift
done
echo "$key" >>"$FAKE/calls.txt"
[ -f "$FAKE/behave/$key" ] && . "$FAKE/behave/$key"
case "$key" in
  verify*) echo "right    $key/one: 3 of 3" ;;
  run*) echo '{"kernelgate":{"cases":[{"name":"m/x/hot","status":"measured","runs":[{"samples_s":[1e-5]}]}]}}' >"$out" ;;
  predict) echo '{"cases":[{"name":"m/x","hot":{"predicted_s":1.05e-5}}]}' ;;
esac
)sh";
constexpr const char* fake_silicon = R"sh(#!/bin/bash
[ "$1" = page ] && { [ -f "$FAKE/no_page" ] && exit 127; exec "$SILICON" "$@"; }
key="$1"; out=/dev/null
while [ $# -gt 0 ]; do [ "$1" = --out ] && out="$2"; shift; done
echo "$key" >>"$FAKE/calls.txt"
[ -f "$FAKE/behave/$key" ] && . "$FAKE/behave/$key"
case "$key" in
  compare) printf '%s\n' '{"silicon":"compare","gpu":"Made-up 1","driver":"1.2.3","started_utc":"2026-01-01T00:00:00Z","probes":1}' \
             '{"probe":"mma/x","outcome":"same"}' '{"end":"x"}' >"$out" ;;
  measure) printf '%s\n' '{"silicon":"measure","gpu":"Made-up 1","like":"h200-sxm"}' \
             '{"microbenchmark":"latency","key":"l2_latency","value":266,"unit":"cycles","how":"x"}' >"$out" ;;
  exploits) echo '{"exploit":"idle","caught":true,"honest_kept":true,"text":""}' >"$out" ;;
esac
)sh";

class OnGpu : public testing::Test {
 protected:
  TemporaryFolder folder_;
  fs::path fake_ = folder_.path() / "fake", bundle_ = folder_.path() / "bundle", out_ = folder_.path() / "out";
  std::string page_, said_;

  void SetUp() override {
    fs::create_directories(fake_ / "behave");
    fs::create_directories(bundle_);
    write(fake_ / "version", "1");
    program("kernelgate", fake_kernelgate);
    program("kernelgate-silicon", fake_silicon);
  }
  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void program(const std::string& name, const std::string& text) const {
    write(bundle_ / name, text);
    fs::permissions(bundle_ / name, fs::perms::owner_all);
  }
  /// What a step does before, or in place of, what it does otherwise: a piece of a shell script.
  void behave(const std::string& step, const std::string& script) const { write(fake_ / "behave" / step, script); }

  /// No profiler of this machine is started.
  std::string command(const std::string& options, const std::string& before) const {
    return fmt::format(
        "cd '{}' && export FAKE='{}' SILICON='{}/kernelgate-silicon' KERNELGATE_STEP_SECONDS=4 "
        "KERNELGATE_NCU=; {} exec '{}/scripts/on_gpu' {} '{}' '{}' "
        ">page.txt 2>said.txt",
        folder_.path().string(), fake_.string(), build_folder().string(), before, source_folder().string(), options,
        bundle_.string(), out_.string());
  }
  int run(const std::string& options = "", const std::string& before = "") {
    const int status = std::system(command(options, before).c_str());
    page_ = read(folder_.path() / "page.txt");
    said_ = read(folder_.path() / "said.txt");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int calls(const std::string& step) const {
    std::ifstream in(fake_ / "calls.txt");
    int count = 0;
    for (std::string line; std::getline(in, line);) count += line == step ? 1 : 0;
    return count;
  }
};

TEST_F(OnGpu, DoesAllAndFindsNothingWrong) {
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_THAT(page_, HasSubstr("What this Made-up 1 has told\n\nNothing was found wrong."));
  EXPECT_THAT(page_, HasSubstr("1 of 1 probes are the same on both sides"));
  EXPECT_THAT(page_, HasSubstr("verify: 3 proofs right, 0 wrong, 0 skipped"));
  EXPECT_THAT(page_, HasSubstr("of them were predicted: median error 5.0 %"));
  EXPECT_THAT(page_, HasSubstr("ncu was not begun: ncu is not installed"));
  EXPECT_EQ(read(out_ / "page.txt"), page_);
  EXPECT_THAT(read(out_ / "page.md"), HasSubstr("# What this Made-up 1 has told"));
  for (const char* step : {"check", "compare", "verify_matmul", "measure", "run_mel", "exploits", "predict", "run"})
    EXPECT_EQ(calls(step), 1) << step;
}

TEST_F(OnGpu, SaysFirstWhatIsWrong) {
  behave("compare",
         R"(echo '{"probe":"tma/y","outcome":"different","at":5,"executor":"0x1","gpu":"0x2"}' >"$out"; exit 2)");
  behave("verify_mel", "echo 'WRONG    mel/z: element 7'; exit 2");
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(page_, HasSubstr("- tma/y: byte 5: the executor has 0x1, the GPU 0x2"));
  EXPECT_THAT(page_, HasSubstr("- verify: mel/z: element 7"));
  EXPECT_LT(page_.find("tma/y"), page_.find("What was not done"));
  EXPECT_EQ(calls("exploits"), 1) << "what is wrong ends nothing";
}

TEST_F(OnGpu, LosesAStepThatHangsOrDiesAndNoOther) {
  behave("verify_conv2d", "trap '' TERM; while :; do sleep 1; done");
  behave("measure", "kill -9 $$");
  behave("exploits", "echo 'kernelgate-silicon: the GPU has fallen off the bus' >&2; exit 1");
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(run(), 6);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(50));
  EXPECT_THAT(page_, HasSubstr("verify_conv2d was cut off after"));
  EXPECT_THAT(page_, HasSubstr("measure failed with exit 137 after"));
  EXPECT_THAT(page_, HasSubstr("exploits failed with exit 1 after"));
  EXPECT_THAT(page_, HasSubstr("the GPU has fallen off the bus"));
  EXPECT_THAT(page_, HasSubstr("predict was not begun: the model knows no GPU like this one"));
  EXPECT_EQ(calls("run_mel"), 1);
  EXPECT_EQ(calls("verify_mel"), 1);
}

TEST_F(OnGpu, DoesOnASecondRunWhatTheFirstHasLeft) {
  behave("measure", "exit 6");
  EXPECT_EQ(run(), 6);
  behave("measure", "");
  EXPECT_EQ(run(), 0) << page_;
  EXPECT_EQ(calls("measure"), 2);
  EXPECT_EQ(calls("compare"), 1);
  EXPECT_THAT(page_, HasSubstr("measure: done"));
  EXPECT_EQ(run("--again"), 0);
  EXPECT_EQ(calls("compare"), 2);
}

TEST_F(OnGpu, RefusesResultsOfAnotherBuild) {
  EXPECT_EQ(run(), 0);
  write(fake_ / "version", "2");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(said_, HasSubstr("is of another build (kernelgate 1); name another folder, or --again"));
}

TEST_F(OnGpu, LeavesAPageWhenItIsToldToStop) {
  behave("measure", "touch \"$FAKE/begun\"; sleep 1000");
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/bash", "bash", "-c", command("", "KERNELGATE_STEP_SECONDS=60").c_str(), nullptr);
    _exit(127);
  }
  for (int i = 0; i < 600 && !fs::exists(fake_ / "begun"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  ASSERT_EQ(kill(child, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 6);
  page_ = read(folder_.path() / "page.txt");
  EXPECT_THAT(page_, HasSubstr("1 of 1 probes are the same"));
  EXPECT_THAT(page_, HasSubstr("measure was cut off after"));
  EXPECT_THAT(page_, HasSubstr("on_gpu was told to stop"));
  EXPECT_EQ(calls("exploits"), 0);
  fs::remove(fake_ / "behave" / "measure");
  EXPECT_EQ(run(), 0);  // and the rest, once more
  EXPECT_EQ(calls("compare"), 1);
}

TEST_F(OnGpu, KnowsOfAStepThatWasKilledWithIt) {
  behave("verify_mel", "read -r _ _ _ up _ </proc/$PPID/stat; kill -9 $up $PPID; exit 1");
  run();
  const std::string page = fmt::format("'{}/kernelgate-silicon' page '{}' >'{}'", build_folder().string(),
                                       out_.string(), (folder_.path() / "page.txt").string());
  EXPECT_EQ(std::system(page.c_str()), 0);
  EXPECT_THAT(read(folder_.path() / "page.txt"), HasSubstr("verify_mel had begun, and nothing is known of its end"));
  fs::remove(fake_ / "behave" / "verify_mel");
  EXPECT_EQ(run(), 0) << said_;
  EXPECT_EQ(calls("verify_mel"), 2);
  EXPECT_EQ(calls("compare"), 1);
}

TEST_F(OnGpu, PrintsThePageWhereNothingCanBeWritten) {
  std::string to_a_pipe = command("", "ulimit -f 0;");
  const std::string redirection = ">page.txt 2>said.txt";
  to_a_pipe.replace(to_a_pipe.find(redirection), redirection.size(), "2>/dev/null");
  std::FILE* pipe = popen(to_a_pipe.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) page_.append(buffer, n);
  const int status = pclose(pipe);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 6);
  EXPECT_THAT(page_, HasSubstr("NOTHING is known"));
  EXPECT_THAT(page_, HasSubstr("measure failed with exit 1"));
  EXPECT_EQ(calls("check"), 0) << "a full disk takes no line of these, either";
}

TEST_F(OnGpu, KeepsToItsMinutes) {
  behave("check", "sleep 3");
  EXPECT_EQ(run("--minutes 0.2"), 6);  // 12 s, of which 8 are kept for the page
  EXPECT_THAT(page_, HasSubstr("exploits was not begun: no time was left"));
  EXPECT_EQ(calls("run"), 0);
}

TEST_F(OnGpu, EndsAtOnceWhereThereIsNoGpu) {
  behave("compare", "echo 'kernelgate-silicon: no GPU: there is no NVIDIA driver here' >&2; exit 77");
  EXPECT_EQ(run(), 77);
  EXPECT_THAT(page_, HasSubstr("there is no NVIDIA driver here"));
  EXPECT_EQ(calls("verify_matmul"), 0);
}

TEST_F(OnGpu, SaysInOneLineWhyItCannotBegin) {
  write(fake_ / "broken", "");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(said_, HasSubstr("does not start here: no such libc"));
  fs::remove(bundle_ / "kernelgate-silicon");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(said_, HasSubstr("has no kernelgate-silicon; make the bundle anew"));
  EXPECT_EQ(run("--minutes soon"), 1);
  EXPECT_THAT(said_, HasSubstr("--minutes is 'soon'"));
  EXPECT_EQ(run("--hours 1"), 1);
  EXPECT_THAT(said_, HasSubstr("unknown option '--hours'"));
}

TEST_F(OnGpu, ListsTheStepsWhereThePageCannotBeMade) {
  write(fake_ / "no_page", "");
  EXPECT_EQ(run(), 6);
  EXPECT_THAT(said_, HasSubstr("the page could not be written whole (exit 127)"));
  EXPECT_THAT(page_, HasSubstr("compare|done|0|"));
}

TEST_F(OnGpu, SaysThatThereIsNoGpuWithTheRealPrograms) {
  if (std::system("command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1") == 0)
    GTEST_SKIP() << "there is a GPU: run scripts/on_gpu itself";
  fs::remove_all(bundle_);
  bundle_ = build_folder();
  EXPECT_EQ(run("", "KERNELGATE_STEP_SECONDS=60"), 77) << said_;
  EXPECT_THAT(page_, HasSubstr("NOTHING is known"));
  EXPECT_THAT(page_, HasSubstr("compare failed with exit 77"));
}

}  // namespace
}  // namespace kernelgate
