// --kernel as a person meets it on a machine without a GPU: what is told, what is refused, and with which code.
#include "bench/commands/built_with_cuda_for_test.h"
#include "bench/commands/program_for_test.h"
#include "bench/user/description_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class OwnKernelTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write("saxpy.ptx", saxpy_ptx());
    write("mine.json", saxpy_json().dump());
  }
};

TEST_F(OwnKernelTest, ListSaysHowItWouldBeStarted) {
  EXPECT_EQ(run("list --kernel mine.json --suite smoke"), 0) << err_;
  EXPECT_THAT(
      err_, HasSubstr("saxpy/n:1000/mine: grid 4x1x1, block 256x1x1, 0 bytes of dynamic shared memory, 5 parameters"));
  EXPECT_THAT(out_, HasSubstr("saxpy\n"));
  EXPECT_THAT(out_, HasSubstr("mine                     ours  cuda  needs a GPU"));
  EXPECT_THAT(out_, Not(HasSubstr("matmul")));
}

TEST_F(OwnKernelTest, ListPutsItBesideTheOthersOfAnOpOfKernelgate) {
  nlohmann::json described = saxpy_json();
  described["op"] = "matmul";
  described.erase("tensors");
  described.erase("expected");
  described["problems"] = {"f16_nt/512x512x512", "f16_nt/256x*"};
  described["arguments"] =
      nlohmann::json::parse(R"([{"tensor":"a"},{"tensor":"b"},{"tensor":"c"},{"f32":1},{"i32":"k"}])");
  described["launch"]["grid"] = {"ceil_div(m, 64)"};
  write("mine.json", described.dump());
  EXPECT_EQ(run("list --kernel mine.json --json"), 0) << err_;
  const auto op = nlohmann::json::parse(out_)["ops"].at(0);
  EXPECT_EQ(op["name"], "matmul");
  EXPECT_GT(op["implementations"].size(), 3u);
  for (const auto& problem : op["problems"]) EXPECT_THAT(problem["name"].get<std::string>(), HasSubstr("f16_nt/"));
  described["problems"] = {"f16_nt/1x2x3x4"};
  write("mine.json", described.dump());
  expect_refusal(1, "list --kernel mine.json",
                 "matmul has no problem 'f16_nt/1x2x3x4'; see: kernelgate list --op matmul");
}

TEST_F(OwnKernelTest, ANameThatIsThereIsRefused) {
  expect_refusal(1, "list --kernel mine.json --kernel mine.json", "has a kernel 'mine' already; name yours otherwise");
}

TEST_F(OwnKernelTest, TwoKernelsOfOneOpStandSideBySide) {
  nlohmann::json other = saxpy_json();
  other["name"] = "theirs";
  other["launch"]["block"] = {128};
  write("theirs.json", other.dump());
  EXPECT_EQ(run("list --kernel mine.json --kernel theirs.json --json"), 0) << err_;
  const auto ops = nlohmann::json::parse(out_)["ops"];
  ASSERT_EQ(ops.size(), 1u);
  EXPECT_EQ(ops[0]["problems"].size(), 1u);
  EXPECT_EQ(ops[0]["implementations"].size(), 2u);
  other["expected"]["relative"] = 1e-3;
  write("theirs.json", other.dump());
  expect_refusal(1, "list --kernel mine.json --kernel theirs.json",
                 "problem saxpy/n:1000 is in mine.json, too, with other");
  other = saxpy_json();
  other["problems"].push_back(other["problems"][0]);
  write("twice.json", other.dump());
  expect_refusal(1, "list --kernel twice.json", "problem saxpy/n:1000 is in twice.json, too; leave one out");
}

TEST_F(OwnKernelTest, WithoutAGpuNothingIsMeasuredAndNothingIsCalledRight) {
  const std::string said = "machine code, which only a GPU runs";
  EXPECT_EQ(run("verify --kernel mine.json --device simt"), 77);
  EXPECT_THAT(err_, HasSubstr(said));
  EXPECT_THAT(err_, HasSubstr("kernelgate list --kernel mine.json"));
  EXPECT_EQ(run("run --kernel mine.json --device cpu --out new.json"), 77);
  EXPECT_THAT(err_, HasSubstr(said));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "new.json"));
  EXPECT_EQ(errors_said(), 1);
}

TEST_F(OwnKernelTest, BadDescriptionsAreOneLineAndTheUsageCode) {
  for (const char* command : {"run", "verify", "list"}) {
    expect_refusal(1, std::string(command) + " --kernel none.json", "none.json: there is no such file");
    write("bad.json", "{\"kernelgate_kernel\": 1, \"nam\": 2}");
    expect_refusal(1, std::string(command) + " --kernel bad.json", "field \"name\": is missing");
  }
}

TEST_F(OwnKernelTest, TheExampleIsTakenAsNvccCompilesIt) {
  if (!built_with_cuda) GTEST_SKIP() << "no nvcc";
  const std::string example = (source_folder() / "examples/own_kernel_cubin").string();
  ASSERT_EQ(
      std::system(fmt::format("cp '{}'/saxpy.* '{}' && cd '{}' && '{}' -cubin -arch=sm_80 -o saxpy.cubin saxpy.cu",
                              example, folder_.string(), folder_.string(), KERNELGATE_NVCC)
                      .c_str()),
      0);
  EXPECT_EQ(run("list --kernel saxpy.json"), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("saxpy/n:16777216/saxpy_cubin: grid 65536x1x1, block 256x1x1"));
}

}  // namespace
}  // namespace kernelgate
