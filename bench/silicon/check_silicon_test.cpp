// kernelgate-silicon on a made-up driver: what goes wrong in its first second is said in one line, and ends.

#include <gmock/gmock.h>

#include <chrono>

#include "bench/commands/check_for_test.h"

namespace kernelgate {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

class SiliconOnMadeUpDriver : public CheckTest {
 protected:
  void SetUp() override {
    if (!with_cuda) GTEST_SKIP() << "this build has no CUDA runtime";
    CheckTest::SetUp();
  }
  int silicon(const std::string& arguments) {
    const std::string out = (scratch_ / "out.txt").string(), err = (scratch_ / "err.txt").string();
    const std::string command = fmt::format(
        "cd '{}' && {} LD_LIBRARY_PATH='{}' '{}/kernelgate-silicon' {} >'{}' 2>'{}'", folder_.string(),
        clean_environment(), machine_->path("/usr/lib/x86_64-linux-gnu"), build_folder().string(), arguments, out, err);
    const int status = std::system(command.c_str());
    out_ = text_of(out);
    err_ = text_of(err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(SiliconOnMadeUpDriver, SaysWhatTheDriverRefuses) {
  for (const auto& [answer, text] :
       {std::pair{"802", "802"}, std::pair{"100", ""}, std::pair{"crash", "ended by signal"}}) {
    machine_->driver["cuInit"] = answer;
    for (const char* command : {"compare", "measure", "exploits"}) {
      SCOPED_TRACE(std::string(answer) + " " + command);
      EXPECT_EQ(silicon(command), 77) << out_ << err_;
      EXPECT_THAT(err_, HasSubstr("kernelgate-silicon: no GPU: "));
      EXPECT_EQ(std::ranges::count(err_, '\n'), 1);
      if (std::string(answer) == "crash") {
        EXPECT_THAT(err_, HasSubstr(text));
      }
    }
  }
}

TEST_F(SiliconOnMadeUpDriver, EndsWithALineForEachProbeWhereEveryCallFails) {
  machine_->driver["cuMemAlloc_v2"] = "2";
  const int code = silicon("compare --only math/ --out lines.jsonl");
  EXPECT_THAT(code, AnyOf(2, 77)) << err_;
  if (code == 77) {
    EXPECT_THAT(err_, HasSubstr("no GPU: "));
    return;
  }
  EXPECT_THAT(read("lines.jsonl"), HasSubstr("gpu_error"));
  EXPECT_THAT(out_, HasSubstr("errors"));
}

}  // namespace
}  // namespace kernelgate
