// predict through the program: what it says, what it refuses, and the gate.

#include <algorithm>

#include "bench/commands/built_with_cuda_for_test.h"
#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class PredictCommand : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (!built_with_cuda) GTEST_SKIP() << "built without CUDA: there is no machine code";
    if (run("predict --op matmul --filter 256x256x256") == 77) GTEST_SKIP() << err_;
  }
};

TEST_F(PredictCommand, SaysThatItIsAPredictionAndHowWrongItMayBe) {
  EXPECT_EQ(run("predict --op matmul --filter 256x256x256"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("PREDICTED, not measured: NVIDIA H200"));
  EXPECT_THAT(out_, HasSubstr("worst 12 %, on kernels that nothing was fitted to"));
  if (run("predict --op matmul --filter 256x256x256 --gpu a100-sxm") == 77) {
    EXPECT_THAT(err_, HasSubstr("configure with -DKERNELGATE_CUDA_ARCHS=80")) << "as it is built without a GPU";
    return;
  }
  EXPECT_THAT(out_, HasSubstr("how wrong such figures are on this GPU is not known"));
  EXPECT_THAT(out_, HasSubstr("no prediction: the kernel is for sm90a alone"));
}

// Against what was measured: harness/predict/measured_test.cpp.
TEST_F(PredictCommand, GivesTimesAndWhatTheyAreOf) {
  ASSERT_EQ(run("predict --op matmul --filter 256x256x256/sm75_multistage --json"), 0) << err_;
  const json document = json::parse(out_);
  EXPECT_TRUE(document["predicted"]);
  ASSERT_EQ(document["cases"].size(), 1u);
  const json& one = document["cases"][0];
  EXPECT_GT(one["cold"]["predicted_s"], one["hot"]["predicted_s"]);
  EXPECT_GT(one["hot"]["predicted_s"].get<double>(), 3e-6);
  EXPECT_TRUE(one["error_known"]);
  EXPECT_EQ(one["hot"]["launches"][0]["blocks"], 16);
}

// The vendor's time over ours, for each case whose problem was measured; the rest has none.
TEST_F(PredictCommand, StandsBesideWhatTheVendorWasMeasuredToTake) {
  const std::string smoke = "predict --op matmul --unchecked --filter 256x256x256/sm75_multistage ";
  ASSERT_EQ(run(smoke), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("theirs was MEASURED on one NVIDIA H200"));
  EXPECT_THAT(out_, HasSubstr("matmul/sm75_multistage; cold: 1 problem, geometric mean 0."));
  ASSERT_EQ(run(smoke + "--json"), 0) << err_;
  const json document = json::parse(out_);
  const json& one = document["cases"][0];
  EXPECT_EQ(one["vendor"]["cold_s"], 4.16e-6);
  EXPECT_EQ(one["vendor"]["cold_by"], "cublaslt");
  EXPECT_NEAR(one["vendor"]["hot_ratio"].get<double>(), 4.06e-6 / one["hot"]["predicted_s"].get<double>(), 1e-9);
  EXPECT_EQ(document["vendor"]["summaries"][0]["cold"]["least_of"], one["name"]);
  EXPECT_EQ(document["vendor"]["measured"], "2026-11-27");
  ASSERT_EQ(run("predict --op matmul --unchecked --suite verify --filter 127x129x67/sm75_multistage"), 0) << err_;
  EXPECT_THAT(out_, ::testing::Not(HasSubstr("MEASURED on")));
}

TEST_F(PredictCommand, SaysWhereItHasNoGround) {
  EXPECT_EQ(run("predict --op mel"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("no prediction: "));
  EXPECT_THAT(out_, HasSubstr("depends on what memory holds"));
  expect_refusal(77, "predict --gpu rtx4090", "no prediction: nobody has measured how long a launch takes on it");
  expect_refusal(1, "predict --gpu h300", "no figures of a GPU called 'h300'; there are: a100-sxm, h100-sxm");
  expect_refusal(77, "predict --filter nothing", "no kernel of ours is in this selection");
}

TEST_F(PredictCommand, ExplainsAndTraces) {
  EXPECT_EQ(run("predict --explain --filter f16_nt/512x512x512/sm75_multistage --trace trace.json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("rounds: "));
  EXPECT_THAT(out_, HasSubstr("One round in the middle"));
  EXPECT_THAT(out_, HasSubstr("HMMA.16816.F32"));
  const json trace = read_json_file("trace.json");
  EXPECT_TRUE(trace["otherData"]["predicted"]);
  EXPECT_GT(trace["traceEvents"].size(), 1000u);
  EXPECT_EQ(run("predict --op matmul --trace trace.json"), 1);
  EXPECT_THAT(err_, HasSubstr("--trace shows one launch"));
}

// Never measured: what must hold is that the machine code does what the host executor does, and the order of things.
TEST_F(PredictCommand, KernelsWithTmaAndWgmmaAreReplayed) {
  ASSERT_EQ(run("predict --op matmul --filter 512x512x512/sm90a --json"), 0) << err_;
  const json document = json::parse(out_);
  if (document["cases"].empty() || document["cases"][0].contains("no_ground"))
    GTEST_SKIP() << "built for other architectures";
  for (const json& one : document["cases"]) {
    EXPECT_TRUE(one["checked"]) << one["name"];
    EXPECT_FALSE(one["error_known"]) << one["name"];
    EXPECT_GT(one["hot"]["predicted_s"].get<double>(), 3e-6) << one["name"];
    EXPECT_LT(one["hot"]["predicted_s"].get<double>(), 15e-6) << one["name"];
    EXPECT_GE(one["cold"]["predicted_s"], one["hot"]["predicted_s"]) << one["name"];
  }
}

// A whole network as one graph: its kernels' times, the longer of two branches, and one launch.
TEST_F(PredictCommand, AddsUpTheKernelsOfAGraph) {
  ASSERT_EQ(run("predict --op pipeline --suite verify --filter pixels:12_narrow:4 --unchecked --json"), 0) << err_;
  const json document = json::parse(out_);
  ASSERT_EQ(document["cases"].size(), 1u);
  const json& one = document["cases"][0];
  ASSERT_TRUE(one.contains("parts")) << one;
  double branches[3] = {};
  int predicted = 0;
  for (const json& part : one["parts"]) {
    if (part.contains("no_ground")) {
      EXPECT_EQ(part["name"], "mel") << part;
      continue;
    }
    EXPECT_GT(part["hot_s"].get<double>(), 1e-6) << part;
    branches[part["branch"].get<int>()] += part["hot_s"].get<double>();
    ++predicted;
  }
  EXPECT_EQ(predicted, 34) << "without mel's";
  const double launch = one["hot"]["predicted_s"].get<double>() - std::max(branches[0], branches[1]) - branches[2];
  EXPECT_GT(launch, 2e-6);
  EXPECT_LT(launch, 4e-6);
  for (const double branch : branches) EXPECT_GT(branch, 1e-5);
}

TEST_F(PredictCommand, RanksTilePolicies) {
  ASSERT_EQ(run("predict --sweep --unchecked --filter 512x512x512/sm75_multistage"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("PREDICTED, not measured"));
  EXPECT_THAT(out_, HasSubstr("* 64x64x32, 4 stages"));
  ASSERT_EQ(run("predict --sweep --unchecked --filter 512x512x512/sm75_multistage --json"), 0) << err_;
  const json policies = json::parse(out_)["cases"][0]["policies"];
  ASSERT_EQ(policies.size(), 2u);
  EXPECT_TRUE(policies[0]["chosen"]);
  EXPECT_LT(policies[0]["hot_s"], policies[1]["hot_s"]);
  expect_refusal(77, "predict --sweep --op mel", "no kernel with more than one tile policy");
}

TEST_F(PredictCommand, WhatIsSlowerThanAcceptedIsARegression) {
  const std::string smoke = "predict --suite smoke --baselines stored ";
  EXPECT_EQ(run(smoke + "--changes --filter 256"), 0);
  EXPECT_THAT(out_, HasSubstr("NO_BASELINE"));
  expect_refusal(1, smoke + "--accept --allow-dirty", "a reason is needed");
  expect_refusal(1, smoke + "--accept --allow-dirty --reason x --filter 256", "--accept takes a whole suite");
  ASSERT_EQ(run(smoke + "--accept --allow-dirty --reason first"), 0) << err_;
  EXPECT_EQ(run(smoke + "--changes --strict"), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("h200-sxm: SAME"));
  // As if the kernel had been 5 % faster, with all that in its longest loop.
  json document = read_json_file("stored/predict/h200-sxm.json");
  for (json& time : document["times"])
    if (time["case"].get<std::string>().find("512x512x512/sm75_multistage") != std::string::npos) {
      time["hot_s"] = time["hot_s"].get<double>() * 0.95;
      json& cycles = time["parts"][0]["cycles"]["instruction issue"];
      cycles = cycles.get<double>() * 0.8;
    }
  write("stored/predict/h200-sxm.json", document.dump());
  // The others were found to be the same above.
  const std::string that_one = smoke + "--changes --filter 512x512x512/sm75_multistage";
  EXPECT_EQ(run(that_one), 3);
  EXPECT_THAT(out_, HasSubstr("REGRESSED"));
  EXPECT_THAT(out_, HasSubstr("512x512x512/sm75_multistage hot: predicted +5.3 %: the loop of"));
  EXPECT_THAT(out_, HasSubstr("instruction issue +"));
  document["nvcc"] = "1.0";
  write("stored/predict/h200-sxm.json", document.dump());
  EXPECT_EQ(run(that_one), 0);
  EXPECT_THAT(out_, HasSubstr("NOT_COMPARABLE"));
}

}  // namespace
}  // namespace kernelgate
