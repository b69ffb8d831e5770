// `kernelgate accept` on machines that are folders, with made-up drivers: every fault is found and named, the other
// GPUs pass, and text, JSON, HTML and JUnit say the same.

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "bench/commands/check_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AcceptServerTest : public CheckTest {
 protected:
  void SetUp() override {
    CheckTest::SetUp();
    machine_->driver.insert({{"clock", "work"},
                             {"memory_free", "16777216"},
                             {"pcie_generation_gpu", "5"},
                             {"ecc_corrected", "0"},
                             {"ecc_uncorrected", "0"},
                             {"pcie_replays", "0"},
                             {"power", "650000"},
                             {"energy", "1000"},
                             {"remapped_corrected", "0"},
                             {"xid_events", "1"},
                             {"remapped_uncorrected", "0"},
                             {"remap_pending", "0"},
                             {"remap_failure", "0"},
                             {"nvlinks", "18"},
                             {"field.90", "26562"}});
    for (const char* field : {"74", "76", "77", "79", "269", "270", "271"})
      machine_->driver[std::string("field.") + field] = "0";
  }

  void have_gpus(int count) {
    machine_->driver["gpus"] = std::to_string(count);
    for (int gpu = 0; gpu < count; ++gpu)
      machine_->driver[fmt::format("{}.serial", gpu)] = fmt::format("16549{:03}", gpu);
  }

  int accept(const std::string& arguments = "") {
    const int code = run(fmt::format("accept --hours 1e-5 --out sheet.json --junit junit.xml --sysroot '{}' {}",
                                     machine_->path(""), arguments),
                         clean_environment());
    sheet_ = nlohmann::json::parse(read("sheet.json"), nullptr, false);
    EXPECT_TRUE(sheet_.is_object()) << out_ << err_;
    return code;
  }

  /// Of the tests that a GPU (or, as -1, the machine) failed, what they say.
  std::map<std::string, std::string> outcomes(int gpu, const std::string& outcome) const {
    std::map<std::string, std::string> found;
    for (const nlohmann::json& test : sheet_["tests"]) {
      const int of = test["gpu"].is_null() ? -1 : test["gpu"].get<int>();
      if (of == gpu && test["outcome"] == outcome) found[test["id"]] = test["says"];
    }
    return found;
  }
  std::map<std::string, std::string> failed(int gpu) const { return outcomes(gpu, "failed"); }

  nlohmann::json sheet_;
};

std::set<std::string> names(const std::map<std::string, std::string>& of) {
  std::set<std::string> all;
  for (const auto& [name, says] : of) all.insert(name);
  return all;
}

/// "GPU 3" in a JUnit suite's name, to the failures that it counts.
std::map<int, int> failures_of_suites(const std::string& junit) {
  std::map<int, int> found;
  const std::regex suite(R"re(<testsuite name="kernelgate accept GPU (\d+)[^"]*" tests="\d+" failures="(\d+)")re");
  for (std::sregex_iterator one(junit.begin(), junit.end(), suite), end; one != end; ++one)
    found[std::stoi((*one)[1])] = std::stoi((*one)[2]);
  return found;
}

TEST_F(AcceptServerTest, EveryFaultIsNamedAndTheOthersPass) {
  if (!with_cuda) GTEST_SKIP() << "a build without CUDA has no kernels for a GPU";
  have_gpus(8);
  auto& driver = machine_->driver;
  driver["0.flip_every"] = "1000";
  driver["1.pcie_width"] = "8";
  driver["2.tflops"] = "768";           // 4 % below 800
  driver["3.field.270_share"] = "0.5";  // hardware thermal slowdown, half of the time
  driver["4.lost_after"] = "3000";
  EXPECT_EQ(accept(), 5) << out_ << err_;

  // JSON.
  EXPECT_EQ(sheet_["verdict"]["word"], "REFUSED");
  EXPECT_EQ(sheet_["verdict"]["exit_code"], 5);
  ASSERT_EQ(sheet_["gpus"].size(), 8u);
  EXPECT_EQ(names(failed(0)).count("sdc.f16"), 1u) << out_;
  EXPECT_THAT(failed(0)["sdc.f16"], HasSubstr("multiprocessor 41, launch "));
  EXPECT_THAT(failed(0)["sdc.f16"], HasSubstr("all other multiprocessors had it right"));
  EXPECT_THAT(failed(0)["sdc.f16"], HasSubstr("element [9, 1] of warp 3")) << "thread 100, word 3";
  for (const std::string& id : names(failed(0))) EXPECT_THAT(id, HasSubstr("sdc."));
  EXPECT_EQ(names(failed(1)), (std::set<std::string>{"link.trained", "node.link"}));
  EXPECT_THAT(failed(1)["link.trained"], HasSubstr("generation 5 x8 under load; GPU and slot can do generation 5 x16"));
  EXPECT_EQ(names(failed(2)), (std::set<std::string>{"node.speed"}));
  EXPECT_THAT(failed(2)["node.speed"], HasSubstr("4.0 % below the middle one"));
  EXPECT_EQ(names(failed(3)), (std::set<std::string>{"load.throttling"}));
  EXPECT_THAT(failed(3)["load.throttling"], HasSubstr("hardware thermal slowdown"));
  EXPECT_EQ(names(failed(4)).count("process"), 1u);
  EXPECT_THAT(failed(4)["process"], HasSubstr("cuLaunchKernel"));
  for (int gpu = 5; gpu < 8; ++gpu) {
    EXPECT_EQ(names(failed(gpu)), std::set<std::string>{}) << out_;
    EXPECT_EQ(names(outcomes(gpu, "inconclusive")), std::set<std::string>{});
    EXPECT_GT(outcomes(gpu, "passed").size(), 15u);
  }
  for (int gpu = 0; gpu < 8; ++gpu) EXPECT_EQ(sheet_["gpus"][gpu]["verdict"], gpu < 5 ? "failed" : "passed");

  // Text.
  EXPECT_TRUE(out_.starts_with("REFUSED: ")) << out_;
  EXPECT_THAT(out_.substr(0, out_.find('\n')), HasSubstr("GPU 0, GPU 1, GPU 2, GPU 3, GPU 4"));
  EXPECT_THAT(out_.substr(0, out_.find('\n')), Not(HasSubstr("GPU 5")));
  EXPECT_THAT(out_.substr(0, out_.find('\n')), HasSubstr("tests were not tested"));
  for (int gpu = 0; gpu < 8; ++gpu)
    EXPECT_THAT(out_, HasSubstr(fmt::format("{:12} GPU {}  ", gpu < 5 ? "failed" : "passed", gpu)));
  EXPECT_THAT(out_, HasSubstr("repeat it: kernelgate accept --gpu 0 --hours 1e-05"));

  // JUnit: as many failures as the sheet says.
  std::map<int, int> expected;
  for (int gpu = 0; gpu < 8; ++gpu) expected[gpu] = static_cast<int>(failed(gpu).size());
  EXPECT_EQ(failures_of_suites(read("junit.xml")), expected);
  EXPECT_THAT(read("junit.xml"), HasSubstr("<failure type=\"REFUSED\""));

  // HTML: the data is the sheet itself, and the verdict stands in the page without a script.
  const std::string page = read("sheet.html");
  EXPECT_THAT(page, HasSubstr("<span class=\"word\">REFUSED</span>"));
  EXPECT_THAT(page, HasSubstr(sheet_["verdict"]["headline"].get<std::string>()));
  EXPECT_THAT(page, HasSubstr(sheet_["sha256"].get<std::string>()));
}

TEST_F(AcceptServerTest, HealthyServerIsAcceptedAndMeetsItselfAgain) {
  if (!with_cuda) GTEST_SKIP() << "a build without CUDA has no kernels for a GPU";
  have_gpus(3);
  EXPECT_EQ(accept(), 0) << out_ << err_;
  EXPECT_EQ(sheet_["verdict"]["word"], "ACCEPTED");
  for (int gpu = 0; gpu < 3; ++gpu) {
    EXPECT_EQ(names(failed(gpu)), std::set<std::string>{});
    EXPECT_EQ(names(outcomes(gpu, "passed")).count("sdc.f16"), 1u);
    EXPECT_EQ(names(outcomes(gpu, "passed")).count("sdc.self_test"), 1u);
    EXPECT_EQ(names(outcomes(gpu, "passed")).count("memory.pattern"), 1u);
    EXPECT_EQ(names(outcomes(gpu, "passed")).count("link.peer"), 1u);
  }
  if (std::atoi(KERNELGATE_FIRST_ARCH) < 89) {
    EXPECT_THAT(outcomes(0, "not tested")["sdc.e4m3"], HasSubstr("needs compute capability 8.9"));
  }
  std::filesystem::rename(folder_ / "sheet.json", folder_ / "earlier.json");
  machine_->driver["1.tflops"] = "780";  // 2.5 %: within the node's 3, beyond its own 2
  EXPECT_EQ(accept("--against earlier.json"), 5) << out_;
  EXPECT_EQ(names(failed(1)), (std::set<std::string>{"against.speed"}));
  EXPECT_EQ(names(failed(0)), std::set<std::string>{});
  // Somebody improves the earlier sheet.
  std::string text = read("earlier.json");
  text.replace(text.find("\"hostname\": \""), 13, "\"hostname\": \"x");
  write("earlier.json", text);
  EXPECT_EQ(run("accept --against earlier.json --sysroot '" + machine_->path("") + "'", clean_environment()), 5);
  EXPECT_THAT(err_, HasSubstr("was changed after it was written"));
}

TEST_F(AcceptServerTest, OneGpuHasNoNeighboursAndSaysSo) {
  if (!with_cuda) GTEST_SKIP() << "a build without CUDA has no kernels for a GPU";
  have_gpus(1);
  EXPECT_EQ(accept(), 0) << out_;
  EXPECT_THAT(outcomes(0, "not tested")["node.speed"], HasSubstr("it takes 3 GPUs"));
  EXPECT_THAT(outcomes(0, "not tested")["link.peer"], HasSubstr("there is no other GPU"));
  EXPECT_EQ(accept("--strict"), 4) << "not tested is no pass";
  machine_->driver["memory_wrong"] = "4096";
  machine_->driver["xid"] = "48";
  EXPECT_EQ(accept(), 5);
  EXPECT_EQ(names(failed(0)), (std::set<std::string>{"memory.pattern", "errors.xid"})) << out_;
  EXPECT_THAT(failed(0)["memory.pattern"], HasSubstr("the first at byte 0x4000"));
}

TEST_F(AcceptServerTest, AGpuThatHangsFailsAndTheOthersGoOn) {
  if (!with_cuda) GTEST_SKIP() << "a build without CUDA has no kernels for a GPU";
  have_gpus(2);
  machine_->driver["1.hang_after"] = "500";
  EXPECT_EQ(accept("--timeout 10"), 5) << err_;
  EXPECT_THAT(failed(1)["process"], HasSubstr("no answer within 10 s"));
  EXPECT_EQ(names(failed(0)), std::set<std::string>{}) << out_;
  EXPECT_THAT(outcomes(1, "not tested")["load.throttling"], HasSubstr("its process ended"));
}

TEST_F(AcceptServerTest, WithoutKernelsNothingIsAccepted) {
  have_gpus(1);
  machine_->driver["cc"] = "72";  // of no architecture that is built
  const int code = accept();
  EXPECT_TRUE(code == 77 || code == 5) << out_;
  EXPECT_EQ(names(outcomes(0, "passed")).count("sdc.f16"), 0u);
  EXPECT_NE(sheet_["verdict"]["word"], "ACCEPTED");
}

TEST_F(AcceptServerTest, WithoutAGpuItEndsAtOnce) {
  machine_->without_driver();
  machine_->remove("/sys/bus/pci");
  expect_refusal(77, "accept --sysroot '" + machine_->path("") + "'", "see: kernelgate check", clean_environment());
  expect_refusal(77, "accept --quick", "see: kernelgate check", clean_environment());
}

TEST_F(AcceptServerTest, BadWordsAreRefusedBeforeAnythingIsMeasured) {
  const std::string here = " --sysroot '" + machine_->path("") + "'";
  expect_refusal(1, "accept --gpu 7" + here, "CUDA shows 1 GPU", clean_environment());
  expect_refusal(1, "accept --out no/such/folder/x.json" + here, "can't be written", clean_environment());
  expect_refusal(1, "accept --against nothing.json" + here, "nothing.json", clean_environment());
  write("other.json", "{}");
  expect_refusal(1, "accept --against other.json" + here, "is no sheet of kernelgate accept", clean_environment());
}

}  // namespace
}  // namespace kernelgate
