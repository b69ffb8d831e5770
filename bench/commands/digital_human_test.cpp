// Suite digital-human through the program: its case, and what it says of it.

#include "bench/commands/program_for_test.h"

namespace kernelgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class DigitalHuman : public ProgramTest {};

TEST_F(DigitalHuman, AnswersEachClaimOnTheCpu) {
  ASSERT_EQ(run("run --device cpu --suite digital-human --benchmark_filter=n:1/ --benchmark_min_time=0.1 --runs 1 "
                "--baselines none --out a.json --json"),
            0)
      << err_;
  const auto said = nlohmann::json::parse(out_)["digital_human"];
  ASSERT_EQ(said["cpu"].size(), 1u) << said;
  EXPECT_EQ(said["cpu"][0]["frames"], 1);
  EXPECT_NEAR(said["cpu"][0]["seconds"].get<double>() * said["cpu"][0]["frames_per_second"].get<double>(), 1, 1e-6);
  EXPECT_TRUE(said["gpu"].empty());
  EXPECT_TRUE(said["gpu_cold_start"].is_null());
  EXPECT_GT(said["cpu_cold_start"]["first_frame_s"], said["cpu_cold_start"]["warm_s"]);
  ASSERT_EQ(said["claims"].size(), 4u);
  EXPECT_THAT(said["claims"][0]["answer"].get<std::string>(), StartsWith("Not measured here: the CPU was asked for."));
  EXPECT_EQ(said["tiles_4k"].size(), 7u);
  EXPECT_THAT(err_, HasSubstr("A GPU makes a minute of video more than 6 times faster."));
}

}  // namespace
}  // namespace kernelgate
